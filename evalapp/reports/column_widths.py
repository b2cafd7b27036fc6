"""Widths of a table's columns, measured with the report's own fonts.

The layout engine would find widths by setting every cell several times over; told the widths, it is done sooner, and tables of the
same shape line up from page to page.
"""

from __future__ import annotations

from collections.abc import Sequence

from evalapp.charts.lettering import widest, width
from evalapp.charts.tokens import TEXT_WIDTH, TypeStyle, Weight
from evalapp.reports.content import DataTable

CELL = TypeStyle(8.8)
HEAD = TypeStyle(8.8, Weight.SEMIBOLD)
GAP = 10.0
LEAST_STUB = 0.16
MOST_STUB = 0.42
PROSE_STUB = 0.32
ONE_LINE = 62.0


def column_widths(table: DataTable) -> tuple[float, ...]:
    """Return the shares of the text width of the row labels and of every column; they sum to 1."""
    labels = [row.label for row in table.rows if row.kind != "group"]
    stub = min(widest([table.stub, *labels], HEAD) + 2, (PROSE_STUB if table.texts else MOST_STUB) * TEXT_WIDTH)
    needs = _needs(table, ONE_LINE)
    if stub + sum(needs) > TEXT_WIDTH:
        needs = _needs(table, 0)
    spare = TEXT_WIDTH - stub - sum(needs)
    if spare < 0:
        return _shares([max(stub + spare, LEAST_STUB * TEXT_WIDTH), *needs])
    wanting = [not table.texts or i in table.texts for i in range(len(needs))]
    return _shares([stub, *(need + spare * wants / sum(wanting) for need, wants in zip(needs, wanting, strict=True))])


def _needs(table: DataTable, one_line: float) -> list[float]:
    return [_text_need(table, i) if i in table.texts else _need(table, i, one_line) for i in range(len(table.columns))]


def _need(table: DataTable, column: int, one_line: float) -> float:
    """Room for the widest cell, and for the heading: on one line up to `one_line` points, beyond that broken between words."""
    cells = [row.cells[column] for row in table.rows if row.cells]
    bold = [row.cells[column].text for row in table.rows if row.cells and row.kind == "total"]
    marks = max((len(cell.marks) for cell in cells), default=0)
    body = max(widest([t for cell in cells for t in (cell.text, cell.below)], CELL), widest(bold, HEAD)) + 4 * marks
    heading = table.columns[column]
    return max(body, widest(heading.split(), HEAD), min(width(heading, HEAD), one_line)) + GAP


def _text_need(table: DataTable, column: int) -> float:
    """Room for short prose on one line; long prose starts from a third of the page and shares what is left."""
    lengths = [width(row.cells[column].text, CELL) for row in table.rows if row.cells]
    return max(widest(table.columns[column].split(), HEAD), min(max(lengths, default=0), 0.3 * TEXT_WIDTH)) + GAP


def _shares(widths: Sequence[float]) -> tuple[float, ...]:
    return tuple(w / sum(widths) for w in widths)
