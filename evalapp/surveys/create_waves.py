"""Create a programme's waves."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.surveys.tables import Instrument, Wave

ENTRIES = ("code", "instrument", "label_ko", "label_en", "opens_on", "closes_on", "survey_year")
CODE = re.compile(r"[a-z0-9_]{1,20}")
KEPT = tuple(entry for entry in ENTRIES if entry != "instrument")


def create_waves(
    db: Session, programme: Programme, waves: Sequence[Mapping[str, Any]], instruments: Mapping[str, Instrument]
) -> None:
    """Store the waves of a programme in calendar order.

    The same waves again change nothing, and a wave that is there keeps the version of its form; other dates or another form under a
    known code are refused.
    """
    for number, wave in enumerate(waves, start=1):
        _check(number, wave)
    ordered = sorted(waves, key=lambda wave: wave["opens_on"])
    for round_, wave in enumerate(ordered, start=1):
        _store(db, programme, round_, wave, instruments[wave["instrument"]])
    db.flush()


def _check(number: int, wave: Mapping[str, Any]) -> None:
    missing = [entry for entry in ENTRIES if not wave.get(entry)]
    if missing:
        raise AppError(Message("Wave %(number)s lacks: %(entries)s.", number=number, entries=", ".join(missing)))
    if not isinstance(wave["code"], str) or not CODE.fullmatch(wave["code"]):
        raise AppError(Message("Wave %(number)s: the code has small letters, digits and _, at most 20 of them.", number=number))
    dates = (wave["opens_on"], wave["closes_on"])
    if not all(isinstance(day, dt.date) for day in dates) or not isinstance(wave["survey_year"], int):
        raise AppError(
            Message("Wave %(number)s: opens_on and closes_on are dates and survey_year is a year, without quotes.", number=number)
        )
    if dates[1] < dates[0]:
        raise AppError(Message("Wave %(number)s closes before it opens.", number=number))


def _store(db: Session, programme: Programme, round_: int, wave: Mapping[str, Any], instrument: Instrument) -> None:
    wanted = {"round": round_, "instrument_id": instrument.id} | {entry: wave[entry] for entry in KEPT}
    known = db.scalar(select(Wave).where(Wave.programme_id == programme.id, Wave.code == wave["code"]))
    if known is None:
        db.add(Wave(programme_id=programme.id, **wanted))
    elif not _same_form(db, known, instrument) or any(getattr(known, key) != wanted[key] for key in ("round", *KEPT)):
        raise AppError(Message("The wave “%(code)s” exists already with other dates or another form.", code=known.code))


def _same_form(db: Session, known: Wave, instrument: Instrument) -> bool:
    return db.scalar(select(Instrument.code).where(Instrument.id == known.instrument_id)) == instrument.code
