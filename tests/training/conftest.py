"""A programme with people to train, and files to take training records from."""

from __future__ import annotations

import datetime as dt

import openpyxl
import pytest

from evalapp.people.import_people import import_people
from evalapp.people.queries import resolve_people
from evalapp.people.tables import Programme

NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def write(tmp_path):
    """Write lines of CSV into a file of its own."""
    count = iter(range(1_000))

    def write_file(*lines):
        path = tmp_path / f"file{next(count)}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_file


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
def people(db, write):
    """Open the programme and register A-1, A-2 and A-3."""
    programme = Programme(code="pi", name_ko="주도성 교육", name_en="PI training", created_at=NOW)
    db.add(programme)
    db.flush()
    import_people(db, "pi", write("study_id,registered_on", *(f"A-{n},2026-01-01" for n in (1, 2, 3))))
    return resolve_people(db, programme.id, ["A-1", "A-2", "A-3"])
