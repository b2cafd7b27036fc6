"""Reads of cohorts, enrolments, sessions and attendance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import ATTENDED, Attendance, Cohort, Enrolment, Trainer, TrainingSession

Records = dict[object, Mapping[str, Any]]


@dataclass(frozen=True)
class TrainingRecords:
    """All training of a programme, each record under the key that makes it one and with the columns a file of its kind has.

    `cohorts` by code, `enrolments` by entrepreneur, `sessions` by (cohort, number), `attendance` by (cohort, number, entrepreneur).
    """

    cohorts: Records
    enrolments: Records
    sessions: Records
    attendance: Records


def get_training_records(db: Session, programme_id: int) -> TrainingRecords:
    """Return the training of a programme."""
    cohorts = db.scalars(select(Cohort).where(Cohort.programme_id == programme_id)).all()
    codes = {cohort.id: cohort.code for cohort in cohorts}
    enrolments = db.scalars(select(Enrolment).where(Enrolment.programme_id == programme_id))
    sessions = db.execute(
        select(TrainingSession, Trainer.code)
        .join(Trainer, TrainingSession.lead_trainer_id == Trainer.id)
        .where(TrainingSession.cohort_id.in_(codes))
    ).all()
    return TrainingRecords(
        {c.code: {name: getattr(c, name) for name in ("arm", "starts_on", "ends_on", "completion_share")} for c in cohorts},
        {
            e.entrepreneur_id: {
                "cohort": e.cohort_id and codes[e.cohort_id],
                "stage": e.stage,
                "stage_on": e.stage_on,
                "reason": e.reason,
            }
            for e in enrolments
        },
        {
            (codes[s.cohort_id], s.number): {
                "trainer": trainer,
                **{name: getattr(s, name) for name in ("module", "held_on", "state", "planned_minutes")},
            }
            for s, trainer in sessions
        },
        _attendance(db, {s.id: (codes[s.cohort_id], s.number) for s, _ in sessions}),
    )


def _attendance(db: Session, sessions: Mapping[int, tuple[str, int]]) -> Records:
    rows = db.execute(
        select(Attendance.session_id, Attendance.entrepreneur_id, Attendance.status, Attendance.minutes).where(
            Attendance.session_id.in_(sessions)
        )
    )
    return {(*sessions[session], person): {"status": status, "minutes": minutes} for session, person, status, minutes in rows}


def list_cohort_ids(db: Session, programme_id: int) -> dict[str, int]:
    """Return the keys of a programme's cohorts by code."""
    rows = db.execute(select(Cohort.code, Cohort.id).where(Cohort.programme_id == programme_id))
    return dict(rows.all())


def list_enrolment_ids(db: Session, programme_id: int) -> dict[int, int]:
    """Return the keys of a programme's enrolments by entrepreneur."""
    return dict(db.execute(select(Enrolment.entrepreneur_id, Enrolment.id).where(Enrolment.programme_id == programme_id)).all())


def list_session_ids(db: Session, programme_id: int) -> dict[tuple[str, int], int]:
    """Return the keys of a programme's sessions by cohort code and number."""
    rows = db.execute(
        select(Cohort.code, TrainingSession.number, TrainingSession.id)
        .join(Cohort, TrainingSession.cohort_id == Cohort.id)
        .where(Cohort.programme_id == programme_id)
    )
    return {(code, number): key for code, number, key in rows}


def list_trainer_ids(db: Session) -> dict[str, int]:
    """Return the keys of all trainers by code."""
    return dict(db.execute(select(Trainer.code, Trainer.id)).all())


@dataclass(frozen=True)
class CohortLine:
    """A cohort as a list shows it: its people by stage, its sessions held and planned."""

    id: int
    code: str
    arm: str
    starts_on: dt.date | None
    ends_on: dt.date | None
    people: int
    sessions: int
    held: int


def seen_by(viewer: Viewer) -> ColumnElement[bool]:
    """Return what a cohort must meet for an account to see it: a trainer sees only where they lead, help at or observe a session."""
    if viewer.may("training.view"):
        return true()
    own = select(Trainer.id).where(Trainer.account_id == viewer.account_id)
    helped = select(SessionTrainer.session_id).where(SessionTrainer.trainer_id.in_(own))
    theirs = or_(TrainingSession.lead_trainer_id.in_(own), TrainingSession.id.in_(helped))
    return Cohort.id.in_(select(TrainingSession.cohort_id).where(theirs))


def get_cohort_for(db: Session, viewer: Viewer, programme_id: int, code: str) -> Cohort:
    """Return a cohort of a programme; one that the account may not see is NotFound like one that is not there."""
    cohort = db.scalar(select(Cohort).where(Cohort.programme_id == programme_id, Cohort.code == code, seen_by(viewer)))
    if cohort is None:
        raise NotFound(Message("There is no such cohort."))
    return cohort


def get_session_for(db: Session, viewer: Viewer, programme_id: int, cohort_code: str, number: int) -> TrainingSession:
    """Return a session by its cohort and number; one of a cohort that the account may not see is NotFound."""
    cohort = get_cohort_for(db, viewer, programme_id, cohort_code)
    session = db.scalar(select(TrainingSession).where(TrainingSession.cohort_id == cohort.id, TrainingSession.number == number))
    if session is None:
        raise NotFound(Message("There is no such session."))
    return session


def list_cohorts_for(db: Session, viewer: Viewer, programme_id: int) -> list[CohortLine]:
    """Return the cohorts of a programme that an account may see: a trainer only those where they have a session."""
    query = (
        select(Cohort)
        .where(Cohort.programme_id == programme_id, seen_by(viewer))
        .order_by(Cohort.starts_on.is_(None), Cohort.starts_on, Cohort.code)
    )
    people = _counted(db, select(Enrolment.cohort_id, func.count()).group_by(Enrolment.cohort_id))
    sessions = select(TrainingSession.cohort_id, func.count()).group_by(TrainingSession.cohort_id)
    all_sessions, held = _counted(db, sessions), _counted(db, sessions.where(TrainingSession.state == "held"))
    return [
        CohortLine(c.id, c.code, c.arm, c.starts_on, c.ends_on, people.get(c.id, 0), all_sessions.get(c.id, 0), held.get(c.id, 0))
        for c in db.scalars(query)
    ]


def _counted(db: Session, query: Select[Any, int]) -> dict[int, int]:
    return {key: count for key, count in db.execute(query)}  # noqa: C416 - typed pairs out of rows


@dataclass(frozen=True)
class EnrolmentLine:
    """Where someone stands in a programme's training: the cohort (None before one is found), the stage, since when and why."""

    cohort_code: str | None
    stage: str
    stage_on: dt.date | None
    reason: str | None


def enrolled_in(programme_id: int, cohort_code: str) -> Select[int]:
    """Select the keys of the entrepreneurs of a cohort; a cohort that is not there has none."""
    cohort = select(Cohort.id).where(Cohort.programme_id == programme_id, Cohort.code == cohort_code)
    return select(Enrolment.entrepreneur_id).where(Enrolment.cohort_id.in_(cohort))


def list_enrolments_of(db: Session, programme_id: int, people: Collection[int]) -> dict[int, EnrolmentLine]:
    """Return where some entrepreneurs stand in a programme's training, by person; who never applied is left out."""
    rows = db.execute(
        select(Enrolment.entrepreneur_id, Cohort.code, Enrolment.stage, Enrolment.stage_on, Enrolment.reason)
        .outerjoin(Cohort, Enrolment.cohort_id == Cohort.id)
        .where(Enrolment.programme_id == programme_id, Enrolment.entrepreneur_id.in_(people))
    )
    return {person: EnrolmentLine(cohort, stage, stage_on, reason) for person, cohort, stage, stage_on, reason in rows}


@dataclass(frozen=True)
class AttendanceCount:
    """To how many of the held sessions that are recorded for a person they came, and the day of the last of them."""

    came: int
    held: int
    last_on: dt.date | None


def count_attendance_of(db: Session, programme_id: int, entrepreneur_id: int) -> AttendanceCount:
    """Return how often someone came to the sessions of a programme that are recorded for them."""
    recorded = (
        select(TrainingSession.held_on, Attendance.status)
        .join(TrainingSession, Attendance.session_id == TrainingSession.id)
        .join(Cohort, TrainingSession.cohort_id == Cohort.id)
        .where(Cohort.programme_id == programme_id, Attendance.entrepreneur_id == entrepreneur_id, TrainingSession.state == "held")
    )
    rows = db.execute(recorded).all()
    came = [held_on for held_on, status in rows if status in ATTENDED]
    return AttendanceCount(len(came), len(rows), max(came, default=None))
