"""People put straight into a programme, for tests of what becomes of them."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.people.registration.person_details import read_person
from evalapp.people.registration.register_people import register_entrepreneur


def register(db, programme, key, **cells):
    """Register a person by what is typed in the form; the name is made up unless given."""
    return register_entrepreneur(db, programme, read_person({"name": "김하늘", **cells}), key, dt.date(2026, 2, 1))


def actions(db, action=None):
    """Return the audit entries of one action, or the names of all actions."""
    entries = db.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
    return [entry.action for entry in entries] if action is None else [entry for entry in entries if entry.action == action]


def after(entry):
    return json.loads(entry.after)
