"""A programme to register people in, and files to register them from."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.people.tables import Programme

NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def programme(db):
    programme = Programme(code="pi", name_ko="주도성 교육", name_en="PI training", created_at=NOW)
    db.add(programme)
    db.flush()
    return programme


@pytest.fixture
def write(tmp_path):
    """Write lines of CSV into a file of its own."""
    count = iter(range(1_000))

    def write_file(*lines):
        path = tmp_path / f"file{next(count)}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_file
