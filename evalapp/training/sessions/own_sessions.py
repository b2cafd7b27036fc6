"""The meetings of one person, as they see them themselves: those to come by their days, and those that were."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.training.tables import Attendance, Enrolment, TrainingSession

IN_TRAINING = ("enrolled", "active")
TO_COME = ("planned", "rescheduled")
SHOWN = 12


def list_coming_days(db: Session, entrepreneur_id: int, on: dt.date) -> list[dt.date]:
    """Return the next days on which a person's cohorts meet, from a day on."""
    theirs = select(Enrolment.cohort_id).where(Enrolment.entrepreneur_id == entrepreneur_id, Enrolment.stage.in_(IN_TRAINING))
    days = (
        select(TrainingSession.held_on)
        .where(TrainingSession.cohort_id.in_(theirs), TrainingSession.state.in_(TO_COME), TrainingSession.held_on >= on)
        .distinct()
    )
    return list(db.scalars(days.order_by(TrainingSession.held_on).limit(SHOWN)))


class AttendedDay(NamedTuple):
    """One meeting that is recorded for a person: the day, whether they came, and for how many minutes."""

    held_on: dt.date
    status: str
    minutes: int


def list_attended_days(db: Session, entrepreneur_id: int) -> list[AttendedDay]:
    """Return the meetings that are recorded for a person, the first one first."""
    rows = (
        select(TrainingSession.held_on, Attendance.status, Attendance.minutes)
        .join(TrainingSession, TrainingSession.id == Attendance.session_id)
        .where(Attendance.entrepreneur_id == entrepreneur_id)
        .order_by(TrainingSession.held_on, TrainingSession.id)
    )
    return [AttendedDay(held_on, status, minutes) for held_on, status, minutes in db.execute(rows)]
