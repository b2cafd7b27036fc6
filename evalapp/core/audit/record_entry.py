"""Write down what was done."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Mapping
from contextlib import suppress

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.tables import AuditEntry, AuditHead
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of

START = "0" * 64


def record_entry(
    db: Session,
    action: str,
    object_type: str = "",
    object_key: object = "",
    *,
    subject: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Append one action of the session's actor to the audit log.

    `action` is a verb in the past with its noun ("identity_revealed", "role_granted"); `subject` the study ID of the person
    concerned. Neither `before`, `after` nor `reason` may hold what identifies a person: say which field, never its value.
    """
    if not db.get_bind().get_execution_options().get("writes", True):
        raise LookupError("what is written in a session that only reads is lost: open it with transaction(…)")
    actor = actor_of(db)
    head = _hold_head(db) or _begin_log(db)
    entry = {
        "number": head.number + 1,
        "at": now(),
        "account": actor.account,
        "role": actor.role,
        "address": actor.address,
        "action": action,
        "object_type": object_type,
        "object_key": str(object_key),
        "subject": subject,
        "before": canonical(before or {}),
        "after": canonical(after or {}),
        "reason": reason,
        "request_id": actor.request_id,
        "previous_hash": head.hash,
    }
    sealed = entry_hash(entry, keys_of(db).audit_key)
    db.execute(insert(AuditEntry).values(**entry, hash=sealed))
    head.number, head.hash = head.number + 1, sealed
    db.flush()


def _hold_head(db: Session) -> AuditHead | None:
    return db.scalar(select(AuditHead).with_for_update().execution_options(populate_existing=True))


def _begin_log(db: Session) -> AuditHead:
    """Return the head of a log without entries. Of two first writers one waits here for the other and goes on behind it."""
    with suppress(IntegrityError), db.begin_nested():
        db.execute(insert(AuditHead).values(id=1, number=0, hash=START))
    head = _hold_head(db)
    if head is None:
        raise LookupError("the audit log has no head")
    return head


def canonical(facts: Mapping[str, object]) -> str:
    """Return facts as JSON that is the same for the same facts."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)


def entry_hash(entry: Mapping[str, object], key: bytes) -> str:
    """Return the keyed hash of an entry's columns, the previous hash among them."""
    plain = {
        name: value.astimezone(dt.UTC).isoformat() if isinstance(value, dt.datetime) else value for name, value in entry.items()
    }
    return hmac.new(key, canonical(plain).encode(), hashlib.sha256).hexdigest()
