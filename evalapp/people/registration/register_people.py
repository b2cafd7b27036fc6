"""Register people with their identities: one by hand, or the rows of a pasted list."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.registration.add_entrepreneurs import add_entrepreneurs
from evalapp.people.registration.person_details import ENTERPRISE_COLUMNS, PersonDetails
from evalapp.people.registration.preview_people import Preview
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.check_identity import RefusedIdentity
from evalapp.people.vault.tables import ENTERPRISE_FIELDS, PERSON_FIELDS
from evalapp.people.vault.write_identity import write_identity

LONGEST_KEY = 64


class RegisteredList(NamedTuple):
    """The study IDs of those registered by row number, and the text of the rows that are left to be mended."""

    study_ids: dict[int, str]
    remaining: str


def register_entrepreneur(
    db: Session, programme: Programme, person: PersonDetails, key: str, registered_on: dt.date | None = None
) -> Entrepreneur:
    """Register one person under a new study ID; the same key again returns whom it registered."""
    known = db.scalar(
        select(Entrepreneur).join(Registration).where(Registration.key == key, Registration.programme_id == programme.id)
    )
    if known is not None:
        return known
    if not 0 < len(key) <= LONGEST_KEY:
        raise AppError(Message("The form has no key. Open it again."))
    if person.faults:
        raise RefusedIdentity(person.faults)
    day = registered_on or today()
    if day > today():
        raise AppError(Message("%(date)s lies in the future.", date=day))
    entrepreneur = add_entrepreneurs(db, [None])[0]
    channel = person.values["recruitment_channel"]
    db.add(
        Registration(
            programme_id=programme.id, entrepreneur_id=entrepreneur.id, recruitment_channel=channel, registered_on=day, key=key
        )
    )
    db.flush()
    record_entry(
        db,
        "person_registered",
        "registration",
        entrepreneur.study_id,
        subject=entrepreneur.study_id,
        after={"programme": programme.code},
    )
    write_identity(db, entrepreneur.id, _given(person, PERSON_FIELDS))
    if _given(person, ENTERPRISE_COLUMNS):
        enterprise = Enterprise(entrepreneur_id=entrepreneur.id, industry=person.values["industry"], is_current=True)
        db.add(enterprise)
        db.flush()
        write_identity(db, entrepreneur.id, _given(person, ENTERPRISE_FIELDS), enterprise.id)
    return entrepreneur


def register_people(
    db: Session, programme: Programme, preview: Preview, numbers: Collection[int], key: str, registered_on: dt.date | None = None
) -> RegisteredList:
    """Register some rows of a list by their numbers: good ones, and doubtful ones that are somebody else after all.

    A row that was registered under this key before is not registered again.
    """
    failing = sorted({row.number for row in preview.failing} & set(numbers))
    if failing:
        raise AppError(Message("Some rows cannot be registered yet: %(rows)s. Mend them first.", rows=", ".join(map(str, failing))))
    seen: Counter[tuple[str | None, ...]] = Counter()
    study_ids: dict[int, str] = {}
    for row in preview.rows:
        values = tuple(row.details.values.values())
        if row.number in numbers:
            person = register_entrepreneur(db, programme, row.details, _row_key(db, key, values, seen[values]), registered_on)
            study_ids[row.number] = person.study_id
        seen[values] += 1
    return RegisteredList(study_ids, preview.without(study_ids))


def _row_key(db: Session, key: str, values: tuple[str | None, ...], earlier_alike: int) -> str:
    """Return a key of the row's content and not of its number, so that a list that was changed and sent again loses nobody."""
    content = "\0".join((*(value or "" for value in values), str(earlier_alike)))
    return keys_of(db).blind_index(content, f"registration:{key}")


def _given(person: PersonDetails, columns: Collection[str]) -> dict[str, str | None]:
    return {column: person.values[column] for column in columns if person.values[column]}
