"""Reads of the vault that show masks, never a value. Whoever calls them has made sure that the reader may see these people."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell
from evalapp.core.crypto.key_ring import KeyRing, keys_of
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.people.vault.check_identity import FIELDS, check_identity
from evalapp.people.vault.given_names import given_name
from evalapp.people.vault.masks import mask
from evalapp.people.vault.sealed_fields import get_person, identity_context, index_context
from evalapp.people.vault.tables import IdentityField

SEARCHED = ("name", "phone", "email", "registration_number")
PEOPLE_A_QUERY = 5_000


@dataclass(frozen=True)
class MaskedField:
    """A field that is kept of a person, or of the enterprise named by its key, as far as it may be shown."""

    field: str
    mask: str
    enterprise_id: int | None = None


def list_masks(db: Session, entrepreneur_ids: Collection[int]) -> dict[int, dict[str, str]]:
    """Return the masked fields of people (not of their enterprises), by person and field; people without any are left out.

    One audit entry says how many people were shown, so this needs a session that writes.
    """
    keys, masks = keys_of(db), dict[int, dict[str, str]]()
    wanted = sorted(entrepreneur_ids)
    for start in range(0, len(wanted), PEOPLE_A_QUERY):
        of_some = IdentityField.entrepreneur_id.in_(wanted[start : start + PEOPLE_A_QUERY]), IdentityField.enterprise_id.is_(None)
        rows = db.execute(
            select(IdentityField, Entrepreneur.study_id)
            .join(Entrepreneur, Entrepreneur.id == IdentityField.entrepreneur_id)
            .where(*of_some)
        )
        for stored, study_id in rows:
            masks.setdefault(stored.entrepreneur_id, {})[stored.field] = _mask(keys, stored, study_id)
    if masks:
        record_entry(db, "identity_masks_shown", "people", after={"people": len(masks)})
    return masks


def list_given_names(db: Session, entrepreneur_ids: Collection[int], object_type: str, object_key: object) -> dict[int, str]:
    """Return the given names of people, by person; who has none that can be told is left out.

    One audit entry says whose were opened and on what list (a session's, say), so this needs a session that writes.
    """
    rows = db.execute(
        select(IdentityField, Entrepreneur.study_id)
        .join(Entrepreneur, Entrepreneur.id == IdentityField.entrepreneur_id)
        .where(IdentityField.entrepreneur_id.in_(entrepreneur_ids), IdentityField.field == "name")
        .order_by(Entrepreneur.study_id)
    ).all()
    if rows:
        opened = [study_id for _, study_id in rows]
        record_entry(db, "given_names_shown", object_type, object_key, after={"people": opened})
    keys = keys_of(db)
    names = {
        stored.entrepreneur_id: given_name(keys.open(stored.sealed, identity_context(study_id, "name", None)))
        for stored, study_id in rows
    }
    return {person: name for person, name in names.items() if name}


def list_known_fields(db: Session, programme_id: int) -> dict[int, frozenset[str]]:
    """Return which fields are kept of each person of a programme (not of their enterprises). Nothing is opened."""
    rows = db.execute(
        select(IdentityField.entrepreneur_id, IdentityField.field)
        .join(Registration, Registration.entrepreneur_id == IdentityField.entrepreneur_id)
        .where(Registration.programme_id == programme_id, IdentityField.enterprise_id.is_(None))
    )
    known: dict[int, set[str]] = {}
    for person, field in rows:
        known.setdefault(person, set()).add(field)
    return {person: frozenset(fields) for person, fields in known.items()}


def list_identity_fields(db: Session, entrepreneur_id: int) -> list[MaskedField]:
    """Return the masked fields of a person and of their enterprises, in the order in which they are asked for."""
    keys, person = keys_of(db), get_person(db, entrepreneur_id)
    rows = db.scalars(select(IdentityField).where(IdentityField.entrepreneur_id == entrepreneur_id))
    fields = [MaskedField(row.field, _mask(keys, row, person.study_id), row.enterprise_id) for row in rows]
    return sorted(fields, key=lambda masked: (masked.enterprise_id or 0, FIELDS.index(masked.field)))


def find_people_by_identity(db: Session, programme_id: int, text: str) -> list[int]:
    """Return the keys of a programme's people whose name, telephone, e-mail or registration number is exactly this.

    The audit log keeps that someone searched and how many were found, not what for; so this needs a session that writes.
    """
    keys = keys_of(db)
    indexes = {field: keys.blind_index(plain, index_context(field)) for field, plain in _readings(text).items()}
    found = []
    if indexes:
        same = or_(*((IdentityField.field == field) & (IdentityField.blind_index == index) for field, index in indexes.items()))
        registered = IdentityField.entrepreneur_id == Registration.entrepreneur_id
        query = (
            select(Registration.entrepreneur_id)
            .join(IdentityField, registered)
            .where(Registration.programme_id == programme_id, same)
        )
        found = sorted(set(db.scalars(query)))
    record_entry(db, "identity_searched", "programme", programme_id, after={"found": len(found)})
    return found


def _readings(text: str) -> dict[str, str]:
    """Return what a text may be: the same digits can be a telephone and a registration number."""
    readings = {}
    for field in SEARCHED:
        try:
            readings[field] = check_identity(field, text)
        except BadCell:
            continue
    return readings


def _mask(keys: KeyRing, stored: IdentityField, study_id: str) -> str:
    return mask(stored.field, keys.open(stored.sealed, identity_context(study_id, stored.field, stored.enterprise_id)))
