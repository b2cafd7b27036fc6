"""A table pasted from a spreadsheet: tabs or commas, headings in Korean or English in any order, or none where the cells speak."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from evalapp.core.cells import BadCell
from evalapp.core.errors import AppError
from evalapp.core.faults import shown
from evalapp.core.language import Message
from evalapp.core.sheets import clean_text
from evalapp.people.registration.person_details import column_of
from evalapp.people.vault.check_identity import check_identity

MOST_PEOPLE = 500
MOST_CHARACTERS = 500_000
# What a column without a heading may hold, the surest first: most other texts would pass for a name.
RECOGNISED = ("registration_number", "phone", "email", "birth_date", "name")


class PastedRow(NamedTuple):
    """One row with its number in what was pasted, its cells by column, and the cells as they came."""

    number: int
    cells: dict[str, str]
    record: tuple[str, ...]


@dataclass(frozen=True)
class PastedTable:
    """The rows of a pasted table; `header` is its first row, or the names of the columns that were recognised."""

    header: tuple[str, ...]
    rows: tuple[PastedRow, ...]
    notices: tuple[Message, ...]


def read_pasted_table(text: str) -> PastedTable:
    """Read pasted text, or refuse it with the reason. A column with an unknown heading is left out, and a notice says so."""
    records = _records(text)
    if not records:
        raise AppError(Message("Nothing was pasted. Copy the rows in the spreadsheet and paste them here."))
    first = records[0][1]
    columns = [column_of(cell) for cell in first]
    header = first
    if any(columns):
        records = records[1:]
    else:
        header = _recognise([record for _, record in records])
        columns = list(header)
    _check(columns, records)
    unknown = [shown(name) for name, column in zip(header, columns, strict=True) if column is None and name]
    notices = [Message("These columns are not taken in: %(names)s.", names=", ".join(unknown))] if unknown else []
    return PastedTable(header, tuple(_row(number, record, columns) for number, record in records), tuple(notices))


def _records(text: str) -> list[tuple[int, tuple[str, ...]]]:
    if len(text) > MOST_CHARACTERS:
        raise AppError(Message("The text is too long. Paste at most %(most)s people at a time.", most=MOST_PEOPLE))
    plain = text.replace("\0", "").lstrip("\ufeff")
    delimiter = "\t" if "\t" in plain else ","
    records = []
    try:
        pasted = list(csv.reader(io.StringIO(plain, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise AppError(Message("The text is not a table. Copy the rows in the spreadsheet and paste them here.")) from error
    for number, record in enumerate(pasted, start=1):
        cells = [clean_text(cell) for cell in record]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            records.append((number, tuple(cells)))
    return records


def _check(columns: Sequence[str | None], records: Sequence[object]) -> None:
    named = [column for column in columns if column]
    twice = sorted({column for column in named if named.count(column) > 1})
    if twice:
        raise AppError(Message("Two columns mean the same: %(names)s. Delete one.", names=", ".join(twice)))
    if "name" not in named:
        raise AppError(Message("There is no column with names. Put headings in the first row, for example 이름, 연락처, 이메일."))
    if not records:
        raise AppError(Message("There are headings but no rows below them."))
    if len(records) > MOST_PEOPLE:
        raise AppError(
            Message("These are %(count)s people; paste at most %(most)s at a time.", count=len(records), most=MOST_PEOPLE)
        )


def _row(number: int, record: tuple[str, ...], columns: Sequence[str | None]) -> PastedRow:
    cells = {column: cell for column, cell in zip(columns, record, strict=False) if column}
    return PastedRow(number, cells, record)


def _recognise(records: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Tell columns without headings by their cells: most of them must read as what the column holds, and each is found once."""
    columns: list[str] = []
    for position in range(max(map(len, records))):
        cells = [record[position] for record in records if position < len(record) and record[position]]
        found = next((name for name in RECOGNISED if name not in columns and _most_read(name, cells)), None)
        if found is None:
            raise AppError(Message("Put headings in the first row, for example 이름, 연락처, 이메일: without them, column %(position)s "
                                   "cannot be told.", position=position + 1))  # fmt: skip
        columns.append(found)
    return tuple(columns)


def _most_read(column: str, cells: Sequence[str]) -> bool:
    def reads(cell: str) -> bool:
        try:
            check_identity(column, cell)
        except BadCell:
            return False
        return True

    return sum(map(reads, cells)) * 2 > len(cells)


def as_text(header: Sequence[str], records: Sequence[Sequence[str]]) -> str:
    """Return rows as they can be pasted again."""
    target = io.StringIO(newline="")
    csv.writer(target, delimiter="\t", lineterminator="\n").writerows([header, *records])
    return target.getvalue()
