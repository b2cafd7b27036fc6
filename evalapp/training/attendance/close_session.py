"""End the marking of a session: it was held, from when to when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import SEOUL
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.attendance.check_marking import Permit, check_marking, lock_session
from evalapp.training.tables import TrainingSession

LONGEST = dt.timedelta(hours=12)


def planned_times(session: TrainingSession) -> tuple[dt.time | None, dt.time | None]:
    """Return when a session began and ended in Seoul's time, or as far as that is not known, when it was to."""
    begins = session.began_at or session.starts_at
    ends = session.ended_at or (begins + dt.timedelta(minutes=session.planned_minutes) if begins else None)
    return _time_of(begins), _time_of(ends)


def _time_of(instant: dt.datetime | None) -> dt.time | None:
    return instant.astimezone(SEOUL).time() if instant else None


def close_session(
    db: Session, session: TrainingSession, began: dt.time | None, ended: dt.time | None, permit: Permit | None = None
) -> None:
    """Say that a session was held, with its beginning and end in Seoul's time where they are known. Repeated, it changes nothing."""
    lock_session(db, session)
    said = check_marking(session, permit or Permit())
    began_at, ended_at = _instants(session.held_on, began, ended)
    times = (began_at or session.began_at, ended_at or session.ended_at)
    if session.state == "held" and times == (session.began_at, session.ended_at):
        return
    before = {"state": session.state}
    session.state = "held"
    session.began_at, session.ended_at = times
    db.flush()
    after = {"state": "held", "began_at": session.began_at, "ended_at": session.ended_at}
    record_entry(db, "session_held", "session", session.id, before=before, after=after, reason=said)


def _instants(day: dt.date, began: dt.time | None, ended: dt.time | None) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Return two times of a day as instants; an end before its beginning is after midnight."""
    first = dt.datetime.combine(day, began, SEOUL) if began else None
    last = dt.datetime.combine(day, ended, SEOUL) if ended else None
    if first and last and last <= first:
        last += dt.timedelta(days=1)
    if first and last and last - first > LONGEST:
        raise AppError(Message("The end lies before the beginning. Mend the times."))
    return first, last
