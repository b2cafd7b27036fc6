"""Write down that a person left a programme, or that this was a mistake."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.contacts.queries import find_exit
from evalapp.people.contacts.tables import EXIT_REASONS, ProgrammeExit
from evalapp.people.tables import Entrepreneur, Programme


def record_exit(db: Session, programme: Programme, person: Entrepreneur, reason: str, left_on: dt.date) -> ProgrammeExit:
    """Record an exit for one of EXIT_REASONS; the same again changes nothing. Consents stay as they are."""
    if reason not in EXIT_REASONS:
        raise AppError(Message("“%(reason)s” is not a reason for leaving.", reason=reason))
    if left_on > today():
        raise AppError(Message("%(date)s lies in the future.", date=left_on))
    known = find_exit(db, programme.id, person.id)
    if known and (known.reason, known.left_on) == (reason, left_on):
        return known
    if known:
        raise AppError(Message("The person left the programme on %(date)s already. Undo that first.", date=known.left_on))
    left = ProgrammeExit(
        programme_id=programme.id, entrepreneur_id=person.id, reason=reason, left_on=left_on, account=actor_of(db).account
    )
    db.add(left)
    db.flush()
    after = {"programme": programme.code, "left_on": left_on, "reason": reason}
    record_entry(db, "exit_recorded", "entrepreneur", person.study_id, subject=person.study_id, after=after)
    return left


def undo_exit(db: Session, programme: Programme, person: Entrepreneur, reason: str) -> None:
    """Take an exit back, saying why."""
    why = check_reason(reason)
    known = find_exit(db, programme.id, person.id)
    if known is None:
        raise AppError(Message("The person has not left the programme."))
    before = {"programme": programme.code, "left_on": known.left_on, "reason": known.reason}
    db.delete(known)
    db.flush()
    record_entry(db, "exit_undone", "entrepreneur", person.study_id, subject=person.study_id, before=before, reason=why)
