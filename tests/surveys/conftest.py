"""A programme with waves and people, and files to take answers from."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from evalapp.people.import_people import import_people
from evalapp.people.queries import resolve_people
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import load_instrument
from evalapp.surveys.tables import Wave

INSTRUMENTS = Path(__file__).parent.parent.parent / "config" / "instruments"

NOW = dt.datetime(2026, 9, 1, tzinfo=dt.UTC)


@pytest.fixture
def open_wave(db, programme):
    """Publish a shipped instrument and open a wave of it."""

    def open_one(instrument, code, year):
        wave = Wave(
            programme_id=programme.id,
            instrument_id=publish_instrument(db, load_instrument(INSTRUMENTS / instrument)).id,
            code=code,
            round=1,
            label_ko=code,
            label_en=code,
            opens_on=dt.date(year, 3, 1),
            closes_on=dt.date(year, 4, 1),
            survey_year=year,
        )
        db.add(wave)
        db.flush()
        return wave

    return open_one


@pytest.fixture
def follow_up(open_wave):
    """Open a follow-up wave of 2026."""
    return open_wave("followup", "fu1", 2026)


@pytest.fixture
def baseline(open_wave):
    """Open the baseline wave of 2018."""
    return open_wave("baseline", "bl", 2018)


@pytest.fixture
def people(db, programme, write):
    """Register A-1, A-2 and A-3."""
    import_people(db, programme.code, write("study_id,registered_on", *(f"A-{n},2018-02-01" for n in (1, 2, 3))))
    return resolve_people(db, programme.id, ["A-1", "A-2", "A-3"])
