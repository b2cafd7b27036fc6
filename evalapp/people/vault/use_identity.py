"""Open fields of one person for the program's own use, where nobody sees them: to send a message, to check a secret."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.people.vault.sealed_fields import get_person, identity_context, stored_fields


def use_identity(db: Session, entrepreneur_id: int, fields: Collection[str], purpose: str) -> dict[str, str]:
    """Return those of some fields that are kept, in clear, for a purpose. The audit log keeps which fields of whom and what for."""
    person = get_person(db, entrepreneur_id)
    stored = {name: row for name, row in stored_fields(db, entrepreneur_id, None).items() if name in fields}
    keys = keys_of(db)
    opened = {name: keys.open(row.sealed, identity_context(person.study_id, name, None)) for name, row in stored.items()}
    if opened:
        facts = {"fields": sorted(opened)}
        record_entry(db, "identity_used", "entrepreneur", person.study_id, subject=person.study_id, after=facts, reason=purpose)
    return opened
