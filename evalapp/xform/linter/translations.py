"""Texts that are there in one language and missing in another: a respondent would see a blank."""

from __future__ import annotations

from collections.abc import Iterator

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import plain_column
from evalapp.xform.reading.sheets import Book

TRANSLATED = {"label", "hint", "guidance_hint", "constraint_message", "required_message"}


def check_translations(book: Book) -> Iterator[FormFault]:
    """Yield every text that is missing in a language of the form."""
    texts = {sheet: _texts(book, sheet) for sheet in ("survey", "choices")}
    languages = list(dict.fromkeys(language for found in texts.values() for by in found.values() for language in by))
    named = [language for language in languages if language]
    if not named:
        return
    for sheet, found in texts.items():
        for text, columns in found.items():
            yield from _without_language(sheet, text, columns)
            yield from _missing(book, sheet, text, {language: columns.get(language, "") for language in named})
    rows = book.sheet("settings").rows
    chosen = rows[0].cells.get("default_language", "") if rows else ""
    if chosen not in named:
        message = N_("The default language must be one of those of the labels: %(languages)s.")
        yield FormFault(message, {"languages": ", ".join(named)}, "settings", 2, "default_language")


def _texts(book: Book, sheet: str) -> dict[str, dict[str, str]]:
    """Return the columns of each text by language; "" is a column that names none."""
    found: dict[str, dict[str, str]] = {}
    for column in book.sheet(sheet).columns:
        name = plain_column(column)
        if name in TRANSLATED:
            language = column.partition("::")[2].strip() if "::" in column and not column.lower().startswith("bind") else ""
            found.setdefault(name, {})[language] = column
    return found


def _without_language(sheet: str, text: str, columns: dict[str, str]) -> Iterator[FormFault]:
    if "" in columns:
        message = N_("The column names no language, though the form has several. Write it as %(text)s::한국어 (ko), and so on.")
        yield FormFault(message, {"text": text}, sheet, 1, columns[""])


def _missing(book: Book, sheet: str, text: str, columns: dict[str, str]) -> Iterator[FormFault]:
    for row in book.sheet(sheet).rows:
        there = [language for language, column in columns.items() if row.cells.get(column)]
        if not there:
            continue
        for language, column in columns.items():
            if language not in there:
                message = N_("The %(text)s is missing in the language %(language)s. Write it.")
                yield FormFault(message, {"text": text, "language": language}, sheet, row.number, column or f"{text}::{language}")
