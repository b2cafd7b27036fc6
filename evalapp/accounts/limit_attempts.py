"""Stop whoever tries something too often: wrong passwords from one address, guesses at public links.

Who tries is kept as a keyed hash, and for a day at most.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from evalapp.accounts.tables import Attempt
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message

KEPT_FOR = dt.timedelta(days=1)


class TooManyAttempts(AppError):  # noqa: N818 - read as a sentence where it is raised
    """The limit is used up; nothing was tried."""


@dataclass(frozen=True)
class Limit:
    """At most `most` attempts at an action within a time of `within`, at most a day."""

    action: str
    most: int
    within: dt.timedelta


def has_attempts_left(db: Session, limit: Limit, who: str) -> bool:
    """Say whether someone (an address, a link) may still try."""
    recent = (Attempt.bucket == _bucket(db, limit, who), Attempt.at > now() - limit.within)
    return (db.scalar(select(func.count(Attempt.id)).where(*recent)) or 0) < limit.most


def refuse_if_exhausted(db: Session, limit: Limit, who: str) -> None:
    """Raise TooManyAttempts when someone has used a limit up."""
    if not has_attempts_left(db, limit, who):
        minutes = int(limit.within.total_seconds() // 60)
        raise TooManyAttempts(Message("Too many attempts from here. Wait %(minutes)s minutes, then try again.", minutes=minutes))


def note_attempt(db: Session, limit: Limit, who: str) -> None:
    """Count one attempt towards a limit, and forget those of yesterday."""
    db.execute(delete(Attempt).where(Attempt.at < now() - KEPT_FOR))
    db.add(Attempt(bucket=_bucket(db, limit, who), at=now()))
    db.flush()


def _bucket(db: Session, limit: Limit, who: str) -> str:
    return keys_of(db).blind_index(who, f"attempts:{limit.action}")
