"""Change a planned session: move it, cancel it, let it take place after all. What it was before is kept with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import SEOUL, now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.training.sessions.check_session import RefusedSession, SessionPlan, check_session, check_trainer, plan_as_it_stands
from evalapp.training.sessions.tables import SessionChange, SessionTrainer
from evalapp.training.tables import Attendance, Cohort, Trainer, TrainingSession

TO_COME: Final = ("planned", "rescheduled")


class ChangedMeanwhile(AppError):  # noqa: N818 - read as a sentence where it is raised
    """Somebody else has changed the session since it was looked at."""


def mark_of(session: TrainingSession) -> str:
    """Return what stands for the session's plan as somebody saw it; it differs as soon as the plan does."""
    begin = session.starts_at.astimezone(SEOUL).isoformat() if session.starts_at else ""
    lead, minutes = session.lead_trainer_id, session.planned_minutes
    return f"{session.held_on.isoformat()}|{begin}|{minutes}|{session.module}|{lead}|{session.state}|{session.place}"


def lock_as_seen(db: Session, session: TrainingSession, seen: str) -> None:
    """Keep other writers of a session waiting; refuse with ChangedMeanwhile when its plan is not what was seen."""
    current = select(TrainingSession).where(TrainingSession.id == session.id)
    db.scalars(current.with_for_update().execution_options(populate_existing=True)).one()
    if mark_of(session) != seen:
        raise ChangedMeanwhile(
            Message("Somebody has changed this session meanwhile. Look at it as it is now, then change it again.")
        )


def change_session(db: Session, cohort: Cohort, session: TrainingSession, plan: SessionPlan, seen: str, reason: str) -> None:
    """Change the plan of a session. Another day, time or trainer needs a reason; what leaves a trace is kept with it."""
    lock_as_seen(db, session, seen)
    if session.state == "cancelled":
        raise AppError(Message("This session was cancelled. Let it take place again first."))
    moved = (plan.held_on, plan.starts_at) != (session.held_on, session.starts_at)
    _refuse_after_the_fact(db, session, plan, moved=moved)
    check_session(db, cohort, plan, but=session.id)
    if moved:
        _check_helpers(db, session, plan)
    is_other_lead = plan.trainer.id != session.lead_trainer_id
    said = check_reason(reason) if moved or is_other_lead else ""
    recorded = _recorded(session)
    if moved:
        keep_change(db, session, "moved", _when(session), _when_of(plan), said)
        session.state = "rescheduled"
    if plan.minutes != session.planned_minutes:
        keep_change(db, session, "minutes", str(session.planned_minutes), str(plan.minutes), said)
    if is_other_lead:
        keep_change(db, session, "trainer", db.get_one(Trainer, session.lead_trainer_id).code, plan.trainer.code, said)
        take_off(db, session, plan.trainer)
    session.held_on, session.starts_at, session.planned_minutes = plan.held_on, plan.starts_at, plan.minutes
    session.module, session.place, session.lead_trainer_id = plan.module, plan.place, plan.trainer.id
    db.flush()
    if recorded != _recorded(session):
        record_entry(db, "session_changed", "session", session.id, before=recorded, after=_recorded(session), reason=said)


def _refuse_after_the_fact(db: Session, session: TrainingSession, plan: SessionPlan, *, moved: bool) -> None:
    """Refuse another day, time or length where attendance was marked by the one that stands."""
    if moved and session.state == "held":
        raise RefusedSession(
            "held_on",
            Message("This session was held, so its day and time stay. Mend its beginning and end where it is marked."),
        )
    if (moved or plan.minutes != session.planned_minutes) and is_marked(db, session):
        field = "held_on" if moved else "minutes"
        raise RefusedSession(
            field, Message("Attendance is marked at this session, by its day and length. Take the marks back first.")
        )
    if session.make_up_of_id is not None:
        check_make_up_day(db.get_one(TrainingSession, session.make_up_of_id), plan)


def _check_helpers(db: Session, session: TrainingSession, plan: SessionPlan) -> None:
    """Refuse a day or time at which somebody beside the lead trainer teaches elsewhere or has left."""
    beside = select(Trainer).join(SessionTrainer, SessionTrainer.trainer_id == Trainer.id)
    for trainer in db.scalars(beside.where(SessionTrainer.session_id == session.id).order_by(Trainer.code)):
        check_trainer(db, session.cohort_id, replace(plan, trainer=trainer), but=session.id)


def check_make_up_day(missed: TrainingSession, plan: SessionPlan) -> None:
    """Refuse a session that would make up for one before that one was."""
    if plan.held_on < missed.held_on:
        raise RefusedSession("held_on", Message("A session is made up for on its day or later: %(date)s.", date=missed.held_on))


def is_marked(db: Session, session: TrainingSession) -> bool:
    """Say whether attendance is marked of anybody at a session."""
    return db.scalar(select(Attendance.id).where(Attendance.session_id == session.id).limit(1)) is not None


def cancel_session(db: Session, session: TrainingSession, seen: str, reason: str) -> None:
    """Say that a session does not take place. One that somebody attended cannot be cancelled."""
    lock_as_seen(db, session, seen)
    if session.state not in TO_COME:
        raise AppError(Message("Only a session that is still to come can be cancelled."))
    if is_marked(db, session):
        raise AppError(Message("Attendance is marked at this session. Take the marks back first, or say that it was held."))
    said = check_reason(reason)
    keep_change(db, session, "cancelled", _when(session), "", said)
    _set_state(db, session, "cancelled", said)


def restore_session(db: Session, cohort: Cohort, session: TrainingSession, seen: str, reason: str) -> None:
    """Let a cancelled session take place after all, if its day and time are still free."""
    lock_as_seen(db, session, seen)
    if session.state != "cancelled":
        raise AppError(Message("This session is not cancelled."))
    trainer = db.get_one(Trainer, session.lead_trainer_id)
    check_session(db, cohort, plan_as_it_stands(session, trainer), but=session.id)
    said = check_reason(reason)
    keep_change(db, session, "restored", "", _when(session), said)
    _set_state(db, session, "planned", said)


def take_off(db: Session, session: TrainingSession, trainer: Trainer) -> None:
    """Take whoever leads a session now off the list of those beside the lead, and whoever was the substitute of the lead before."""
    beside = SessionTrainer.session_id == session.id
    gone = or_(SessionTrainer.trainer_id == trainer.id, SessionTrainer.role == "substitute")
    db.execute(delete(SessionTrainer).where(beside, gone))


def keep_change(db: Session, session: TrainingSession, kind: str, before: str, after: str, reason: str) -> None:
    """Keep one change of a session's plan."""
    change = SessionChange(session_id=session.id, kind=kind, before=before, after=after, reason=reason[:200])
    change.account, change.changed_at = actor_of(db).account, now()
    db.add(change)


def _set_state(db: Session, session: TrainingSession, state: str, reason: str) -> None:
    before = {"state": session.state}
    session.state, session.state_reason = state, reason[:200]
    db.flush()
    record_entry(db, "session_changed", "session", session.id, before=before, after={"state": state}, reason=reason)


def _recorded(session: TrainingSession) -> dict[str, object]:
    names = ("held_on", "starts_at", "planned_minutes", "module", "lead_trainer_id", "state")
    return {name: getattr(session, name) for name in names}


def _when(session: TrainingSession) -> str:
    return _said(session.held_on.isoformat(), session.starts_at.astimezone(SEOUL).strftime("%H:%M") if session.starts_at else "")


def _when_of(plan: SessionPlan) -> str:
    return _said(plan.held_on.isoformat(), plan.starts.strftime("%H:%M") if plan.starts else "")


def _said(day: str, time: str) -> str:
    return f"{day} {time}".strip()
