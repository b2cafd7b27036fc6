"""Show one field of one person in clear, for a reason that is written down."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.vault.sealed_fields import get_person, identity_context, stored_fields


def reveal_identity(db: Session, entrepreneur_id: int, field: str, reason: str, enterprise_id: int | None = None) -> str:
    """Return one field in clear. The audit log keeps who saw whose which field and why, and not what they saw."""
    said = check_reason(reason)
    person = get_person(db, entrepreneur_id, enterprise_id)
    stored = stored_fields(db, entrepreneur_id, enterprise_id).get(field)
    if stored is None:
        raise NotFound(Message("This is not recorded for the person."))
    value = keys_of(db).open(stored.sealed, identity_context(person.study_id, field, enterprise_id))
    facts = {"enterprise": enterprise_id} if enterprise_id else {}
    record_entry(db, "identity_revealed", "identity_field", field, subject=person.study_id, after=facts, reason=said)
    return value
