"""Columns and sheets whose names are misspelt: the compiler passes over them without a word."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import ALIASES, plain_column
from evalapp.xform.reading.archive import SHEETS
from evalapp.xform.reading.sheets import Book

SURVEY = {
    "type", "name", "label", "hint", "guidance_hint", "required", "required_message", "relevant", "constraint", "constraint_message",
    "calculation", "appearance", "default", "readonly", "repeat_count", "choice_filter", "trigger", "parameters", "image", "big-image",
    "audio", "video", "media", "autoplay", "rows", "body", "bind", "control", "instance", "disabled", "save_to", "intent", "note",
    "comment", "comments", "no_app_error_string", "noapperrorstring", "buttontext",
}  # fmt: skip
CHOICES = {"list_name", "name", "label", "image", "big-image", "audio", "video", "media", "geometry"}
SETTINGS = {
    "form_title", "form_id", "version", "instance_name", "default_language", "public_key", "submission_url", "style", "name",
    "allow_choice_duplicates", "auto_send", "auto_delete", "namespaces", "instance_xmlns", "client_editable", "clean_text_values",
    "sms_keyword", "sms_separator", "prefix", "delimiter", "id_string", "title",
}  # fmt: skip
ITEMS = {"name", "scale", "reverse", "min", "max", "sensitivity", "sdc_class", "construct", "unit", "min_items"}
KNOWN = {"survey": SURVEY, "choices": CHOICES, "settings": SETTINGS, "x_items": ITEMS}
FREE_PREFIXES = ("bind::", "body::", "instance::", "control::", "media::", "x_", "$", "kobo--", "hxl")
CLOSE = 0.75  # a slip or two in a word; farther words are columns of the author's own


def check_columns(book: Book) -> Iterator[FormFault]:
    """Yield columns and sheets that look like slips of a known name, and survey columns that mean nothing."""
    if "survey" not in book.sheets:
        close = get_close_matches("survey", [name.lower() for name in book.names], 1, CLOSE)
        message = N_("There is no sheet “survey”. Give the sheet with the questions that name.")
        yield FormFault(message, sheet=next((name for name in book.names if name.lower() in close), None))
        return
    yield from _sheets(book)
    for name, known in KNOWN.items():
        for column in book.sheet(name).columns:
            yield from _column(name, column, known)


def _sheets(book: Book) -> Iterator[FormFault]:
    for name in book.names:
        if name.lower().strip() in SHEETS or name.startswith("_"):
            continue
        close = [each for each in get_close_matches(name.lower(), SHEETS, 1, CLOSE) if each not in book.sheets]
        if close:
            message = N_("The sheet “%(name)s” is not read. Is it meant to be “%(meant)s”?")
            yield FormFault(message, {"name": name, "meant": close[0]}, name)


def _column(sheet: str, column: str, known: set[str]) -> Iterator[FormFault]:
    plain = plain_column(column)
    if not column or plain in known or column.lower().startswith(FREE_PREFIXES):
        return
    first = plain.partition(":")[0]
    # Further columns of the choices are for filters; only a slip of the pen is a fault there.
    meant = get_close_matches(first, [*known, *(ALIASES if sheet == "survey" else ())], 1, CLOSE)
    facts = {"column": column, "meant": meant[0] if meant else ""}
    if meant and not (sheet == "choices" and first in {"order", "image_url"}):
        yield FormFault(N_("The column “%(column)s” is not read. Is it meant to be “%(meant)s”?"), facts, sheet, 1, column)
    elif sheet == "survey" and first not in {"order", "label"}:
        message = N_("The column “%(column)s” means nothing in a form and is not read.")
        yield FormFault(message, facts, sheet, 1, column, "warning")
