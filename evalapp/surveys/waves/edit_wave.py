"""Add a wave to a programme, change one while nobody has been asked, prolong one."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Programme
from evalapp.surveys.invitations.queries import has_begun
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Wave
from evalapp.surveys.waves.wave_details import RefusedWave, WaveDetails, check_code, check_details, check_order

FREE = ("label_ko", "label_en", "second_secret", "reminders")  # what may change after the first invitation
ONGOING = ("planned", "sent", "opened")


def add_wave(db: Session, programme: Programme, code: str, details: WaveDetails) -> Wave:
    """Add a wave after all others of a programme, or raise RefusedWave."""
    check_details(details)
    check_code(db, programme.id, code)
    last = db.scalar(select(func.max(Wave.round)).where(Wave.programme_id == programme.id)) or 0
    check_order(db, programme.id, last + 1, details.opens_on)
    wave = Wave(programme_id=programme.id, code=code, round=last + 1, survey_year=details.opens_on.year, **_columns(details))
    db.add(wave)
    db.flush()
    record_entry(db, "wave_added", "wave", wave.id, after={"programme": programme.code, "code": code, **_columns(details)})
    return wave


def edit_wave(db: Session, wave: Wave, details: WaveDetails) -> None:
    """Change a wave, or raise RefusedWave. Once somebody was asked, only its names, its second secret and its reminders change."""
    check_details(details)
    wanted = _columns(details)
    changed = {name: value for name, value in wanted.items() if getattr(wave, name) != value}
    fixed = [name for name in changed if name not in FREE]
    if fixed and has_begun(db, wave.id):
        raise RefusedWave(
            fixed[0],
            Message("Somebody has been asked already, so this cannot change any more. The last day can be moved: prolong."),
        )
    check_order(db, wave.programme_id, wave.round, details.opens_on)
    if not changed:
        return
    before = {name: getattr(wave, name) for name in changed}
    for name, value in changed.items():
        setattr(wave, name, value)
    if "opens_on" in changed:
        wave.survey_year = details.opens_on.year
    if "second_secret" in changed:
        still_planned = update(Invitation).where(Invitation.wave_id == wave.id, Invitation.state == "planned")
        db.execute(still_planned.values(second_secret=wave.second_secret))
    db.flush()
    record_entry(db, "wave_changed", "wave", wave.id, before=before, after=changed)


def prolong_wave(db: Session, wave: Wave, closes_on: dt.date, reason: str) -> int:
    """Let a wave end later, for everyone who has not answered; return for how many people."""
    why = check_reason(reason)
    if closes_on <= wave.closes_on:
        raise RefusedWave("closes_on", Message("Choose a day after %(date)s.", date=wave.closes_on))
    before = {"closes_on": wave.closes_on}
    wave.closes_on = closes_on
    open_ones = Invitation.wave_id == wave.id, Invitation.state.in_(ONGOING), Invitation.closes_on < closes_on
    moved = db.execute(update(Invitation).where(*open_ones).values(closes_on=closes_on).returning(Invitation.id)).all()
    db.flush()
    record_entry(db, "wave_prolonged", "wave", wave.id, before=before, after={"closes_on": closes_on}, reason=why)
    return len(moved)


def _columns(details: WaveDetails) -> dict[str, Any]:
    columns = dict(vars(details))
    if details.anchor == "calendar":
        columns.update(day_offset=None, offset_min=None, offset_max=None)
    return {**columns, "reminders": json.dumps(details.reminders)}
