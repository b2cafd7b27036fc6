"""Reads of cohorts, enrolments, sessions and attendance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.training.tables import Attendance, Cohort, Enrolment, Trainer, TrainingSession

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
            e.entrepreneur_id: {"cohort": codes[e.cohort_id], "stage": e.stage, "stage_on": e.stage_on, "reason": e.reason}
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
