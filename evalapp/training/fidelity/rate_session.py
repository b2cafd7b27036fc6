"""Rate a session: how engaged the people were and how good the session was, each from 1 to 5, one rating for each account."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.training.attendance.check_marking import Permit, check_marking, lock_session
from evalapp.training.attendance.write_notes import LONGEST_NOTE, plain_note
from evalapp.training.fidelity.queries import find_rating, remark_context
from evalapp.training.fidelity.tables import HIGHEST, LOWEST, RATER_ROLES, SessionRating
from evalapp.training.tables import TrainingSession


class RefusedRating(AppError):  # noqa: N818 - what it is, in words
    """A rating was refused; `field` is what to mend."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


def rate_session(
    db: Session, session: TrainingSession, role: str, engagement: int, quality: int, remark: str = "", permit: Permit | None = None
) -> bool:
    """Keep how the one who acts saw a session, in place of what they said before; return whether it changed anything."""
    lock_session(db, session)
    reason = check_marking(session, permit or Permit())
    text = plain_note(remark)
    _check(role, engagement, quality, text)
    account = actor_of(db).account
    known = find_rating(db, session, account)
    if known and (known.role, known.engagement, known.quality, known.remark) == (role, engagement, quality, text):
        return False
    row = db.scalar(select(SessionRating).where(SessionRating.session_id == session.id, SessionRating.account == account))
    if row is None:
        row = SessionRating(session_id=session.id, account=account)
        db.add(row)
    row.role, row.engagement, row.quality, row.rated_at = role, engagement, quality, now()
    db.flush()
    row.remark_sealed = keys_of(db).seal(text, remark_context(row.id)) if text else None
    db.flush()
    facts = {"role": role, "engagement": engagement, "quality": quality, "remark": bool(text)}
    record_entry(db, "session_rated", "session", session.id, after=facts, reason=reason)
    return True


def _check(role: str, engagement: int, quality: int, remark: str) -> None:
    if role not in RATER_ROLES:
        raise ValueError(f"nobody rates as {role}")
    for name, value in (("engagement", engagement), ("quality", quality)):
        if not LOWEST <= value <= HIGHEST:
            raise RefusedRating(name, Message("Choose a number from %(low)s to %(high)s.", low=LOWEST, high=HIGHEST))
    if holds_resident_number(remark):
        raise RefusedRating("remark", Message("This holds a resident registration number, which must not be kept here. Remove it."))
    if len(remark) > LONGEST_NOTE:
        raise RefusedRating("remark", Message("At most %(most)s characters are kept. Shorten it.", most=f"{LONGEST_NOTE:,}"))
