"""Workbooks made elsewhere, with the code and version that an officer would add before anything else."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl

from evalapp.surveys.instruments.export_workbook import workbook_of
from evalapp.xform.reading.compile_form import compile_form
from evalapp.xform.reading.parcel import unpack
from evalapp.xform.reading.sheets import Book, Row, Sheet

FOLDER = Path(__file__).parent / "forms_of_others"
NAMES = tuple(path.name for path in sorted(FOLDER.glob("*.xls*")))
VERSION = "2026112201"
# What the examples look up, with any content: it did not come along with them.
TABLES = {"fruits.csv": b"name,name_key,label\nmango,mango,Mango\napple,apple,Apple\n"}


def original(name):
    return (FOLDER / name).read_bytes()


def completed(name):
    """Return a workbook with what its settings lack."""
    parcel = unpack(original(name))
    book = compile_form(parcel.content, parcel.kind).book
    rows = book.sheet("settings").rows
    cells = {"form_id": "other", **(dict(rows[0].cells) if rows else {}), "version": VERSION}
    settings = Sheet("settings", tuple(cells), (Row(2, cells),))
    made = workbook_of(Book({**book.sheets, "settings": settings}, book.names))
    assert "survey" in openpyxl.load_workbook(io.BytesIO(made)).sheetnames
    return made
