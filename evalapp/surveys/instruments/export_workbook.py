"""A form written as an XLSForm workbook again: its sheets and nothing else, whatever the uploaded file held besides."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from evalapp.xform.reading.archive import SHEETS
from evalapp.xform.reading.compile_form import compile_form
from evalapp.xform.reading.parcel import unpack
from evalapp.xform.reading.sheets import Book

WIDTH_OF_A_COLUMN = 24


def export_workbook(content: bytes) -> bytes:
    """Return the workbook of a form kept as it was uploaded. The upload is opened apart, as at its coming."""
    parcel = unpack(content)
    return workbook_of(compile_form(parcel.content, parcel.kind).book)


def workbook_of(book: Book) -> bytes:
    """Return sheets as a workbook whose cells are all texts, so that nothing is taken for a formula, a date or a number."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name in sorted(book.sheets, key=SHEETS.index):
        sheet = book.sheets[name]
        records: list[Sequence[str]] = [[] for _ in range(sheet.rows[-1].number)] if sheet.rows else [[]]
        records[0] = sheet.columns
        for row in sheet.rows:
            records[row.number - 1] = [row.cells.get(column, "") for column in sheet.columns]
        write_sheet(made, name, records)
    return saved(made)


def write_sheet(book: openpyxl.Workbook, name: str, records: Sequence[Sequence[object]]) -> None:
    """Add a sheet whose first record is its header."""
    page = book.create_sheet(name)
    for number, record in enumerate(records, start=1):
        for place, value in enumerate(record, start=1):
            if value in ("", None):
                continue
            cell = page.cell(number, place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
            if isinstance(value, str):
                cell.data_type = "s"
            cell.font = Font(bold=number == 1)
    for column in page.columns:
        page.column_dimensions[column[0].column_letter].width = WIDTH_OF_A_COLUMN
    page.freeze_panes = "A2"


def saved(book: openpyxl.Workbook) -> bytes:
    """Return a workbook as a file."""
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
