"""Show the notes of a person's contact attempts, which may hold anything a caller heard."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.people.contacts.queries import list_noted_attempts, note_context
from evalapp.people.tables import Entrepreneur, Programme


def read_contact_notes(db: Session, programme: Programme, person: Entrepreneur) -> dict[int, str]:
    """Return the notes in clear by the key of their attempt; the audit log keeps that they were read."""
    keys = keys_of(db)
    attempts = list_noted_attempts(db, programme.id, person.id)
    notes = {attempt.id: keys.open(attempt.note_sealed or "", note_context(attempt.key)) for attempt in attempts}
    if notes:
        after = {"programme": programme.code, "notes": len(notes)}
        record_entry(db, "contact_notes_read", "entrepreneur", person.study_id, subject=person.study_id, after=after)
    return notes
