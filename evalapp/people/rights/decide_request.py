"""Settle a person's request: done, or refused, with a reason that the person reads."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.consents.queries import list_consent_rows
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.rights.queries import list_places
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Entrepreneur

BY_DECISION = ("correction", "restriction")  # access is done by handing the data over, an erasure by erasing


def decide_request(db: Session, asked: RespondentRequest, state: str, reason: str) -> None:
    """Settle an open request. A restriction that is granted ends every consent of the person at once."""
    why = check_reason(reason)
    demand_open(asked)
    if state not in ("done", "refused") or (state == "done" and asked.kind not in BY_DECISION):
        raise AppError(Message("This request is done by handing the data over, or by erasing the person."))
    if state == "done" and asked.kind == "restriction":
        _end_consents(db, asked)
    settle_request(db, asked, state, why)


def demand_open(asked: RespondentRequest) -> None:
    """Raise AppError where a request is settled already."""
    if asked.state != "open":
        raise AppError(Message("This request was settled already."))


def settle_request(db: Session, asked: RespondentRequest, state: str, reason: str) -> None:
    """Write down what became of a request."""
    asked.state, asked.reason = state, reason
    asked.decided_by, asked.decided_at = actor_of(db).account, now()
    db.flush()
    facts = {"kind": asked.kind, "state": state, "late": today() > asked.due_on}
    record_entry(db, "request_settled", "respondent_request", asked.id, subject=asked.study_id, after=facts, reason=reason)


def settle_requests_of_erased(db: Session, people: Collection[int], reason: str) -> None:
    """Settle what erased people asked for: to be forgotten is done, the rest has no object any more; what they wrote is removed."""
    for asked in db.scalars(select(RespondentRequest).where(RespondentRequest.entrepreneur_id.in_(people))).all():
        asked.details_sealed = None
        if asked.state == "open":
            settle_request(db, asked, "done" if asked.kind == "erasure" else "refused", reason)


def _end_consents(db: Session, asked: RespondentRequest) -> None:
    person = db.get_one(Entrepreneur, asked.entrepreneur_id)
    for programme in list_places(db, asked):
        rows = list_consent_rows(db, programme.id, person.id)
        if any(row.given_on and row.withdrawn_on is None for row in rows):
            withdraw_consent(db, programme, person, today(), "privacy")
