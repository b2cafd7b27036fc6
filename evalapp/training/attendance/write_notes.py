"""Write what a trainer notes of a session, and of people at it. A note may hold anything a trainer hears, so it is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.training.attendance.check_marking import Permit, check_marking, lock_session
from evalapp.training.attendance.queries import (
    attendance_note_context,
    list_roster,
    open_notes,
    open_session_note,
    session_note_context,
)
from evalapp.training.tables import Attendance, TrainingSession

LONGEST_NOTE = 2_000
OF_THE_SESSION = 0


@dataclass(frozen=True)
class Note:
    """A note as it was typed, and the mark (`mark_of`) of the one that was there when typing began."""

    text: str
    seen: str


class RefusedNotes(AppError):  # noqa: N818 - what it is, in words
    """Notes that were refused, each with its message; nothing was written."""

    def __init__(self, faults: Mapping[int, Message]) -> None:
        self.faults = dict(faults)
        super().__init__(next(iter(self.faults.values())))


def mark_of(note: str) -> str:
    """Return what tells one note from another without saying what it holds."""
    return sha256_of(note.encode())[:16] if note else ""


def plain_note(text: str) -> str:
    """Return a note as it is kept: without the space around it and at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def write_notes(db: Session, session: TrainingSession, notes: Mapping[int, Note], permit: Permit | None = None) -> int:
    """Write notes by the number of a place on the roster, or OF_THE_SESSION; an empty text takes one away. Return how many changed.

    Where somebody else wrote meanwhile, both texts stay, one below the other. With any fault RefusedNotes names every one.
    """
    lock_session(db, session)
    said = check_marking(session, permit or Permit())
    people = {place.number: place.entrepreneur_id for place in list_roster(db, session)}
    about = open_notes(db, session)
    stored = {number: about.get(person, "") for number, person in people.items()} | {OF_THE_SESSION: open_session_note(db, session)}
    typed = {number: _joined(stored[number], note) for number, note in notes.items() if number in stored}
    changed = {number: text for number, text in typed.items() if text != stored[number]}
    rows = _rows(db, session)
    faults = {number: fault for number, text in changed.items() if (fault := _fault(text, number, rows, people))}
    if faults:
        raise RefusedNotes(faults)
    for number, text in changed.items():
        target = session if number == OF_THE_SESSION else rows[people[number]]
        target.note_sealed = _seal(db, target, text)
    if changed:
        db.flush()
        facts = {"of_the_session": OF_THE_SESSION in changed, "of_people": len(changed.keys() - {OF_THE_SESSION})}
        record_entry(db, "session_noted", "session", session.id, after=facts, reason=said)
    return len(changed)


def _rows(db: Session, session: TrainingSession) -> dict[int, Attendance]:
    return {row.entrepreneur_id: row for row in db.scalars(select(Attendance).where(Attendance.session_id == session.id))}


def _joined(stored: str, note: Note) -> str:
    """Return what is to be stored. A form sent twice, or a text that is there already, adds nothing."""
    text = plain_note(note.text)
    if note.seen == mark_of(stored):
        return text
    return stored if text in stored else f"{stored}\n{text}".strip()


def _fault(text: str, number: int, rows: Mapping[int, Attendance], people: Mapping[int, int]) -> Message | None:
    if holds_resident_number(text):
        return Message("The note holds a resident registration number, which must not be kept here. Remove it.")
    if len(text) > LONGEST_NOTE:
        return Message("The note has more than %(most)s characters. Shorten it.", most=f"{LONGEST_NOTE:,}")
    if number != OF_THE_SESSION and people[number] not in rows:
        return Message("Mark whether the person was there first, then note something about them.")
    return None


def _seal(db: Session, target: TrainingSession | Attendance, text: str) -> str | None:
    context = attendance_note_context if isinstance(target, Attendance) else session_note_context
    return keys_of(db).seal(text, context(target.id)) if text else None
