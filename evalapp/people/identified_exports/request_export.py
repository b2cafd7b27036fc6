"""Ask for a list with identities."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.records.tables import IdentifiedExport
from evalapp.people.tables import Programme
from evalapp.people.vault.check_identity import FIELDS


def request_export(db: Session, programme: Programme, fields: Sequence[str], reason: str) -> IdentifiedExport:
    """Ask for some identity fields of a programme's people, for a reason. Somebody else decides."""
    if not fields or not set(fields) <= set(FIELDS):
        raise AppError(Message("Choose the fields that the list is to hold, and no more than are needed."))
    said = check_reason(reason)
    asked = IdentifiedExport(
        programme_id=programme.id,
        fields=",".join(field for field in FIELDS if field in fields),
        reason=said,
        requested_by=actor_of(db).account,
        requested_at=now(),
    )
    db.add(asked)
    db.flush()
    facts = {"programme": programme.code, "fields": asked.fields}
    record_entry(db, "identity_export_requested", "identified_export", asked.id, after=facts, reason=said)
    return asked
