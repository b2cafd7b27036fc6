"""Find out, without opening anything, whether people who are to be registered are known already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.people.records.duplicates import ALONE, TOGETHER
from evalapp.people.records.queries import list_kept
from evalapp.people.registration.person_details import PersonDetails
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.people.vault.sealed_fields import index_context
from evalapp.people.vault.tables import IdentityField

INDEXES_A_QUERY = 5_000


class PossibleDuplicate(NamedTuple):
    """Who may be the same: another row of the list, a person of the programme, or (both None) somebody of another programme.

    `fields` are those that agree: a telephone, an e-mail, a registration number, or name and birth date together.
    """

    fields: tuple[str, ...]
    study_id: str | None = None
    row: int | None = None


def find_possible_duplicates(
    db: Session, programme_id: int, people: Mapping[int, PersonDetails]
) -> dict[int, tuple[PossibleDuplicate, ...]]:
    """Return, for each person by row number, who may be the same; people without anyone are left out."""
    indexes = {row: _indexes(db, person) for row, person in people.items()}
    holders = _holders(db, {index for of_row in indexes.values() for index in of_row.values()})
    kept = list_kept(db, {holder for found in holders.values() for holder in found})
    known = _study_ids(db, programme_id, {kept.get(holder, holder) for found in holders.values() for holder in found})
    found: dict[int, tuple[PossibleDuplicate, ...]] = {}
    earlier: dict[str, set[int]] = defaultdict(set)
    for row, of_row in indexes.items():
        stored = {kept.get(holder, holder): fields for holder, fields in _agreeing(of_row, holders).items()}
        in_list = _agreeing(of_row, earlier)
        same = {PossibleDuplicate(fields, known.get(holder)) for holder, fields in stored.items()}
        same |= {PossibleDuplicate(fields, row=other) for other, fields in in_list.items()}
        if same:
            found[row] = tuple(sorted(same, key=lambda one: (one.study_id or "", one.row or 0, one.fields)))
        for index in of_row.values():
            earlier[index].add(row)
    return found


def _indexes(db: Session, person: PersonDetails) -> dict[str, str]:
    keys = keys_of(db)
    values = {field: person.values[field] for field in (*ALONE, *TOGETHER)}
    return {field: keys.blind_index(value, index_context(field)) for field, value in values.items() if value}


def _agreeing(of_row: Mapping[str, str], holders: Mapping[str, Collection[int]]) -> dict[int, tuple[str, ...]]:
    """Return who holds the same values in enough fields, with these fields."""
    shared: dict[int, list[str]] = defaultdict(list)
    for field, index in of_row.items():
        for holder in holders.get(index, ()):
            shared[holder].append(field)
    return {holder: tuple(fields) for holder, fields in shared.items() if set(fields) & set(ALONE) or set(fields) >= set(TOGETHER)}


def _holders(db: Session, indexes: Collection[str]) -> dict[str, set[int]]:
    wanted, found = sorted(indexes), defaultdict(set)
    for start in range(0, len(wanted), INDEXES_A_QUERY):
        some = IdentityField.blind_index.in_(wanted[start : start + INDEXES_A_QUERY])
        for index, holder in db.execute(select(IdentityField.blind_index, IdentityField.entrepreneur_id).where(some)):
            found[index].add(holder)
    return found


def _study_ids(db: Session, programme_id: int, people: Collection[int]) -> dict[int, str]:
    registered = select(Entrepreneur.id, Entrepreneur.study_id).join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
    found = db.execute(registered.where(Registration.programme_id == programme_id, Entrepreneur.id.in_(people)))
    return dict(found.all())
