"""Destroy the identities of a programme when their time is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Select, or_, select, union, update
from sqlalchemy.orm import Session, aliased

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.records.queries import list_shells
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Programme, Registration
from evalapp.people.vault.forget_identity import forget_identity
from evalapp.people.vault.tables import IdentityField


class DueDestruction(NamedTuple):
    """A programme whose identities should be gone, and how many people they are of."""

    programme: Programme
    people: int


def set_identity_kept_until(db: Session, programme: Programme, kept_until: dt.date | None) -> None:
    """Say until when the identities of a programme are kept, that day included; None keeps them until it is said."""
    before = programme.identity_kept_until
    if before == kept_until:
        return
    programme.identity_kept_until = kept_until
    db.flush()
    record_entry(
        db, "identity_retention_set", "programme", programme.code, before={"kept_until": before}, after={"kept_until": kept_until}
    )


def list_due_destruction(db: Session, on: dt.date) -> list[DueDestruction]:
    """Return the programmes with identities that should be gone on a day, the longest overdue first."""
    over = select(Programme).where(Programme.identity_kept_until < on).order_by(Programme.identity_kept_until, Programme.id)
    due = [DueDestruction(programme, len(_people_due(db, programme, on))) for programme in db.scalars(over)]
    return [entry for entry in due if entry.people]


def destroy_identities(db: Session, programme: Programme, on: dt.date) -> int:
    """Remove the identities and the notes of contacts of a programme whose time is over; returns of how many people.

    Someone who is also in a programme that still keeps identities keeps theirs until that one's day, but loses this one's notes.
    """
    if programme.identity_kept_until is None or programme.identity_kept_until >= on:
        raise AppError(Message("The time of this programme's identities is not over."))
    people = _people_due(db, programme, on)
    noted = ContactAttempt.programme_id == programme.id, ContactAttempt.note_sealed.is_not(None)
    db.execute(update(ContactAttempt).where(*noted).values(note_sealed=None))
    holders = set(db.scalars(_with_identity(programme, on)))
    wrote = RespondentRequest.entrepreneur_id.in_(holders), RespondentRequest.details_sealed.is_not(None)
    db.execute(update(RespondentRequest).where(*wrote).values(details_sealed=None))
    for holder in sorted(holders | list_shells(db, holders)):
        forget_identity(db, holder)
    after = {"people": len(people), "kept_until": programme.identity_kept_until}
    record_entry(db, "identities_destroyed", "programme", programme.code, after=after)
    return len(people)


def _people_due(db: Session, programme: Programme, on: dt.date) -> Sequence[int]:
    noted = select(ContactAttempt.entrepreneur_id).where(
        ContactAttempt.programme_id == programme.id, ContactAttempt.note_sealed.is_not(None)
    )
    return db.scalars(union(_with_identity(programme, on), noted)).all()


def _with_identity(programme: Programme, on: dt.date) -> Select[int]:
    elsewhere, other = aliased(Registration), aliased(Programme)
    kept_elsewhere = (
        select(elsewhere.id)
        .join(other, other.id == elsewhere.programme_id)
        .where(elsewhere.entrepreneur_id == Registration.entrepreneur_id)
        .where(or_(other.identity_kept_until.is_(None), other.identity_kept_until >= on))
    )
    registered = select(Registration.entrepreneur_id).join(
        IdentityField, IdentityField.entrepreneur_id == Registration.entrepreneur_id
    )
    return registered.where(Registration.programme_id == programme.id, ~kept_elsewhere.exists()).distinct()
