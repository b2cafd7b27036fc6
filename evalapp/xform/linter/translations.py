"""Texts that are there in one language and missing in another: a respondent would see a blank."""

from __future__ import annotations

from collections.abc import Iterator

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import plain_column, survey_rows
from evalapp.xform.model.form import UNNAMED_LANGUAGE
from evalapp.xform.reading.sheets import Book

MEDIA = {"image", "big-image", "audio", "video"}
TRANSLATED = {"label", "hint", "guidance_hint", "constraint_message", "required_message"}


def check_translations(book: Book) -> Iterator[FormFault]:
    """Yield every text that is missing in a language of the form. What is not translated is shown in the default language."""
    yield from _pictures_alone(book)
    texts = {sheet: _texts(book, sheet) for sheet in ("survey", "choices")}
    languages = list(dict.fromkeys(language for found in texts.values() for by in found.values() for language in by))
    named = [language for language in languages if language]
    if not named:
        return
    default, known = _default(book, texts["survey"].get("label", {}), named)
    if not known:
        message = N_("The default language must be one of those of the labels: %(languages)s.")
        yield FormFault(message, {"languages": ", ".join(named)}, "settings", 2, "default_language")
        return
    if default == named[0] and default != _chosen(book):
        message = N_("The settings name no default language. It is %(language)s, the first of the labels.")
        yield FormFault(message, {"language": default}, "settings", 2, "default_language", "warning")
    for sheet, found in texts.items():
        for text, columns in found.items():
            yield from _without_language(sheet, text, columns, default)
            if set(columns) == {""}:
                continue
            every = dict.fromkeys((default, *named), "") | {language or default: column for language, column in columns.items()}
            yield from _missing(book, sheet, text, every, default)


def _pictures_alone(book: Book) -> Iterator[FormFault]:
    """Yield what has a picture or a sound in the place of words: these are not shown here. Choices that nobody is offered may."""
    used = {row.choices.removesuffix(" or_other").strip() for row in survey_rows(book)}
    for sheet in ("survey", "choices"):
        for row in book.sheet(sheet).rows:
            said = {plain_column(column).removeprefix("media::").partition("::")[0] for column in row.cells}
            listed = row.cells.get("list_name", row.cells.get("list name", ""))
            if said & MEDIA and not said & {"label", "hint"} and (sheet == "survey" or listed in used):
                yield FormFault(
                    N_("There is a picture or a sound, but no label. Write it in words, too."), {}, sheet, row.number, "label"
                )


def _chosen(book: Book) -> str:
    rows = book.sheet("settings").rows
    return rows[0].cells.get("default_language", "") if rows else ""


def _default(book: Book, labels: dict[str, str], named: list[str]) -> tuple[str, bool]:
    """Return the default language, and whether it is one of the form: labels in a column that names none are written in it."""
    chosen = _chosen(book)
    if "" in labels:
        return chosen or UNNAMED_LANGUAGE, True
    return chosen or named[0], not chosen or chosen in named


def _texts(book: Book, sheet: str) -> dict[str, dict[str, str]]:
    """Return the columns of each text by language; "" is a column that names none."""
    found: dict[str, dict[str, str]] = {}
    for column in book.sheet(sheet).columns:
        name = plain_column(column)
        if name in TRANSLATED:
            language = column.partition("::")[2].strip() if "::" in column and not column.lower().startswith("bind") else ""
            found.setdefault(name, {})[language] = column
    return found


def _without_language(sheet: str, text: str, columns: dict[str, str], default: str) -> Iterator[FormFault]:
    if "" in columns and default in columns:
        message = N_("The column names no language, though the form has several. Write it as %(text)s::한국어 (ko), and so on.")
        yield FormFault(message, {"text": text}, sheet, 1, columns[""])
    elif set(columns) == {""}:
        message = N_("The column names no language: its texts are shown in all of them.")
        yield FormFault(message, {}, sheet, 1, columns[""], "warning")


def _missing(book: Book, sheet: str, text: str, columns: dict[str, str], default: str) -> Iterator[FormFault]:
    for row in book.sheet(sheet).rows:
        there = [language for language, column in columns.items() if row.cells.get(column)]
        if not there:
            continue
        for language, column in columns.items():
            if language not in there:
                yield _untranslated(text, language, default, (sheet, row.number, column or f"{text}::{language}"))


def _untranslated(text: str, language: str, default: str, place: tuple[str, int, str]) -> FormFault:
    if language == default:
        message = N_("The %(text)s is missing in the language %(language)s. Write it.")
        return FormFault(message, {"text": text, "language": language}, *place)
    message = N_("The %(text)s is missing in the language %(language)s. It is shown in %(default)s instead.")
    return FormFault(message, {"text": text, "language": language, "default": default}, *place, "warning")
