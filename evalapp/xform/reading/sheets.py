"""The sheets of a form as text, with the row numbers that a spreadsheet shows."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.archive import SHEETS, Kind

MOST_ROWS = 5_000
MOST_COLUMNS = 300
MOST_EMPTY_ROWS = 200  # behind these a sheet holds formats only
LONGEST_CELL = 32_767
MOST_TEXT = 4_000_000  # characters of all sheets: a form of 5,000 rows in two languages has a quarter of it

Records = Iterator[tuple[str, Iterator[Iterable[object]]]]


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
    names: list[str] = []
    sheets: dict[str, Sheet] = {}
    left = MOST_ROWS
    for title, rows in READERS[kind](content):
        name = title.lower().strip()
        names.append(title)
        if name not in SHEETS:
            continue
        if name in sheets:
            raise _refused(name, 1, N_("There are two sheets of this name. Keep one."))
        sheets[name] = _sheet(name, rows, left)
        left -= len(sheets[name].rows)
    book = Book(sheets, tuple(names))
    if sum(len(cell) for sheet in sheets.values() for row in sheet.rows for cell in row.cells.values()) > MOST_TEXT:
        message = N_("The form holds more than %(most)s million characters. Split it into several forms.")
        raise RefusedForm([FormFault(message, {"most": MOST_TEXT // 1_000_000})])
    return book


def _workbook(content: bytes) -> Records:
    import openpyxl  # noqa: PLC0415 - only the process with limits opens workbooks

    book: Any = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    for page in book.worksheets:
        page.reset_dimensions()  # the recorded size can lie
        yield str(page.title), page.iter_rows(values_only=True)


def _old_workbook(content: bytes) -> Records:
    import xlrd  # noqa: PLC0415 - only the process with limits opens workbooks

    book: Any = xlrd.open_workbook(file_contents=content, on_demand=True, logfile=io.StringIO())
    for title in book.sheet_names():
        page = book.sheet_by_name(title)
        yield str(title), ([_old_cell(cell, book.datemode) for cell in row] for row in page.get_rows())


def _old_cell(cell: Any, datemode: int) -> object:
    from xlrd import XL_CELL_BOOLEAN, XL_CELL_DATE, XL_CELL_ERROR, xldate  # noqa: PLC0415 - see above

    if cell.ctype == XL_CELL_DATE:
        moment = xldate.xldate_as_datetime(cell.value, datemode)
        return moment.time() if cell.value < 1 else moment
    if cell.ctype == XL_CELL_ERROR:
        return None
    return bool(cell.value) if cell.ctype == XL_CELL_BOOLEAN else cell.value


def _folder(content: bytes) -> Records:
    archive = zipfile.ZipFile(io.BytesIO(content))
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if path.suffix.lower() == ".csv" and path.stem.lower() in SHEETS:
            yield path.stem, csv.reader(io.StringIO(archive.read(member).decode("utf-8-sig")))


READERS: dict[str, Callable[[bytes], Records]] = {"workbook": _workbook, "old_workbook": _old_workbook, "folder": _folder}


def _sheet(name: str, records: Iterator[Iterable[object]], most: int) -> Sheet:
    columns = _columns(text(cell) for cell in next(records, ()))
    if len(columns) > MOST_COLUMNS:
        raise _refused(name, 1, N_("The sheet has more than %(most)s columns. Remove those that hold nothing."), most=MOST_COLUMNS)
    if twice := next((each for each in columns if each and columns.count(each) > 1), None):
        raise _refused(name, 1, N_("The column “%(column)s” is there twice. Keep one."), column=twice)
    rows: list[Row] = []
    for number, record in enumerate(records, start=2):
        cells = {column: cell for column, value in zip(columns, record, strict=False) if column and (cell := text(value))}
        if any(len(cell) > LONGEST_CELL for cell in cells.values()):
            raise _refused(name, number, N_("A cell holds more than %(most)s characters. Shorten it."), most=LONGEST_CELL)
        if cells:
            rows.append(Row(number, cells))
        if len(rows) > most:
            raise _refused(name, number, N_("The form has more than %(most)s rows. Split it into several forms."), most=MOST_ROWS)
        if number - (rows[-1].number if rows else 1) > MOST_EMPTY_ROWS:
            break
    return Sheet(name, columns, tuple(rows))


def _columns(headers: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the columns. Older forms have one colon before a language, as label:English."""
    columns = [" ".join(header.split()) for header in headers]
    while columns and not columns[-1]:
        columns.pop()
    if any("::" in column for column in columns):
        return tuple(columns)
    return tuple("::".join(re.split(r"(?<!^jr)(?<!:jr):", column)) for column in columns)


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
