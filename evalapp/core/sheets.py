"""A table as text: one header, rows of equal width, each with the number a spreadsheet shows beside it."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from evalapp.core.errors import RefusedFile
from evalapp.core.faults import FaultLog, refuse, shown, shown_header
from evalapp.core.language import Message

MOST_ROWS = 100_000
MOST_EMPTY_ROWS = 10_000
LAST_ROW = 1_048_576
MOST_COLUMNS = 1_000
LONGEST_CELL = 32_767
NUMERIC = re.compile(r"[+-]?[\d.,]+")


class SheetRow(NamedTuple):
    """One row of a sheet: its 1-based number in the file, the header being row 1, and its cells as clean text."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A table of text. `name` is None for a CSV file; every row has as many cells as the header; empty rows are left out."""

    name: str | None
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    notices: tuple[Message, ...] = ()


def build_sheet(
    name: str | None, records: Iterable[list[str]], notices: tuple[Message, ...] = (), *, rows_needed: bool = True
) -> Sheet | None:
    """Turn the records of a file into a sheet, or refuse them with every fault of their shape; None where all cells are empty."""
    numbered = _filled(name, records)
    first = next(numbered, None)
    if first is None:
        return None
    faults = FaultLog(name)
    header = first.cells
    if first.number > 1:
        faults.add(Message("The column names must stand in row 1. Delete the empty rows above them."), row=1)
    _check_header(header, faults)
    rows = tuple(_of_width(row, header, faults) for row in islice(numbered, MOST_ROWS))
    if next(numbered, None) is not None:
        raise refuse(Message("The table has more than %(most)s rows. Split the file.", most=f"{MOST_ROWS:,}"), sheet=name)
    if rows_needed and not rows:
        faults.add(Message("The table has column names but no rows below them. Add at least one row."), row=2)
    faults.refuse_if_any()
    return Sheet(name, header, rows, notices)


def _filled(name: str | None, records: Iterable[list[str]]) -> Iterator[SheetRow]:
    last = 0
    for number, record in enumerate(records, start=1):
        if len(record) > MOST_COLUMNS:
            raise refuse_wide_row(number, name)
        cells = [clean_text(cell) for cell in record]
        # Spreadsheets save formatted but empty columns as empty cells at the right.
        while cells and not cells[-1]:
            cells.pop()
        if number > LAST_ROW or (cells and number - last > MOST_EMPTY_ROWS + 1):
            raise refuse(Message("A long run of empty rows stands above this row. Delete the empty rows."), row=number, sheet=name)
        if cells:
            last = number
            yield SheetRow(number, (*cells, *[""] * (len(record) - len(cells))) if number > 1 else tuple(cells))


def refuse_wide_row(number: int, name: str | None) -> RefusedFile:
    """Return the refusal of a sheet for a row of too many cells."""
    message = Message("The row has more than %(most)s cells. Remove the columns that are not needed.", most=f"{MOST_COLUMNS:,}")
    return refuse(message, row=number, sheet=name)


def clean_text(text: str) -> str:
    """Return a text composed (NFC: one code point for each Hangul syllable) and without spaces around it."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text).strip()


def _check_header(header: tuple[str, ...], faults: FaultLog) -> None:
    for position, cell in enumerate(header, start=1):
        if not cell:
            faults.add(Message("Column %(position)s has no name. Name it or delete it.", position=position), row=1)
        elif NUMERIC.fullmatch(cell):
            message = Message(
                "“%(cell)s” is a number, not a column name. The first row must hold the column names.", cell=shown(cell)
            )
            faults.add(message, row=1)
        elif len(cell) > LONGEST_CELL:
            faults.add(Message("The name of column %(position)s is too long.", position=position), row=1)
    for cell, count in Counter(filter(None, header)).items():
        if count > 1:
            message = Message("%(count)s columns are called “%(cell)s”. Keep one.", count=count, cell=shown_header(cell))
            faults.add(message, row=1, column=shown_header(cell))


def _of_width(row: SheetRow, header: tuple[str, ...], faults: FaultLog) -> SheetRow:
    cells = row.cells[: len(header)]
    if any(row.cells[len(header) :]) or len(cells) < len(header):
        message = Message(
            "The row has %(cells)s cells, but there are %(columns)s column names. Check for a missing or spare separator.",
            cells=len(row.cells),
            columns=len(header),
        )
        faults.add(message, row=row.number)
    if max(map(len, cells), default=0) > LONGEST_CELL:
        long = next(name for name, cell in zip(header, cells, strict=False) if len(cell) > LONGEST_CELL)
        message = Message("The cell holds more than %(most)s characters. Shorten it.", most=f"{LONGEST_CELL:,}")
        faults.add(message, row=row.number, column=shown_header(long))
    return SheetRow(row.number, cells)
