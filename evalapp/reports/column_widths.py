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
GAP = 9.0
LEAST_STUB = 0.16
MOST_STUB = 0.42


def column_widths(table: DataTable) -> tuple[float, ...]:
    """Return the shares of the text width of the row labels and of every column; they sum to 1."""
    needs = [_text_need(table, i) if i in table.texts else _need(table, i) for i in range(len(table.columns))]
    labels = [row.label for row in table.rows if row.kind != "group"]
    stub = min(widest([table.stub, *labels], HEAD) + 2, MOST_STUB * TEXT_WIDTH)
    spare = TEXT_WIDTH - stub - sum(needs)
    if spare < 0 and not table.texts:
        return _shares([max(stub + spare, LEAST_STUB * TEXT_WIDTH), *needs])
    wanting = [i in table.texts for i in range(len(needs))] if table.texts else [True] * len(needs)
    return _shares([stub, *(need + spare * wants / sum(wanting) for need, wants in zip(needs, wanting, strict=True))])


def _need(table: DataTable, column: int) -> float:
    """Room for the widest cell on one line and for the heading on two."""
    cells = [row.cells[column] for row in table.rows if row.cells]
    bold = [row.cells[column].text for row in table.rows if row.cells and row.kind == "total"]
    marks = max((len(cell.marks) for cell in cells), default=0)
    body = max(widest([t for cell in cells for t in (cell.text, cell.below)], CELL), widest(bold, HEAD)) + 4 * marks
    heading = table.columns[column]
    return max(body, widest(heading.split(), HEAD), min(width(heading, HEAD), 62.0)) + GAP


def _text_need(table: DataTable, column: int) -> float:
    """Room for short prose on one line; long prose starts from a third of the page and shares what is left."""
    lengths = [width(row.cells[column].text, CELL) for row in table.rows if row.cells]
    return max(widest(table.columns[column].split(), HEAD), min(max(lengths, default=0), 0.3 * TEXT_WIDTH)) + GAP


def _shares(widths: Sequence[float]) -> tuple[float, ...]:
    return tuple(w / sum(widths) for w in widths)
