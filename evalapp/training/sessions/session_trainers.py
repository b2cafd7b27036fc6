"""Who stands beside the lead trainer of a session: co-trainers, substitutes, observers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.training.sessions.change_session import TO_COME, keep_change, lock_as_seen
from evalapp.training.sessions.check_session import check_trainer, plan_as_it_stands
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Trainer, TrainingSession


def add_helper(db: Session, session: TrainingSession, trainer: Trainer, role: str) -> None:
    """Put a co-trainer or an observer on a session."""
    if trainer.id == session.lead_trainer_id or _find(db, session, trainer):
        raise AppError(Message("Trainer %(code)s is on this session already.", code=trainer.code))
    check_trainer(db, session.cohort_id, plan_as_it_stands(session, trainer), but=session.id)
    db.add(SessionTrainer(session_id=session.id, trainer_id=trainer.id, role=role))
    db.flush()
    record_entry(db, "session_trainer_added", "session", session.id, after={"trainer": trainer.code, "role": role})


def remove_helper(db: Session, session: TrainingSession, trainer: Trainer) -> None:
    """Take somebody off a session; the lead trainer stays."""
    helper = _find(db, session, trainer)
    if helper is None:
        raise NotFound(Message("Trainer %(code)s is not on this session.", code=trainer.code))
    before = {"trainer": trainer.code, "role": helper.role}
    db.delete(helper)
    db.flush()
    record_entry(db, "session_trainer_removed", "session", session.id, before=before)


def send_substitute(db: Session, session: TrainingSession, trainer: Trainer, seen: str, reason: str) -> None:
    """Let another trainer lead a session instead of its own, who still sees it; the log keeps who was to lead it and why not."""
    lock_as_seen(db, session, seen)
    if session.state not in TO_COME and session.state != "held":
        raise AppError(Message("This session was cancelled. Let it take place again first."))
    helper = _find(db, session, trainer)
    if helper is not None and helper.role == "substitute":
        raise AppError(Message("Trainer %(code)s is the substitute already.", code=trainer.code))
    if trainer.id == session.lead_trainer_id:
        raise AppError(Message("Trainer %(code)s is to lead this session anyway.", code=trainer.code))
    check_trainer(db, session.cohort_id, plan_as_it_stands(session, trainer), but=session.id)
    said = check_reason(reason)
    for other in db.scalars(
        select(SessionTrainer).where(SessionTrainer.session_id == session.id, SessionTrainer.role == "substitute")
    ):
        db.delete(other)
    if helper is None:
        helper = SessionTrainer(session_id=session.id, trainer_id=trainer.id, role="substitute")
        db.add(helper)
    helper.role = "substitute"
    lead = db.get_one(Trainer, session.lead_trainer_id).code
    keep_change(db, session, "substitute", lead, trainer.code, said)
    db.flush()
    facts = {"trainer": trainer.code, "instead_of": lead}
    record_entry(db, "session_substituted", "session", session.id, after=facts, reason=said)


def _find(db: Session, session: TrainingSession, trainer: Trainer) -> SessionTrainer | None:
    return db.scalar(select(SessionTrainer).where(SessionTrainer.session_id == session.id, SessionTrainer.trainer_id == trainer.id))
