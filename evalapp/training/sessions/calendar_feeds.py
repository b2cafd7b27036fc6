"""The secret address under which a trainer's calendar program reads their sessions. It cannot sign in, so the address is the key."""

from __future__ import annotations

import base64
import datetime as dt
import secrets

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.fingerprint import sha256_of
from evalapp.training.sessions.tables import CalendarFeed
from evalapp.training.tables import Trainer

TOKEN_BYTES = 20
GUESSES = Limit("calendar", 30, dt.timedelta(minutes=10))


def find_open_feed(db: Session, trainer: Trainer) -> CalendarFeed | None:
    """Return a trainer's feed that can be read now, or None."""
    return db.scalar(select(CalendarFeed).where(CalendarFeed.trainer_id == trainer.id, CalendarFeed.ended_at.is_(None)))


def open_feed(db: Session, trainer: Trainer) -> str:
    """Give a trainer a new secret address and return its token, which is kept as a hash only. An older one ends."""
    db.scalar(select(Trainer.id).where(Trainer.id == trainer.id).with_for_update())
    _end(db, trainer)
    token = base64.b32encode(secrets.token_bytes(TOKEN_BYTES)).decode().lower()
    feed = CalendarFeed(trainer_id=trainer.id, token_sha256=sha256_of(token.encode()))
    feed.created_at = now()
    db.add(feed)
    db.flush()
    record_entry(db, "calendar_opened", "trainer", trainer.code)
    return token


def end_feed(db: Session, trainer: Trainer) -> None:
    """End a trainer's feed; ended before, nothing happens."""
    if _end(db, trainer):
        record_entry(db, "calendar_ended", "trainer", trainer.code)


def find_trainer_by_feed(db: Session, token: str, address: str) -> Trainer | None:
    """Return whose calendar a token opens and note that it was read; None for one that is wrong, has ended, or is of someone who left.

    `address` is who asks over the network: after too many wrong tokens TooManyAttempts is raised for it.
    """
    refuse_if_exhausted(db, GUESSES, address)
    feed = db.scalar(
        select(CalendarFeed).where(CalendarFeed.token_sha256 == sha256_of(token.encode()), CalendarFeed.ended_at.is_(None))
    )
    if feed is None:
        note_attempt(db, GUESSES, address)
        return None
    here = or_(Trainer.left_on.is_(None), Trainer.left_on > today())
    trainer = db.scalar(select(Trainer).where(Trainer.id == feed.trainer_id, here))
    if trainer is not None:
        feed.last_read_at = now()
    return trainer


def _end(db: Session, trainer: Trainer) -> bool:
    feeds = db.scalars(select(CalendarFeed).where(CalendarFeed.trainer_id == trainer.id, CalendarFeed.ended_at.is_(None))).all()
    for feed in feeds:
        feed.ended_at = now()
    db.flush()
    return bool(feeds)
