"""Add sessions to a cohort: one, a whole schedule, or one that makes up for another."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.sessions.change_session import check_make_up_day
from evalapp.training.sessions.check_session import SessionPlan, check_session
from evalapp.training.tables import Cohort, TrainingSession


def add_sessions(db: Session, cohort: Cohort, plans: Sequence[SessionPlan], *, after: int) -> list[TrainingSession]:
    """Add sessions in the order given, numbered on from `after`, the last number that whoever asks has seen.

    All or none: a plan that cannot stand refuses them all, and so does a number that has been given meanwhile (a second press, or
    somebody else), so that no schedule is added twice.
    """
    return _add(db, cohort, plans, after, None)


def add_make_up(db: Session, cohort: Cohort, missed: TrainingSession, plan: SessionPlan, *, after: int) -> TrainingSession:
    """Add a session for those who were not at another one of the same cohort."""
    if missed.state != "held":
        raise AppError(Message("Only a session that was held can be made up for."))
    if missed.make_up_of_id is not None:
        raise AppError(Message("This session itself makes up for another. Make up for that one."))
    check_make_up_day(missed, plan)
    return _add(db, cohort, [plan], after, missed.id)[0]


def last_number(db: Session, cohort_id: int) -> int:
    """Return the highest number of a cohort's sessions, 0 where there is none."""
    return db.scalar(select(func.max(TrainingSession.number)).where(TrainingSession.cohort_id == cohort_id)) or 0


def _add(db: Session, cohort: Cohort, plans: Sequence[SessionPlan], after: int, make_up_of: int | None) -> list[TrainingSession]:
    db.scalar(select(Cohort.id).where(Cohort.id == cohort.id).with_for_update())
    if last_number(db, cohort.id) != after:
        raise AppError(Message("The cohort's sessions have changed meanwhile. Look at them, then add what is missing."))
    added = []
    for number, plan in enumerate(plans, start=after + 1):
        check_session(db, cohort, plan)
        session = TrainingSession(
            cohort_id=cohort.id,
            number=number,
            lead_trainer_id=plan.trainer.id,
            module=plan.module,
            held_on=plan.held_on,
            starts_at=plan.starts_at,
            planned_minutes=plan.minutes,
            place=plan.place,
            state="planned",
            make_up_of_id=make_up_of,
        )
        db.add(session)
        db.flush()
        added.append(session)
    facts = {"numbers": [session.number for session in added], "days": [session.held_on for session in added]}
    record_entry(db, "sessions_added", "cohort", cohort.code, after=facts)
    return added
