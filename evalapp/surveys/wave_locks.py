"""Whether a wave is closed to change."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.tables import Wave, WaveLock


def find_wave_lock(db: Session, wave_id: int) -> WaveLock | None:
    """Return the lock of a wave that was asked for or stands, or None."""
    return db.scalar(select(WaveLock).where(WaveLock.wave_id == wave_id, WaveLock.opened_at.is_(None)))


def is_locked(db: Session, wave_id: int) -> bool:
    """Say whether a wave is closed to change."""
    lock = find_wave_lock(db, wave_id)
    return lock is not None and lock.confirmed_at is not None


def refuse_if_locked(db: Session, wave_id: int) -> None:
    """Refuse a change in a locked wave, and keep the lock from falling before the change is done."""
    db.scalar(select(Wave.id).where(Wave.id == wave_id).with_for_update(read=True))
    if is_locked(db, wave_id):
        raise AppError(Message("The wave is locked: nothing in it changes. Open the lock first, with a reason."))
