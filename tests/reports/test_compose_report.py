from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import select

from evalapp.core.errors import NotFound
from evalapp.core.fingerprint import sha256_of
from evalapp.reports.compose_report import compose_report
from evalapp.reports.tables import Report

NOON = dt.datetime(2026, 5, 1, 3, 0, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 6, 1, 3, 0, tzinfo=dt.UTC)


def test_a_report_is_kept_with_its_bytes_fingerprint_and_pages(db, run_id):
    report = compose_report(db, run_id, "ko", composed_at=NOON)
    assert report.content.startswith(b"%PDF")
    assert report.sha256 == sha256_of(report.content)
    assert report.pages >= 3
    assert (report.state, report.language, report.composed_at) == ("draft", "ko", NOON)


def test_composing_again_returns_the_report_that_is_there(db, run_id):
    first = compose_report(db, run_id, "en", composed_at=NOON)
    again = compose_report(db, run_id, "en", composed_at=LATER)
    assert again is first
    assert again.composed_at == NOON
    korean = compose_report(db, run_id, "ko", composed_at=LATER)
    assert korean.sha256 != first.sha256
    assert Counter(db.scalars(select(Report.language))) == {"en": 1, "ko": 1}


def test_a_run_that_is_not_there_is_named(db):
    with pytest.raises(NotFound, match="404"):
        compose_report(db, 404, "en", composed_at=NOON)


def test_a_language_that_is_not_there_is_no_silent_english(db, run_id):
    with pytest.raises(KeyError):
        compose_report(db, run_id, "fr", composed_at=NOON)
