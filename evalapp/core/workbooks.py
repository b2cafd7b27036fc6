"""Excel workbooks read as text, after their archive has been measured: a small file can unpack to gigabytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Container, Iterator
from typing import IO, Any

import openpyxl
from defusedxml.ElementTree import iterparse

from evalapp.core.errors import RefusedFile
from evalapp.core.faults import FaultLog, refuse, shown
from evalapp.core.language import Message
from evalapp.core.sheets import LAST_ROW, MOST_COLUMNS, Sheet, build_sheet, refuse_wide_row

MOST_MEMBERS = 200
MOST_UNPACKED = 100 * 1_048_576
MOST_RATIO = 100
ENCRYPTED_FLAG = 1
EXCEL_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
DEPTH_OF_ROWS = 2
COLUMN_LETTERS = re.compile("[A-Z]{1,3}")


def read_workbook(content: bytes, only: Container[str] | None = None, *, rows_needed: bool = True) -> list[Sheet]:
    """Return every visible sheet that holds anything (and is named in `only`), or refuse the workbook."""
    archive = _measured(content)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it leaves out; none of them is data.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for page in book.worksheets if (sheet := _read_page(page, archive, only, rows_needed=rows_needed))]
    except RefusedFile:
        raise
    except Exception as error:  # a damaged or hostile workbook can make the reader raise anything
        raise refuse(Message("The workbook is damaged and cannot be read. Open it in Excel and save it again as .xlsx.")) from error
    return sheets


def _measured(content: bytes) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as error:
        raise refuse(Message("The workbook is damaged and cannot be read. Open it in Excel and save it again as .xlsx.")) from error
    members = archive.infolist()
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise refuse(Message("The workbook is protected by a password. Remove the password in Excel and save it again."))
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1):
        raise refuse(
            Message("The file would unpack to far more than a table needs. Copy the table into a new workbook and save that.")
        )
    if "xl/workbook.xml" not in archive.namelist():
        raise refuse(Message("This is a zip archive, not an Excel workbook. Open the table in Excel and save it as .xlsx."))
    return archive


def _read_page(page: Any, archive: zipfile.ZipFile, only: Container[str] | None, *, rows_needed: bool) -> Sheet | None:
    name = str(page.title)
    if page.sheet_state != "visible" or (only is not None and name.strip().lower() not in only):
        return None
    with archive.open(page._worksheet_path.lstrip("/")) as part:  # noqa: SLF001 - openpyxl gives no public way to a sheet's part
        last = _last_filled_row(part, name)
    if not last:
        return None
    # The recorded dimension of a sheet can lie; without it every row is read, up to the last one that holds anything.
    page.reset_dimensions()
    return build_sheet(name, _records(page, name, last), rows_needed=rows_needed)


def _last_filled_row(part: IO[bytes], name: str) -> int:
    """Return the number of the last row that holds anything, or refuse a sheet whose formulas have no stored results."""
    faults = FaultLog(name)
    last = 0
    for number, cell in _cells(part, name):
        if _is_uncalculated(cell):
            message = Message(
                "The cell holds a formula without a stored result. Open the workbook in Excel, save it, or paste values only."
            )
            letters = COLUMN_LETTERS.match(cell.get("r", ""))
            faults.add(message, row=number, column=letters[0] if letters else None)
        if _value_of(cell) or _child(cell, "is") is not None:
            last = number
    faults.refuse_if_any()
    return last


def _cells(part: IO[bytes], name: str) -> Iterator[tuple[int, Any]]:
    """Yield every cell of a sheet's part with the number of its row, keeping nothing of what was passed."""
    number = width = 0
    above: list[Any] = []
    for event, element in iterparse(part, ("start", "end")):
        if event == "start":
            above.append(element)
            if _tag(element) == "row":
                number, width = _row_number(element, number, name), 0
            continue
        above.pop()
        if above and _tag(above[-1]) == "row":
            width += 1
            if width > MOST_COLUMNS:
                raise refuse_wide_row(number, name)
            yield number, element
            above[-1].remove(element)
        elif 0 < len(above) <= DEPTH_OF_ROWS:
            above[-1].remove(element)


def _row_number(row: Any, before: int, name: str) -> int:
    number = int(row.get("r", before + 1))
    if number <= before:
        raise ValueError("the rows are out of order")
    if number > LAST_ROW:
        message = Message(
            "A row has a number beyond %(last)s, the last a sheet can have. Copy the table into a new workbook and save that.",
            last=f"{LAST_ROW:,}",
        )
        raise refuse(message, sheet=name)
    return number


def _is_uncalculated(cell: Any) -> bool:
    """Say whether a cell has a formula but no result. A result that is an empty text has the type of a text and an empty <v>."""
    if _child(cell, "f") is None:
        return False
    empty_text = cell.get("t") == "str" and _child(cell, "v") is not None
    return not empty_text and not _value_of(cell).strip()


def _value_of(cell: Any) -> str:
    value = _child(cell, "v")
    return "" if value is None else value.text or ""


def _child(element: Any, tag: str) -> Any:
    return next((child for child in element if _tag(child) == tag), None)


def _tag(element: Any) -> str:
    """Return an element's name without its namespace, whatever prefix it was written with."""
    name: str = element.tag
    return name.rpartition("}")[2]


def _records(page: Any, name: str, last: int) -> Iterator[list[str]]:
    faults = FaultLog(name)
    width = 0
    for number, values in enumerate(page.iter_rows(max_row=last, values_only=True), start=1):
        if len(values) > MOST_COLUMNS:
            yield [""] * len(values)
        record = [_cell_text(value) for value in values]
        for cell in EXCEL_ERRORS.intersection(record):
            faults.add(
                Message("The cell shows the error %(cell)s. Mend the formula or empty the cell.", cell=shown(cell)), row=number
            )
        width = width or len(record)
        yield record + [""] * (width - len(record))
    faults.refuse_if_any()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ", timespec="seconds")
    return str(value)
