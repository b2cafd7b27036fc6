"""Our own facts about questions, in the sheet x_items."""

from __future__ import annotations

from collections.abc import Iterator

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import survey_rows
from evalapp.xform.reading.sheets import Book, Row


def check_items(book: Book) -> Iterator[FormFault]:
    """Yield facts about questions that are not there, or that contradict themselves."""
    asked = {row.name for row in survey_rows(book)}
    seen: dict[str, int] = {}
    for row in book.sheet("x_items").rows:
        name = row.cells.get("name", "")
        if name not in asked:
            message = N_("There is no question called “%(name)s” in the survey.")
            yield FormFault(message, {"name": name}, "x_items", row.number, "name")
        if name in seen:
            message = N_("The question “%(name)s” is described in row %(row)s already.")
            yield FormFault(message, {"name": name, "row": seen[name]}, "x_items", row.number, "name")
        seen.setdefault(name, row.number)
        yield from _range(row)


def _range(row: Row) -> Iterator[FormFault]:
    bounds = []
    for column in ("min", "max"):
        try:
            bounds.append(float(row.cells[column]) if column in row.cells else None)
        except ValueError:
            yield FormFault(N_("“%(text)s” is not a number."), {"text": row.cells[column]}, "x_items", row.number, column)
            return
    low, high = bounds
    if low is not None and high is not None and low > high:
        yield FormFault(N_("The least value is above the most. Exchange them."), sheet="x_items", row=row.number, column="min")
