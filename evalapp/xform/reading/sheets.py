"""The sheets of a form as text, with the row numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.archive import SHEETS, Kind

MOST_ROWS = 5_000
MOST_COLUMNS = 300
MOST_EMPTY_ROWS = 200  # behind these a sheet holds formats only
LONGEST_CELL = 32_767


@dataclass(frozen=True)
class Row:
    """One row: its number, and its cells that hold anything by column."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """A sheet: its columns in order and its rows."""

    name: str
    columns: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Book:
    """The sheets of a form by name, and the names of all sheets there are."""

    sheets: Mapping[str, Sheet]
    names: tuple[str, ...] = field(default=())

    def sheet(self, name: str) -> Sheet:
        """Return a sheet, an empty one where it is missing."""
        return self.sheets.get(name, Sheet(name))


def read_sheets(content: bytes, kind: Kind) -> Book:
    """Read the sheets of an archive that was checked. Meant for a process with limits: parsing is where hostile files strike."""
    records = dict(_workbook(content) if kind == "workbook" else _folder(content))
    known = {name.lower().strip(): rows for name, rows in records.items() if name.lower().strip() in SHEETS}
    left = MOST_ROWS
    sheets = {}
    for name, rows in known.items():
        sheets[name] = _sheet(name, rows, left)
        left -= len(sheets[name].rows)
    return Book(sheets, tuple(records))


def _workbook(content: bytes) -> Iterator[tuple[str, Iterator[Iterable[object]]]]:
    import openpyxl  # noqa: PLC0415 - only the process with limits opens workbooks

    _refuse_entities(content)
    book: Any = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for page in book.worksheets:
        page.reset_dimensions()  # the recorded size can lie
        yield str(page.title), page.iter_rows(values_only=True)


def _refuse_entities(content: bytes) -> None:
    """Refuse a workbook with a document type: entities can name other files, and can grow without end."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    for member in archive.infolist():
        part = archive.read(member)
        if any("<!DOCTYPE".encode(encoding) in part for encoding in ("ascii", "utf-16-le", "utf-16-be")):
            message = N_("The workbook holds a document type or an entity, which no form needs. Save it anew in Excel.")
            raise RefusedForm([FormFault(message)])


def _folder(content: bytes) -> Iterator[tuple[str, Iterator[Iterable[object]]]]:
    archive = zipfile.ZipFile(io.BytesIO(content))
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.suffix.lower() == ".csv":
            yield path.stem, csv.reader(io.StringIO(archive.read(member).decode("utf-8-sig")))


def _sheet(name: str, records: Iterator[Iterable[object]], most: int) -> Sheet:
    columns = tuple(" ".join(text(cell).split()) for cell in next(records, ()))
    if len(columns) > MOST_COLUMNS:
        raise _refused(name, 1, N_("The sheet has more than %(most)s columns. Remove those that hold nothing."), most=MOST_COLUMNS)
    while columns and not columns[-1]:
        columns = columns[:-1]
    if twice := next((each for each in columns if each and columns.count(each) > 1), None):
        raise _refused(name, 1, N_("The column “%(column)s” is there twice. Keep one."), column=twice)
    rows: list[Row] = []
    for number, record in enumerate(records, start=2):
        cells = {column: cell for column, value in zip(columns, record, strict=False) if column and (cell := text(value))}
        if any(len(cell) > LONGEST_CELL for cell in cells.values()):
            raise _refused(name, number, N_("A cell holds more than %(most)s characters."), most=LONGEST_CELL)
        if cells:
            rows.append(Row(number, cells))
        if len(rows) > most:
            raise _refused(name, number, N_("The form has more than %(most)s rows. Split it into several forms."), most=MOST_ROWS)
        if number - (rows[-1].number if rows else 1) > MOST_EMPTY_ROWS:
            break
    return Sheet(name, columns, tuple(rows))


def text(value: object) -> str:
    """Return a cell as the form compiler has it: whole numbers without decimals, truth in capitals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return str(value).replace("\xa0", " ").strip()


def _refused(sheet: str, row: int, message: str, **facts: object) -> RefusedForm:
    return RefusedForm([FormFault(message, facts, sheet, row)])
