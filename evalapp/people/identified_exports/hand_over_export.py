"""Make the encrypted file of an allowed list, once, for the person who asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.csv_file import csv_file
from evalapp.core.encrypted_archive import encrypted_archive
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.contacts.queries import find_no_contact_day
from evalapp.people.contacts.tables import ProgrammeExit
from evalapp.people.identified_exports.queries import hold_export, is_open
from evalapp.people.records.tables import IdentifiedExport
from evalapp.people.tables import Enterprise, Entrepreneur, Registration
from evalapp.people.vault.sealed_fields import identity_context
from evalapp.people.vault.tables import IdentityField

NAME_IN_ARCHIVE = "list.csv"


def hand_over_export(db: Session, export_id: int, password: str) -> bytes:
    """Return the list as a ZIP archive encrypted with AES-256, and close the request: it is handed over once.

    The archive holds one CSV file with the study ID and the fields allowed, a row for everyone in the programme who has any, except
    those who left it or who do not want to be contacted.
    """
    allowed = hold_export(db, export_id)
    if allowed.requested_by != actor_of(db).account:
        raise NotFound(Message("There is no such request."))
    if not is_open(allowed):
        raise AppError(Message("This list cannot be fetched any more: it was fetched, refused, or not fetched in time. Ask anew."))
    fields = allowed.fields.split(",")
    rows = _rows(db, allowed, fields)
    allowed.state, allowed.downloaded_at, allowed.people = "downloaded", now(), len(rows)
    facts = {"fields": allowed.fields, "people": len(rows)}
    record_entry(db, "identity_export_downloaded", "identified_export", allowed.id, after=facts, reason=allowed.reason)
    return encrypted_archive({NAME_IN_ARCHIVE: csv_file(["study_id", *fields], rows)}, password)


def _rows(db: Session, allowed: IdentifiedExport, fields: Sequence[str]) -> list[list[str]]:
    """Return a row of cells for each person who may be contacted. Of enterprises the current one is meant."""
    keys = keys_of(db)
    left = select(ProgrammeExit.entrepreneur_id).where(ProgrammeExit.programme_id == allowed.programme_id)
    query = (
        select(Entrepreneur.study_id, IdentityField)
        .join(IdentityField, IdentityField.entrepreneur_id == Entrepreneur.id)
        .join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
        .outerjoin(Enterprise, Enterprise.id == IdentityField.enterprise_id)
        .where(Registration.programme_id == allowed.programme_id, IdentityField.field.in_(fields))
        .where(Entrepreneur.id.not_in(left))
        .where(or_(IdentityField.enterprise_id.is_(None), Enterprise.is_current))
        .order_by(Entrepreneur.study_id)
    )
    people: dict[str, dict[str, str]] = {}
    for study_id, stored in db.execute(query):
        if study_id not in people and find_no_contact_day(db, allowed.programme_id, stored.entrepreneur_id):
            continue
        value = keys.open(stored.sealed, identity_context(study_id, stored.field, stored.enterprise_id))
        people.setdefault(study_id, {})[stored.field] = value
    return [[study_id, *(held.get(field, "") for field in fields)] for study_id, held in people.items()]
