"""Reads of programmes and the people in them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.ids import PATTERN
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur, Programme, Registration, StudyIdAlias

IDENTIFIERS_A_QUERY = 5_000  # each is bound twice, and SQLite binds 32,766 values at most


def get_programme(db: Session, code: str) -> Programme:
    """Return a programme by its code, or raise NotFound."""
    programme = db.scalar(select(Programme).where(Programme.code == code))
    if programme is None:
        raise NotFound(Message("There is no programme %(code)s.", code=code))
    return programme


def plain_identifier(text: str) -> str:
    """Return an identifier as it is stored: our study IDs in capitals, those from elsewhere as they came."""
    capitals = text.upper()
    return capitals if PATTERN.match(capitals) else text


def resolve_people(db: Session, programme_id: int, identifiers: Collection[str]) -> dict[str, int]:
    """Return the entrepreneur's key for each identifier: a study ID, or an alias within the programme. Unknown ones are left out."""
    plain = {identifier: plain_identifier(identifier) for identifier in identifiers}
    found: dict[str, int] = {}
    for some in _chunks(set(plain.values())):
        rows = db.execute(
            union_all(
                select(Entrepreneur.study_id, Entrepreneur.id).where(Entrepreneur.study_id.in_(some)),
                select(StudyIdAlias.alias, StudyIdAlias.entrepreneur_id).where(
                    StudyIdAlias.programme_id == programme_id, StudyIdAlias.alias.in_(some)
                ),
            )
        )
        found.update((identifier, key) for identifier, key in rows)
    return {identifier: found[text] for identifier, text in plain.items() if text in found}


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    rest = iter(sorted(values))
    while some := list(islice(rest, IDENTIFIERS_A_QUERY)):
        yield some


def list_registered(db: Session, programme_id: int) -> set[int]:
    """Return the keys of the entrepreneurs registered in a programme."""
    return set(db.scalars(select(Registration.entrepreneur_id).where(Registration.programme_id == programme_id)))
