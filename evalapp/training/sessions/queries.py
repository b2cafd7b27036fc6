"""Reads of sessions: a cohort's, a trainer's, and what became of one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.people.tables import Programme
from evalapp.training.sessions.tables import SessionChange, SessionTrainer
from evalapp.training.tables import Attendance, Cohort, Trainer, TrainingSession


@dataclass(frozen=True)
class SessionLine:
    """A session as lists and calendars show it; `substitute` is who leads it instead of `lead`.

    `changes` counts how often its plan was changed, `changed_at` says when last.
    """

    id: int
    programme_code: str
    cohort_code: str
    number: int
    module: str
    held_on: dt.date
    starts_at: dt.datetime | None
    planned_minutes: int
    state: str
    lead: str
    substitute: str | None
    make_up_of: int | None
    changes: int
    changed_at: dt.datetime | None


def list_session_lines(db: Session, cohort: Cohort) -> list[SessionLine]:
    """Return the sessions of a cohort by day and number."""
    return _lines(db, TrainingSession.cohort_id == cohort.id)


def list_standing_days(db: Session, cohort_id: int) -> set[dt.date]:
    """Return the days on which a cohort has a session that was not cancelled."""
    days = select(TrainingSession.held_on).where(TrainingSession.cohort_id == cohort_id, TrainingSession.state != "cancelled")
    return set(db.scalars(days))


def list_lines_of_trainer(db: Session, trainer: Trainer, on_or_after: dt.date | None = None) -> list[SessionLine]:
    """Return the sessions that a trainer leads or helps at, from a day on."""
    helped = select(SessionTrainer.session_id).where(SessionTrainer.trainer_id == trainer.id)
    theirs = or_(TrainingSession.lead_trainer_id == trainer.id, TrainingSession.id.in_(helped))
    return _lines(db, theirs, *([TrainingSession.held_on >= on_or_after] if on_or_after else []))


def _lines(db: Session, *conditions: ColumnElement[bool]) -> list[SessionLine]:
    changes = (
        select(SessionChange.session_id, func.count().label("count"), func.max(SessionChange.changed_at).label("last"))
        .group_by(SessionChange.session_id)
        .subquery()
    )
    original = select(TrainingSession.id, TrainingSession.number).subquery()
    instead = (
        select(SessionTrainer.session_id, Trainer.code)
        .join(Trainer, Trainer.id == SessionTrainer.trainer_id)
        .where(SessionTrainer.role == "substitute")
        .subquery()
    )
    query: Any = (
        select(
            TrainingSession.id,
            Programme.code,
            Cohort.code,
            TrainingSession.number,
            TrainingSession.module,
            TrainingSession.held_on,
            TrainingSession.starts_at,
            TrainingSession.planned_minutes,
            TrainingSession.state,
            Trainer.code,
            instead.c.code,
            original.c.number,
            func.coalesce(changes.c.count, 0),
            changes.c.last,
        )
        .join(Cohort, Cohort.id == TrainingSession.cohort_id)
        .join(Programme, Programme.id == Cohort.programme_id)
        .join(Trainer, Trainer.id == TrainingSession.lead_trainer_id)
        .outerjoin(instead, instead.c.session_id == TrainingSession.id)
        .outerjoin(original, original.c.id == TrainingSession.make_up_of_id)
        .outerjoin(changes, changes.c.session_id == TrainingSession.id)
        .where(*conditions)
        .order_by(TrainingSession.held_on, TrainingSession.starts_at.is_(None), TrainingSession.starts_at, TrainingSession.number)
    )
    return [SessionLine(*row) for row in db.execute(query)]


def list_sessions_of(db: Session, viewer: Viewer, on_or_after: dt.date) -> list[SessionLine]:
    """Return the sessions that an account leads or helps at from a day on, in their order."""
    trainer = find_trainer_of(db, viewer)
    return list_lines_of_trainer(db, trainer, on_or_after) if trainer else []


def find_trainer_of(db: Session, viewer: Viewer) -> Trainer | None:
    """Return the trainer who signs in with an account, or None."""
    return db.scalar(select(Trainer).where(Trainer.account_id == viewer.account_id))


def get_lead(db: Session, session: TrainingSession) -> str:
    """Return the code of the trainer who is to lead a session."""
    return db.get_one(Trainer, session.lead_trainer_id).code


def list_helpers(db: Session, session: TrainingSession) -> list[tuple[str, str]]:
    """Return who is on a session beside its lead trainer: (trainer's code, role)."""
    rows = select(Trainer.code, SessionTrainer.role).join(Trainer, Trainer.id == SessionTrainer.trainer_id)
    return [(code, role) for code, role in db.execute(rows.where(SessionTrainer.session_id == session.id).order_by(Trainer.code))]


def list_changes(db: Session, session: TrainingSession) -> list[SessionChange]:
    """Return what was changed of a session's plan, the newest first."""
    changes = select(SessionChange).where(SessionChange.session_id == session.id)
    return list(db.scalars(changes.order_by(SessionChange.id.desc())))


def count_marked(db: Session, session: TrainingSession) -> int:
    """Return of how many people attendance is marked at a session."""
    return db.scalar(select(func.count()).where(Attendance.session_id == session.id)) or 0


def list_make_ups(db: Session, session: TrainingSession) -> list[TrainingSession]:
    """Return the sessions that make up for one."""
    return list(
        db.scalars(select(TrainingSession).where(TrainingSession.make_up_of_id == session.id).order_by(TrainingSession.number))
    )
