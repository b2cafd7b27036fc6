"""A programme with people to train, and files to take training records from."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from evalapp.people.import_people import import_people
from evalapp.people.queries import resolve_people

NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def write_workbook(tmp_path):
    """Write a workbook from sheets of CSV lines."""

    def write_file(**pages):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, lines in pages.items():
            page = book.create_sheet(title)
            for line in lines:
                page.append([cell or None for cell in line.split(",")])
        book.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return write_file


@pytest.fixture
def people(db, programme, write):
    """Open the programme and register A-1, A-2 and A-3."""
    import_people(db, "pi", write("study_id,registered_on", *(f"A-{n},2026-01-01" for n in (1, 2, 3))))
    return resolve_people(db, programme.id, ["A-1", "A-2", "A-3"])
