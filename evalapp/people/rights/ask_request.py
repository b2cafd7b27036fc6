"""Ask for something that concerns one's own data."""

from __future__ import annotations

import datetime as dt
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.people.rights.queries import details_context, find_open_request
from evalapp.people.rights.tables import REQUEST_KINDS, RespondentRequest
from evalapp.people.tables import Entrepreneur

SETTLED_WITHIN = dt.timedelta(days=10)
LONGEST_DETAILS = 1_000


def ask_request(db: Session, person: Entrepreneur, kind: str, details: str = "", language: str = "ko") -> RespondentRequest:
    """Record that a person asks for one of REQUEST_KINDS, to be settled within ten days. While one is open, it is the one."""
    if kind not in REQUEST_KINDS:
        raise AppError(Message("“%(kind)s” is not a kind of request.", kind=kind))
    said = _checked(kind, details)
    db.scalar(select(Entrepreneur.id).where(Entrepreneur.id == person.id).with_for_update())  # a button pressed twice asks once
    before = find_open_request(db, person.study_id, kind)
    if before is not None:
        return before
    asked = RespondentRequest(
        study_id=person.study_id,
        entrepreneur_id=person.id,
        kind=kind,
        language=language,
        asked_at=now(),
        due_on=today() + SETTLED_WITHIN,
    )
    db.add(asked)
    db.flush()
    if said:
        asked.details_sealed = keys_of(db).seal(said, details_context(asked.id))
    record_entry(
        db, "request_asked", "respondent_request", asked.id, subject=person.study_id, after={"kind": kind, "due_on": asked.due_on}
    )
    return asked


def _checked(kind: str, details: str) -> str:
    said = unicodedata.normalize("NFC", details.replace("\r\n", "\n")).strip()
    if kind == "correction" and not said:
        raise AppError(Message("Say what is wrong and how it should be."))
    if holds_resident_number(said):
        raise AppError(Message("This holds a resident registration number, which must not be kept here. Remove it."))
    if len(said) > LONGEST_DETAILS:
        raise AppError(
            Message(
                "The text has %(length)s characters; at most %(most)s are kept. Shorten it.", length=len(said), most=LONGEST_DETAILS
            )
        )
    return said
