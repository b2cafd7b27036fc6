"""Reads of contact attempts and exits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from evalapp.core.clock import SEOUL
from evalapp.people.consents.queries import PurposeConsent, list_consents
from evalapp.people.contacts.tables import ContactAttempt, ProgrammeExit


class OutcomeFlags(NamedTuple):
    """What an outcome means for the work: the interview is done, the person said no, the case goes back on the list."""

    completed: bool = False
    refused: bool = False
    assignable: bool = False


AGAIN = OutcomeFlags(assignable=True)
OUTCOME_FLAGS: Final[Mapping[str, OutcomeFlags]] = {
    "complete": OutcomeFlags(completed=True),
    "partial_cut_off": AGAIN,
    "partial_refused": OutcomeFlags(refused=True),
    "appointment": AGAIN,
    "no_answer": AGAIN,
    "not_available": AGAIN,
    "switched_off": AGAIN,
    "network_failure": AGAIN,
    "unreachable": AGAIN,
    "invalid_number": OutcomeFlags(),
    "wrong_person": OutcomeFlags(),
    "refused": OutcomeFlags(refused=True),
    "message_sent": AGAIN,
}


@dataclass(frozen=True)
class Contact:
    """One attempt as it is listed; its note stays sealed."""

    id: int
    at: dt.datetime
    channel: str
    outcome: str
    flags: OutcomeFlags
    next_on: dt.date | None
    has_note: bool
    account: str


def list_contacts(db: Session, programme_id: int, entrepreneur_id: int) -> list[Contact]:
    """Return the attempts at reaching a person, the newest first."""
    return [
        Contact(a.id, a.at, a.channel, a.outcome, OUTCOME_FLAGS[a.outcome], a.next_on, a.note_sealed is not None, a.account)
        for a in _attempts(db, programme_id, entrepreneur_id)
    ]


def list_noted_attempts(db: Session, programme_id: int, entrepreneur_id: int) -> list[ContactAttempt]:
    """Return the attempts that have a note, the newest first."""
    return [attempt for attempt in _attempts(db, programme_id, entrepreneur_id) if attempt.note_sealed]


def _attempts(db: Session, programme_id: int, entrepreneur_id: int) -> list[ContactAttempt]:
    attempts = select(ContactAttempt).where(
        ContactAttempt.programme_id == programme_id, ContactAttempt.entrepreneur_id == entrepreneur_id
    )
    return list(db.scalars(attempts.order_by(ContactAttempt.at.desc(), ContactAttempt.id.desc())))


def find_exit(db: Session, programme_id: int, entrepreneur_id: int) -> ProgrammeExit | None:
    """Return how a person left a programme, or None for someone who is in it."""
    return db.scalar(
        select(ProgrammeExit).where(ProgrammeExit.programme_id == programme_id, ProgrammeExit.entrepreneur_id == entrepreneur_id)
    )


def find_no_contact_day(db: Session, programme_id: int, entrepreneur_id: int) -> dt.date | None:
    """Return the day on which a person said that they do not want to be contacted, None for someone who may be.

    That is a no to being contacted again, or a withdrawal of the last consent that held. Who was never asked may be contacted.
    """
    consents = list_consents(db, programme_id, entrepreneur_id)
    recontact = next(consent for consent in consents if consent.purpose == "recontact")
    if recontact.state in {"refused", "withdrawn"}:
        return recontact.since
    return _left_with_nothing(consents)


def _left_with_nothing(consents: list[PurposeConsent]) -> dt.date | None:
    open_or_valid = any(consent.is_valid or consent.state == "requested" for consent in consents)
    withdrawn = [consent.since for consent in consents if consent.state == "withdrawn" and consent.since]
    return None if open_or_valid else max(withdrawn, default=None)


def seoul_day(at: dt.datetime) -> dt.date:
    """Return the day of an instant in Seoul, where people are called."""
    return at.astimezone(SEOUL).date()


def note_context(key: str) -> str:
    """Return the context in which the note of an attempt is sealed."""
    return f"contact:{key}"


def due_contacts(programme_id: int, on: dt.date) -> Select[int]:
    """Select the keys of the people in a programme whose last contact asked for another one by a day."""
    here = ContactAttempt.programme_id == programme_id
    later = aliased(ContactAttempt)
    is_last = ~select(later.id).where(
        later.programme_id == programme_id, later.entrepreneur_id == ContactAttempt.entrepreneur_id,
        or_(later.at > ContactAttempt.at, and_(later.at == ContactAttempt.at, later.id > ContactAttempt.id)),
    ).exists()  # fmt: skip
    left = select(ProgrammeExit.entrepreneur_id).where(ProgrammeExit.programme_id == programme_id)
    return select(ContactAttempt.entrepreneur_id).where(
        here, is_last, ContactAttempt.next_on <= on, ContactAttempt.entrepreneur_id.not_in(left)
    )


def count_due_contacts(db: Session, programme_id: int, on: dt.date) -> int:
    """Return how many people in a programme are to be contacted by a day."""
    return db.scalar(select(func.count()).select_from(due_contacts(programme_id, on).subquery())) or 0
