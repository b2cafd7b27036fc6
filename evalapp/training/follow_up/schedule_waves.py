"""When each person of a programme is asked in a wave, and who is asked at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.people.listing.roster import RosterLine, list_roster
from evalapp.surveys.invitations.plan_invitations import Planned, Window, plan_invitations
from evalapp.surveys.tables import Wave
from evalapp.training.tables import Cohort, Enrolment

DAYS_TO_ANSWER: Final = 14  # in a wave that has the same dates for everybody


def schedule_wave(db: Session, wave: Wave) -> Planned:
    """Plan the invitations of everyone a wave applies to and who may be asked. Done again, it only brings them up to date."""
    roster = list_roster(db, wave.programme_id, today())
    windows = list_windows(db, wave, roster)
    may_be_asked = {person.id for person in roster if not person.obstacle}
    planned = plan_invitations(db, wave, {person: w for person, w in windows.items() if person in may_be_asked})
    _widen(db, wave, windows)
    return planned


def list_windows(db: Session, wave: Wave, roster: Sequence[RosterLine]) -> dict[int, Window]:
    """Return the window of everyone on the roster a wave applies to: in its arm, and with the day it is anchored at."""
    cohorts = list_cohorts_by_person(db, wave.programme_id)
    windows = {}
    for person in roster:
        cohort = cohorts.get(person.id)
        anchored_on = _anchor(wave, person, cohort)
        if anchored_on and (wave.arm is None or (cohort is not None and cohort.arm == wave.arm)):
            windows[person.id] = _window(wave, anchored_on)
    return windows


def list_cohorts_by_person(db: Session, programme_id: int) -> dict[int, Cohort]:
    """Return the cohort of everyone enrolled in a programme."""
    rows = select(Enrolment.entrepreneur_id, Cohort).join(Cohort, Cohort.id == Enrolment.cohort_id)
    return {person: cohort for person, cohort in db.execute(rows.where(Enrolment.programme_id == programme_id))}  # noqa: C416


def _anchor(wave: Wave, person: RosterLine, cohort: Cohort | None) -> dt.date | None:
    """Return the day a person's window counts from: that of the registration is stable, that of an enrolment's stage is not."""
    if wave.anchor == "calendar":
        return wave.opens_on
    if wave.anchor == "enrolment":
        return person.registered_on
    if cohort is None:
        return None
    return cohort.starts_on if wave.anchor == "cohort_start" else cohort.ends_on


def _window(wave: Wave, anchored_on: dt.date) -> Window:
    if wave.anchor == "calendar":
        due_on = min(wave.opens_on + dt.timedelta(days=DAYS_TO_ANSWER), wave.closes_on)
        return Window(wave.opens_on, due_on, wave.closes_on)
    due_on = anchored_on + dt.timedelta(days=wave.day_offset or 0)
    return Window(due_on - dt.timedelta(days=wave.offset_min or 0), due_on, due_on + dt.timedelta(days=wave.offset_max or 0))


def _widen(db: Session, wave: Wave, windows: dict[int, Window]) -> None:
    """Let the wave's own dates span those of its people, for lists that know only the wave."""
    if wave.anchor == "calendar" or not windows:
        return
    opens_on = min(wave.opens_on, *(window.opens_on for window in windows.values()))
    closes_on = max(wave.closes_on, *(window.closes_on for window in windows.values()))
    if (opens_on, closes_on) != (wave.opens_on, wave.closes_on):
        before = {"opens_on": wave.opens_on, "closes_on": wave.closes_on}
        wave.opens_on, wave.closes_on = opens_on, closes_on
        record_entry(db, "wave_changed", "wave", wave.id, before=before, after={"opens_on": opens_on, "closes_on": closes_on})
