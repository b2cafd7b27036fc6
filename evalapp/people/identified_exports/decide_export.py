"""Allow a list with identities, or refuse it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.identified_exports.queries import hold_export

VALID_FOR = dt.timedelta(hours=24)


def decide_export(db: Session, export_id: int, *, allow: bool) -> None:
    """Decide on a request that nobody has decided, and that is not one's own. What is allowed can be fetched for 24 hours."""
    asked = hold_export(db, export_id)
    if asked.state != "requested":
        raise AppError(Message("This request was decided already."))
    if asked.requested_by == actor_of(db).account:
        raise AppError(Message("Nobody decides on their own request. Another person has to."))
    asked.state, asked.decided_by, asked.decided_at = "approved" if allow else "refused", actor_of(db).account, now()
    asked.expires_at = now() + VALID_FOR if allow else None
    record_entry(db, "identity_export_allowed" if allow else "identity_export_refused", "identified_export", asked.id)
