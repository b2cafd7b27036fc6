"""Hand a person's own data over: what is sealed is opened for it, and the request is settled with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.rights.decide_request import demand_open, settle_request
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.check_identity import FIELDS
from evalapp.people.vault.sealed_fields import identity_context
from evalapp.people.vault.tables import IdentityField


@dataclass(frozen=True)
class OwnField:
    """A field of identity in clear; `enterprise_id` says of which enterprise, None for the person."""

    field: str
    value: str
    enterprise_id: int | None


def hand_over_data(db: Session, asked: RespondentRequest) -> tuple[Entrepreneur, list[OwnField]]:
    """Return the person of a request to see their data, with their identity in clear, and settle the request.

    The audit log keeps that everything was handed over, by whom and to whom.
    """
    if asked.kind != "access":
        raise AppError(Message("Only who asked to see their data is handed them."))
    demand_open(asked)
    person = db.get_one(Entrepreneur, asked.entrepreneur_id)
    keys = keys_of(db)
    rows = db.scalars(select(IdentityField).where(IdentityField.entrepreneur_id == person.id)).all()
    fields = [
        OwnField(
            row.field, keys.open(row.sealed, identity_context(person.study_id, row.field, row.enterprise_id)), row.enterprise_id
        )
        for row in rows
    ]
    facts = {"fields": sorted({field.field for field in fields})}
    record_entry(db, "own_data_handed_over", "respondent_request", asked.id, subject=person.study_id, after=facts)
    settle_request(db, asked, "done", "")
    return person, sorted(fields, key=lambda own: (own.enterprise_id or 0, FIELDS.index(own.field)))
