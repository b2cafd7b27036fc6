"""What a form asked that says who a person is: it goes to the vault, never among the answers."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.tables import Enterprise, Entrepreneur
from evalapp.people.vault.tables import ENTERPRISE_FIELDS
from evalapp.people.vault.write_identity import write_identity
from evalapp.surveys.answering.stored_answers import split_identifiers


def keep_identifiers(db: Session, person: Entrepreneur, identifiers: Mapping[str, str]) -> None:
    """Seal the fields of a person and of their current enterprise; RefusedIdentity where the vault cannot take one."""
    own, firm = split_identifiers(identifiers, ENTERPRISE_FIELDS)
    if own:
        write_identity(db, person.id, own)
    if firm:
        write_identity(db, person.id, firm, _current_enterprise(db, person))


def _current_enterprise(db: Session, person: Entrepreneur) -> int:
    current = select(Enterprise).where(Enterprise.entrepreneur_id == person.id, Enterprise.is_current)
    enterprise = db.scalar(current)
    if enterprise is None:
        enterprise = Enterprise(entrepreneur_id=person.id, is_current=True)
        db.add(enterprise)
        db.flush()
    return enterprise.id
