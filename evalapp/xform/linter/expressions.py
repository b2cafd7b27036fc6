"""Conditions and calculations: whether they can be read, and whether they mean what was meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from evalapp.xform.faults import N_, FormError, FormFault
from evalapp.xform.linter.survey_rows import SurveyRow, survey_rows
from evalapp.xform.reading.sheets import Book
from evalapp.xform.xpath.dates import DATE
from evalapp.xform.xpath.evaluator import compiled
from evalapp.xform.xpath.parser import WITHIN, parse
from evalapp.xform.xpath.regular import compiled_pattern
from evalapp.xform.xpath.syntax import Call, Expression, Literal_, Operation, Path, parts

REFERENCE = re.compile(r"\$\{\s*(?:last-saved#)?([^}\s]*)\s*\}")
QUOTES = str.maketrans("‘’“”", "''\"\"")  # the compiler turns them round
CONDITIONS = ("relevant", "constraint", "calculation", "required", "readonly", "repeat_count", "choice_filter")
YES_NO = {"yes", "no", "true", "false"}
UNKNOWN_TO_COLLECT = {"last", "floor", "ceiling"}
ORDERS = {"<", "<=", ">", ">="}
WITH_REFERENCES = (*CONDITIONS, "label", "hint", "guidance_hint", "default", "trigger", "constraint_message", "required_message")


@dataclass(frozen=True)
class Cell:
    """One cell that holds an expression."""

    sheet: str
    row: int
    column: str
    text: str
    name: str

    def fault(self, text: str, /, **facts: object) -> FormFault:
        """Return a fault at this cell."""
        return FormFault(text, facts, self.sheet, self.row, self.column)


def check_expressions(book: Book) -> Iterator[FormFault]:
    """Yield what is wrong with the expressions of a form."""
    rows = list(survey_rows(book))
    names = {row.name for row in rows}
    columns = choice_columns(book)
    for row in rows:
        yield from _references(row, names)
        for cell in _cells(row):
            yield from _expression(cell, columns.get(row.choices.removesuffix(" or_other").strip(), set()))
    for setting in book.sheet("settings").rows:
        if text := setting.cells.get("instance_name"):
            yield from _expression(Cell("settings", setting.number, "instance_name", text, "instance_name"), set())


def choice_columns(book: Book) -> dict[str, set[str]]:
    """Return the columns that a filter may use, by list of choices."""
    every = {column for column in book.sheet("choices").columns if column}
    return {row.cells.get("list_name", row.cells.get("list name", "")): every for row in book.sheet("choices").rows}


def _references(row: SurveyRow, names: set[str]) -> Iterator[FormFault]:
    for column in WITH_REFERENCES:
        if "last-saved#" in row.cells.get(column, ""):
            message = N_("Answers saved before on a device (last-saved) are not known here: they count as empty.")
            yield FormFault(message, {}, "survey", row.number, row.columns[column], "warning")
        for name in REFERENCE.findall(row.cells.get(column, "")):
            if name not in names:
                message = N_("There is no question called “%(name)s” in the survey.")
                yield FormFault(message, {"name": name}, "survey", row.number, row.columns[column])


def _cells(row: SurveyRow) -> Iterator[Cell]:
    for column in CONDITIONS:
        text = row.cells.get(column, "")
        plain_answer = column in ("required", "readonly") and text.lower() in YES_NO
        if text and not plain_answer:
            yield Cell("survey", row.number, row.columns[column], text.translate(QUOTES), column)


def in_place(text: str) -> str:
    """Return an expression with a path of the same length for every ${name}, so that places in it stay the same."""
    return REFERENCE.sub(lambda found: "/" + "x" * (len(found[0]) - 1), text)


def _expression(cell: Cell, columns: Mapping[str, object] | set[str]) -> Iterator[FormFault]:
    try:
        text = in_place(cell.text)
        tree = parse(text)
        compiled(text)
    except FormError as error:
        yield cell.fault(error.text, **error.facts)
        return
    for part in parts(tree):
        yield from _pattern(part, cell)
        yield from _bare_date(part, cell)
        yield from _beyond_collect(part, cell)
    yield from _bare_names(tree, cell, columns)


def _pattern(part: Expression, cell: Cell) -> Iterator[FormFault]:
    if isinstance(part, Call) and part.name == "regex" and isinstance(part.arguments[1], Literal_):
        try:
            compiled_pattern(str(part.arguments[1].value))
        except FormError as error:
            yield cell.fault(error.text, **error.facts)


def _beyond_collect(part: Expression, cell: Cell) -> Iterator[FormFault]:
    """Yield what Enketo and we know and ODK Collect does not."""
    used = f"{part.name}()" if isinstance(part, Call) and part.name in UNKNOWN_TO_COLLECT else ""
    if isinstance(part, Path) and WITHIN in part.steps:
        used = "//"
    if used:
        message = N_("ODK Collect does not know %(used)s: on devices with it, this form cannot be filled in.")
        yield replace(cell.fault(message, used=used), severity="warning")


def _bare_date(part: Expression, cell: Cell) -> Iterator[FormFault]:
    if not isinstance(part, Operation) or part.operator not in ORDERS:
        return
    for side in (part.left, part.right):
        if isinstance(side, Literal_) and isinstance(side.value, str) and DATE.fullmatch(side.value):
            message = N_("“%(date)s” is text here, which is never before or after a date. Write date('%(date)s').")
            yield cell.fault(message, date=side.value)


def _bare_names(tree: Expression, cell: Cell, columns: Mapping[str, object] | set[str]) -> Iterator[FormFault]:
    """Yield names that stand without ${}: outside a filter of choices they lead nowhere."""
    for path in _outside_predicates(tree):
        name = path.steps[0].name if path.start == "here" and path.steps and path.steps[0].axis == "child" else ""
        if not name or name == "*":
            continue
        if cell.name == "choice_filter":
            if columns and name not in columns:
                message = N_("The choices have no column “%(name)s” to filter by. Add it, or mend the name.")
                yield cell.fault(message, name=name)
        elif cell.name in ("required", "readonly") and cell.text == name:
            yield cell.fault(N_("“%(text)s” is neither yes nor no nor a condition. Write yes or no."), text=cell.text)
        else:
            message = N_("“%(name)s” stands alone. Write ${name} for an answer, and 'name' in quotes for a choice or a text.")
            yield cell.fault(message, name=name)


def _outside_predicates(tree: Expression) -> Iterator[Path]:
    bare = replace(tree, steps=tuple(replace(step, predicates=()) for step in tree.steps)) if isinstance(tree, Path) else tree
    if isinstance(bare, Path):
        yield bare
    elif isinstance(bare, Operation):
        yield from _outside_predicates(bare.left)
        yield from _outside_predicates(bare.right)
    elif isinstance(bare, Call):
        for argument in bare.arguments:
            yield from _outside_predicates(argument)
    elif not isinstance(bare, Literal_):
        yield from _outside_predicates(bare.operand)
