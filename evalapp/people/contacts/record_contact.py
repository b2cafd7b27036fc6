"""Write down a try at reaching a person, and what came of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.people.contacts.queries import find_no_contact_day, note_context, seoul_day
from evalapp.people.contacts.tables import CHANNELS, OUTCOMES, ContactAttempt
from evalapp.people.tables import Entrepreneur, Programme

LONGEST_NOTE = 1_000
LONGEST_KEY = 64
CLOCKS_APART = dt.timedelta(minutes=5)


@dataclass(frozen=True)
class Attempt:
    """What is said of an attempt: when, by which of CHANNELS, with which of OUTCOMES, when to try again, and a note."""

    at: dt.datetime
    channel: str
    outcome: str
    next_on: dt.date | None = None
    note: str = ""


def record_contact(db: Session, programme: Programme, person: Entrepreneur, key: str, attempt: Attempt) -> ContactAttempt:
    """Record an attempt under a key made by the client; the same key again returns what it recorded.

    Refused after the day on which the person said that they do not want to be contacted.
    """
    known = db.scalar(select(ContactAttempt).where(ContactAttempt.key == key))
    if known is not None:
        if (known.programme_id, known.entrepreneur_id) != (programme.id, person.id):
            raise AppError(Message("This form was sent before, for somebody else. Open it again."))
        return known
    _check(key, attempt)
    no_contact = find_no_contact_day(db, programme.id, person.id)
    if no_contact and seoul_day(attempt.at) > no_contact:
        raise AppError(
            Message("The person said on %(date)s that they do not want to be contacted. Do not try again.", date=no_contact)
        )
    stored = ContactAttempt(
        key=key,
        programme_id=programme.id,
        entrepreneur_id=person.id,
        at=attempt.at,
        channel=attempt.channel,
        outcome=attempt.outcome,
        next_on=attempt.next_on,
        note_sealed=keys_of(db).seal(attempt.note.strip(), note_context(key)) if attempt.note.strip() else None,
        account=actor_of(db).account,
    )
    db.add(stored)
    db.flush()
    after = {"programme": programme.code, "channel": attempt.channel, "outcome": attempt.outcome, "next_on": attempt.next_on}
    record_entry(db, "contact_recorded", "contact_attempt", stored.id, subject=person.study_id, after=after)
    return stored


def _check(key: str, attempt: Attempt) -> None:
    if not 0 < len(key) <= LONGEST_KEY:
        raise AppError(Message("The form has no key. Open it again."))
    if attempt.channel not in CHANNELS:
        raise AppError(Message("“%(channel)s” is not a way of reaching people.", channel=attempt.channel))
    if attempt.outcome not in OUTCOMES:
        raise AppError(Message("“%(outcome)s” is not an outcome of a contact.", outcome=attempt.outcome))
    if attempt.at > now() + CLOCKS_APART:
        raise AppError(Message("The contact lies in the future. Mend its day or time."))
    if attempt.next_on and attempt.next_on < seoul_day(attempt.at):
        raise AppError(Message("The next try cannot be before this one."))
    if holds_resident_number(attempt.note):
        raise AppError(Message("The note holds a resident registration number, which must not be kept here. Remove it."))
    if len(attempt.note) > LONGEST_NOTE:
        raise AppError(Message("The note has more than %(most)s characters. Shorten it.", most=f"{LONGEST_NOTE:,}"))
