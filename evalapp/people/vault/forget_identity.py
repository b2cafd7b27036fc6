"""Take everything that identifies a person out of the vault."""

from __future__ import annotations

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.people.vault.sealed_fields import get_person
from evalapp.people.vault.tables import IdentityField


def forget_identity(db: Session, entrepreneur_id: int) -> tuple[str, ...]:
    """Remove every field of a person and of their enterprises; return the names of the fields removed."""
    person = get_person(db, entrepreneur_id, to_write=True)
    theirs = IdentityField.entrepreneur_id == entrepreneur_id
    fields = tuple(db.scalars(select(IdentityField.field).where(theirs).distinct().order_by(IdentityField.field)))
    if fields:
        db.execute(delete(IdentityField).where(theirs))
        record_entry(
            db, "identity_forgotten", "entrepreneur", person.study_id, subject=person.study_id, before={"fields": list(fields)}
        )
    return fields
