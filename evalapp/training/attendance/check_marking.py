"""When a session may be marked, and by whom: from its day on, by trainers for two weeks, by officers later for a reason."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.training.tables import TrainingSession

TRAINERS_DAYS = 14


@dataclass(frozen=True)
class Permit:
    """Whether an account may still mark when the trainers' time is over, and why it does."""

    at_any_time: bool = False
    reason: str = ""


class NotNow(AppError):  # noqa: N818 - read as a sentence where it is raised
    """The session cannot be marked: not yet, not any more, or not at all."""


def lock_session(db: Session, session: TrainingSession) -> None:
    """Keep other writers of a session waiting, and see it as it is now."""
    db.scalar(
        select(TrainingSession).where(TrainingSession.id == session.id).with_for_update().execution_options(populate_existing=True)
    )


def is_late(session: TrainingSession) -> bool:
    """Say whether the trainers' time to mark a session is over."""
    return today() > session.held_on + dt.timedelta(days=TRAINERS_DAYS)


def find_refusal(session: TrainingSession, *, at_any_time: bool) -> Message | None:
    """Return why a session cannot be marked now, or None where it can, if only for a reason."""
    if session.state == "cancelled":
        return Message("This session was cancelled, so nobody attended it.")
    if today() < session.held_on:
        return Message("Attendance can be marked from the day of the session on.")
    if is_late(session) and not at_any_time:
        return Message("Trainers mark attendance until %(days)s days after a session. Ask a programme officer.", days=TRAINERS_DAYS)
    return None


def check_marking(session: TrainingSession, permit: Permit) -> str:
    """Return the reason to keep (empty where none is needed), or refuse with NotNow."""
    refusal = find_refusal(session, at_any_time=permit.at_any_time)
    if refusal is not None:
        raise NotNow(refusal)
    return check_reason(permit.reason) if is_late(session) else ""
