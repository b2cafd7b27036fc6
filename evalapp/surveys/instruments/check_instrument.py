"""What a form must be beyond a form that works: a version that grows, variables a panel can hold, facts that can be used."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalapp.core.language import LANGUAGES
from evalapp.surveys.instruments.check_collected import check_collected
from evalapp.surveys.instruments.languages import language_code
from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import SurveyRow, plain_column, survey_rows
from evalapp.xform.reading.sheets import Book, Row

VERSION = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{2}")
LONGEST_CODE, LONGEST_VARIABLE = 40, 40
SENSITIVITIES = ("ordinary", "sensitive", "free_text", "identifier")
SDC_CLASSES = ("none", "quasi_identifier", "sensitive", "free_text", "direct_identifier")
ENTRIES = {"reverse": ("yes", "no"), "sensitivity": SENSITIVITIES, "sdc_class": SDC_CLASSES}
FACTS_OF_FILES = ("study_id", "answered_on", "mode", "state", "reason")
SCORED = ("integer", "decimal", "range", "select_one")
COMPARED = re.compile(
    r"\$\{(?P<name>\w+)\}\s*!?=\s*'(?P<choice>[^']*)'|selected\(\s*\$\{(?P<several>\w+)\}\s*,\s*'(?P<one>[^']*)'\s*\)"
)
# Rows that ask nothing: groups, notes and what a form notes by itself.
SILENT = ("note", "start", "end", "today", "deviceid", "username", "phonenumber", "email", "audit", "calculate", "hidden")


def check_instrument(book: Book) -> list[FormFault]:
    """Return what keeps a form from being an instrument, and what its author should know."""
    rows = [row for row in survey_rows(book) if not row.kind.startswith(("begin", "end_"))]
    checks = (
        _settings(book),
        _variables(rows),
        _languages(book),
        _comparisons(book, rows),
        check_collected(book, rows),
        _items(book, rows),
    )
    return [fault for check in checks for fault in check]


def _settings(book: Book) -> Iterator[FormFault]:
    cells, row = setting_cells(book)
    version, code = cells.get("version", ""), cells.get("form_id", "")
    if not VERSION.fullmatch(version):
        message = N_("“%(version)s” is not a version. Write a date and a running number, for example 2026090101.")
        yield FormFault(message, {"version": version}, "settings", row, "version")
    if len(code) > LONGEST_CODE:
        message = N_("The code of the form has more than %(most)s characters. Shorten it.")
        yield FormFault(message, {"most": LONGEST_CODE}, "settings", row, "form_id")


def setting_cells(book: Book) -> tuple[dict[str, str], int]:
    """Return the cells of the settings by plain column, and their row."""
    rows = book.sheet("settings").rows
    if not rows:
        return {}, 2
    cells = {column.lower().replace(" ", "_"): cell for column, cell in rows[0].cells.items()}
    return {"form_id": cells.get("id_string", ""), **cells}, rows[0].number


def _variables(rows: list[SurveyRow]) -> Iterator[FormFault]:
    """Yield names that a panel cannot hold: too long, or those of two questions in different groups."""
    seen: dict[str, SurveyRow] = {}
    for row in rows:
        if len(row.name) > LONGEST_VARIABLE:
            message = N_("The name has more than %(most)s characters. Shorten it: it is the variable's name in every file.")
            yield FormFault(message, {"most": LONGEST_VARIABLE}, "survey", row.number, "name")
        if row.name in FACTS_OF_FILES:
            message = N_("“%(name)s” is a column of every file of answers already. Give the question another name.")
            yield FormFault(message, {"name": row.name}, "survey", row.number, "name")
        earlier = seen.setdefault(row.name, row)
        if row.name and earlier.path != row.path:
            message = N_("The name “%(name)s” stands in row %(row)s already. Variables of one form must differ, in all its groups.")
            yield FormFault(message, {"name": row.name, "row": earlier.number}, "survey", row.number, "name")


def _languages(book: Book) -> Iterator[FormFault]:
    labels = [column for column in book.sheet("survey").columns if plain_column(column) == "label"]
    known = {language_code(column.partition("::")[2]) for column in labels}
    for language in LANGUAGES:
        if labels and language not in known:
            column = {"ko": "label::한국어 (ko)", "en": "label::English (en)"}[language]
            message = N_("The form is not written in this language; those who read it see the other. Add the column and its texts.")
            yield FormFault(message, {}, "survey", 1, column, "warning")


def _items(book: Book, rows: list[SurveyRow]) -> Iterator[FormFault]:
    kinds = {row.name: row.kind for row in rows}
    for row in book.sheet("x_items").rows:
        yield from _entries(row)
        if row.cells.get("scale") and kinds.get(row.cells.get("name", ""), "integer") not in SCORED:
            message = N_("Only a number or a choice between numbers can belong to a scale.")
            yield FormFault(message, {}, "x_items", row.number, "scale")
        if row.cells.get("reverse") == "yes" and not {"min", "max"} <= row.cells.keys():
            message = N_("A reversed item needs the least and the most of its answers. Fill in min and max.")
            yield FormFault(message, {}, "x_items", row.number, "reverse")
    described = {row.cells.get("name") for row in book.sheet("x_items").rows}
    unsaid = [row.name for row in rows if row.name and row.kind not in SILENT and row.name not in described]
    if unsaid:
        message = N_("Questions without a row here: %(names)s. Add one for each; until then they are treated as sensitive.")
        yield FormFault(message, {"names": ", ".join(unsaid)}, "x_items", None, None, "warning")


def _entries(row: Row) -> Iterator[FormFault]:
    for column, known in ENTRIES.items():
        if column in row.cells and row.cells[column] not in known:
            message = N_("“%(text)s” is not one of: %(known)s.")
            yield FormFault(message, {"text": row.cells[column], "known": ", ".join(known)}, "x_items", row.number, column)
    least = row.cells.get("min_items", "1")
    if not least.isdecimal() or not int(least):
        message = N_("“%(text)s” is not a count of items. Write how many must be answered for a score.")
        yield FormFault(message, {"text": least}, "x_items", row.number, "min_items")


def _comparisons(book: Book, rows: list[SurveyRow]) -> Iterator[FormFault]:
    """Yield comparisons with a choice that the question does not offer: they never hold, and what hangs on them is never asked."""
    lists: dict[str, set[str]] = {}
    for listed in book.sheet("choices").rows:
        lists.setdefault(listed.cells.get("list_name", ""), set()).add(listed.cells.get("name", ""))
    offered = {
        row.name: lists[row.choices] for row in rows if row.kind in ("select_one", "select_multiple") and row.choices in lists
    }
    for row in survey_rows(book):
        for column in ("relevant", "constraint", "calculation", "required"):
            for found in COMPARED.finditer(row.cells.get(column, "")):
                name, choice = found["name"] or found["several"], found["choice"] or found["one"] or ""
                if choice and name in offered and choice not in offered[name]:
                    message = N_("The question “%(name)s” has no choice “%(choice)s”: this never holds.")
                    yield FormFault(message, {"name": name, "choice": choice}, "survey", row.number, row.columns[column])
