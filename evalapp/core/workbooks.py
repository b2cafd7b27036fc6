"""Excel workbooks read as text, after their archive has been measured: a small file can unpack to gigabytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Container, Iterator
from typing import Any

import openpyxl

from evalapp.core.errors import RefusedFile
from evalapp.core.faults import FaultLog, refuse, shown
from evalapp.core.language import Message
from evalapp.core.sheets import MOST_COLUMNS, Sheet, build_sheet

MOST_MEMBERS = 200
MOST_UNPACKED = 100 * 1_048_576
MOST_RATIO = 100
ENCRYPTED_FLAG = 1
EXCEL_ERRORS = {"#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"}
FORMULA_WITHOUT_VALUE = re.compile(rb"<c\b([^>]*)><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>")
CELL_ADDRESS = re.compile(rb'\br="([A-Z]+)(\d+)"')


def read_workbook(content: bytes, only: Container[str] | None = None) -> list[Sheet]:
    """Return every visible sheet that holds anything (and is named in `only`), or refuse the workbook."""
    archive = _measured(content)
    try:
        with warnings.catch_warnings():
            # openpyxl warns of styles and extensions it leaves out; none of them is data.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheets = [sheet for page in book.worksheets if (sheet := _read_page(page, archive, only))]
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


def _read_page(page: Any, archive: zipfile.ZipFile, only: Container[str] | None) -> Sheet | None:
    name = str(page.title)
    if page.sheet_state != "visible" or (only is not None and name.strip().lower() not in only):
        return None
    _refuse_uncalculated(name, archive.read(page._worksheet_path.lstrip("/")))  # noqa: SLF001 - openpyxl gives no public way to a sheet's part
    # The recorded dimension of a sheet can lie; without it every row is read.
    page.reset_dimensions()
    return build_sheet(name, _records(page, name))


def _refuse_uncalculated(name: str, xml: bytes) -> None:
    faults = FaultLog(name)
    for found in FORMULA_WITHOUT_VALUE.finditer(xml):
        # A formula whose result is an empty text says so by its type.
        if b't="str"' in found[1]:
            continue
        address = CELL_ADDRESS.search(found[1])
        message = Message(
            "The cell holds a formula without a stored result. Open the workbook in Excel, save it, or paste values only."
        )
        faults.add(message, row=int(address[2]) if address else None, column=address[1].decode() if address else None)
    faults.refuse_if_any()


def _records(page: Any, name: str) -> Iterator[list[str]]:
    faults = FaultLog(name)
    width = 0
    for number, values in enumerate(page.iter_rows(values_only=True), start=1):
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
