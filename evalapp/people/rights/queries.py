"""Reads of people's requests about their own data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Programme, Registration

SHOWN_DECIDED = 50


def details_context(request_id: int) -> str:
    """Return the context in which what a person wrote is sealed."""
    return f"request:{request_id}"


def find_open_request(db: Session, study_id: str, kind: str) -> RespondentRequest | None:
    """Return a person's request of a kind that is not settled, or None."""
    here = RespondentRequest.study_id == study_id, RespondentRequest.kind == kind, RespondentRequest.state == "open"
    return db.scalar(select(RespondentRequest).where(*here))


def get_request(db: Session, request_id: int, *, to_write: bool = False) -> RespondentRequest:
    """Return a request, or raise NotFound. `to_write` keeps other writers waiting."""
    query = select(RespondentRequest).where(RespondentRequest.id == request_id)
    if to_write:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = db.scalar(query)
    if found is None:
        raise NotFound(Message("There is no such request."))
    return found


def list_open_requests(db: Session) -> Sequence[RespondentRequest]:
    """Return the requests that are not settled, those due first before the others."""
    waiting = select(RespondentRequest).where(RespondentRequest.state == "open")
    return db.scalars(waiting.order_by(RespondentRequest.due_on, RespondentRequest.id)).all()


def list_decided_requests(db: Session) -> Sequence[RespondentRequest]:
    """Return the requests that were settled last."""
    settled = select(RespondentRequest).where(RespondentRequest.state != "open")
    return db.scalars(settled.order_by(RespondentRequest.decided_at.desc(), RespondentRequest.id.desc()).limit(SHOWN_DECIDED)).all()


def list_requests_of(db: Session, entrepreneur_id: int) -> Sequence[RespondentRequest]:
    """Return what a person asked for, the newest first."""
    theirs = select(RespondentRequest).where(RespondentRequest.entrepreneur_id == entrepreneur_id)
    return db.scalars(theirs.order_by(RespondentRequest.id.desc())).all()


def count_requests(db: Session, due_before: dt.date | None = None) -> int:
    """Return how many requests are not settled, or only those that were due before a day."""
    waiting = select(func.count()).select_from(RespondentRequest).where(RespondentRequest.state == "open")
    return db.scalar(waiting if due_before is None else waiting.where(RespondentRequest.due_on < due_before)) or 0


def list_places(db: Session, asked: RespondentRequest) -> Sequence[Programme]:
    """Return the programmes in which the person of a request is registered, the newest first; of an erased one none."""
    theirs = select(Programme).join(Registration, Registration.programme_id == Programme.id)
    return db.scalars(theirs.where(Registration.entrepreneur_id == asked.entrepreneur_id).order_by(Programme.id.desc())).all()


def read_details(db: Session, asked: RespondentRequest) -> str:
    """Return what a person wrote, "" where nothing. The audit log keeps that it was read, so this needs a session that writes."""
    if asked.details_sealed is None:
        return ""
    record_entry(db, "request_read", "respondent_request", asked.id, subject=asked.study_id)
    return keys_of(db).open(asked.details_sealed, details_context(asked.id))
