"""Where the sealed fields of a person stand, and the contexts they are sealed in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Enterprise, Entrepreneur
from evalapp.people.vault.tables import ENTERPRISE_FIELDS, PERSON_FIELDS, IdentityField


def identity_context(study_id: str, field: str, enterprise_id: int | None) -> str:
    """Return the context of a field: whose it is, so that a sealed value copied to another row does not open there."""
    return f"identity:{study_id}:{field}" if enterprise_id is None else f"identity:{study_id}:{enterprise_id}:{field}"


def index_context(field: str) -> str:
    """Return the context of a field's blind index: equal values of different people meet, of different fields do not."""
    return f"identity:{field}"


def get_person(db: Session, entrepreneur_id: int, enterprise_id: int | None = None, *, to_write: bool = False) -> Entrepreneur:
    """Return a person, and make sure that an enterprise is theirs, or raise NotFound. `to_write` keeps other writers waiting."""
    query = select(Entrepreneur).where(Entrepreneur.id == entrepreneur_id)
    person = db.scalar(query.with_for_update() if to_write else query)
    theirs = select(Enterprise.id).where(Enterprise.id == enterprise_id, Enterprise.entrepreneur_id == entrepreneur_id)
    if person is None or (enterprise_id is not None and db.scalar(theirs) is None):
        raise NotFound(Message("There is no such person or enterprise."))
    return person


def fields_of(enterprise_id: int | None) -> tuple[str, ...]:
    """Return the names of the fields of a person, or of an enterprise."""
    return PERSON_FIELDS if enterprise_id is None else ENTERPRISE_FIELDS


def stored_fields(db: Session, entrepreneur_id: int, enterprise_id: int | None) -> dict[str, IdentityField]:
    """Return the sealed fields of a person, or of one enterprise of theirs, by name."""
    found = select(IdentityField).where(
        IdentityField.entrepreneur_id == entrepreneur_id,
        IdentityField.enterprise_id.is_(None) if enterprise_id is None else IdentityField.enterprise_id == enterprise_id,
    )
    return {row.field: row for row in db.scalars(found)}
