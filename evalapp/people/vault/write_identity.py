"""Write what identifies a person into the vault."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.check_identity import RefusedIdentity, check_identity
from evalapp.people.vault.sealed_fields import fields_of, get_person, identity_context, index_context, stored_fields
from evalapp.people.vault.tables import IdentityField


def write_identity(
    db: Session, entrepreneur_id: int, values: Mapping[str, str | None], enterprise_id: int | None = None
) -> tuple[str, ...]:
    """Seal fields of a person, or of an enterprise of theirs, and return the names of those that changed.

    An empty value or None takes a field away; a field that is not named stays. With any fault RefusedIdentity names every one
    and nothing is written. The audit log says which fields changed, never from what or to what.
    """
    person = get_person(db, entrepreneur_id, enterprise_id, to_write=True)
    wanted = _checked(values, fields_of(enterprise_id))
    stored = stored_fields(db, entrepreneur_id, enterprise_id)
    changed = tuple(field for field, value in wanted.items() if _write(db, person, enterprise_id, field, value, stored.get(field)))
    if changed:
        db.flush()
        removed = [field for field in changed if wanted[field] is None]
        facts = {"fields": list(changed), "removed": removed} | ({"enterprise": enterprise_id} if enterprise_id else {})
        record_entry(db, "identity_written", "entrepreneur", person.study_id, subject=person.study_id, after=facts)
    return changed


def _checked(values: Mapping[str, str | None], known: tuple[str, ...]) -> dict[str, str | None]:
    checked: dict[str, str | None] = {}
    faults: dict[str, Message] = {}
    for field, text in values.items():
        if field not in known:
            raise KeyError(field)
        try:
            checked[field] = check_identity(field, text) if text and text.strip() else None
        except BadCell as bad:
            faults[field] = bad.message
    if faults:
        raise RefusedIdentity(faults)
    return checked


def _write(
    db: Session, person: Entrepreneur, enterprise_id: int | None, field: str, value: str | None, stored: IdentityField | None
) -> bool:
    """Store one field; say whether that changed anything."""
    if value is None:
        if stored is not None:
            db.delete(stored)
        return stored is not None
    keys = keys_of(db)
    index = keys.blind_index(value, index_context(field))
    if stored is not None and stored.blind_index == index:
        return False
    if stored is None:
        stored = IdentityField(entrepreneur_id=person.id, enterprise_id=enterprise_id, field=field)
        db.add(stored)
    stored.sealed = keys.seal(value, identity_context(person.study_id, field, enterprise_id))
    stored.blind_index, stored.changed_at = index, now()
    return True
