"""Close a wave to change, by two people, and open it again for a reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Submission, Wave, WaveLock
from evalapp.surveys.wave_locks import find_wave_lock

UNDECIDED = ("received", "has_issues")


def ask_wave_lock(db: Session, wave: Wave) -> WaveLock:
    """Ask that a wave be closed. Everything in it must be decided."""
    _hold(db, wave)
    if find_wave_lock(db, wave.id) is not None:
        raise AppError(Message("The lock of this wave was asked for already."))
    _refuse_undecided(db, wave)
    lock = WaveLock(wave_id=wave.id, asked_by=actor_of(db).account, asked_at=now())
    db.add(lock)
    db.flush()
    record_entry(db, "wave_lock_asked", "wave", wave.id, after={"wave": wave.code})
    return lock


def confirm_wave_lock(db: Session, wave: Wave) -> None:
    """Close a wave that another person asked to close; from now on nothing in it changes."""
    _hold(db, wave)
    lock = find_wave_lock(db, wave.id)
    if lock is None or lock.confirmed_at is not None:
        raise AppError(Message("Nobody has asked to lock this wave."))
    if lock.asked_by == actor_of(db).account:
        raise AppError(Message("A second person confirms the lock: whoever asked for it cannot."))
    _refuse_undecided(db, wave)
    lock.confirmed_by, lock.confirmed_at = actor_of(db).account, now()
    db.flush()
    record_entry(db, "wave_locked", "wave", wave.id, after={"wave": wave.code, "asked_by": lock.asked_by})


def open_wave_lock(db: Session, wave: Wave, reason: str) -> None:
    """Open a locked wave again, or take back the request to lock it."""
    why = check_comment(reason)
    _hold(db, wave)
    lock = find_wave_lock(db, wave.id)
    if lock is None:
        raise AppError(Message("This wave is not locked."))
    lock.opened_by, lock.opened_at, lock.reason = actor_of(db).account, now(), why
    db.flush()
    record_entry(db, "wave_lock_opened", "wave", wave.id, before={"locked": lock.confirmed_at is not None}, reason=why)


@dataclass(frozen=True)
class LockedWave:
    """A wave, how many of its submissions are decided and not, and the lock that was asked for or stands."""

    wave: Wave
    decided: int
    undecided: int
    lock: WaveLock | None


def list_wave_locks(db: Session, programme_id: int) -> list[LockedWave]:
    """Return the waves of a programme in their order with their locks."""
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round)).all()
    states = select(Submission.wave_id, Submission.state, func.count()).group_by(Submission.wave_id, Submission.state)
    counts: defaultdict[tuple[int, bool], int] = defaultdict(int)
    for wave, state, count in db.execute(states.where(Submission.state != "draft")):
        counts[wave, state in UNDECIDED] += count
    return [LockedWave(w, counts[w.id, False], counts[w.id, True], find_wave_lock(db, w.id)) for w in waves]


def list_unlocked_waves(db: Session, programme_id: int) -> tuple[str, ...]:
    """Return the codes of a programme's waves that may still change, in their order."""
    locked = select(WaveLock.wave_id).where(WaveLock.confirmed_at.is_not(None), WaveLock.opened_at.is_(None))
    waves = select(Wave.code).where(Wave.programme_id == programme_id, Wave.id.not_in(locked)).order_by(Wave.round)
    return tuple(db.scalars(waves))


def _hold(db: Session, wave: Wave) -> None:
    db.scalar(select(Wave.id).where(Wave.id == wave.id).with_for_update())


def _refuse_undecided(db: Session, wave: Wave) -> None:
    here = Submission.wave_id == wave.id
    undecided = db.scalar(select(func.count()).select_from(Submission).where(here, Submission.state.in_(UNDECIDED)))
    if undecided:
        raise AppError(
            Message("%(count)s submissions of this wave are not decided. Approve or reject them first.", count=undecided)
        )
    waiting = select(func.count()).select_from(Correction).join(Submission, Submission.id == Correction.submission_id)
    if pending := db.scalar(waiting.where(here, Correction.approved_at.is_(None))):
        raise AppError(
            Message("%(count)s corrections in this wave wait for a second person. Approve or drop them first.", count=pending)
        )
