"""People of a programme who may be one person under two study IDs, told by blind indexes without opening anything."""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.records.tables import NotDuplicate
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.people.vault.tables import IdentityField

ALONE = ("phone", "email", "registration_number")
TOGETHER = ("name", "birth_date")


class DuplicateCandidate(NamedTuple):
    """Two study IDs, the older record first, and the fields that agree."""

    first: str
    second: str
    fields: tuple[str, ...]


def list_duplicate_candidates(db: Session, programme_id: int) -> list[DuplicateCandidate]:
    """Return pairs of a programme's people with the same phone, e-mail or registration number, or name and birth date.

    Pairs that were judged to be two people are left out.
    """
    registered = select(Entrepreneur.id, Entrepreneur.study_id).join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
    study_ids = dict(db.execute(registered.where(Registration.programme_id == programme_id)).all())
    agreeing: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (fields, _), holders in _holders(db, programme_id).items():
        for pair in combinations(sorted(holders), 2):
            agreeing[pair].update(fields)
    judged = {(min(pair), max(pair)) for pair in db.execute(select(NotDuplicate.first_id, NotDuplicate.second_id))}
    return [
        DuplicateCandidate(study_ids[first], study_ids[second], tuple(field for field in (*ALONE, *TOGETHER) if field in same))
        for (first, second), same in sorted(agreeing.items())
        if (first, second) not in judged
    ]


def _holders(db: Session, programme_id: int) -> dict[tuple[tuple[str, ...], tuple[str, ...]], set[int]]:
    """Return who holds the same values, by the fields and their blind indexes: one field alone, or name and birth date together."""
    registered = select(Registration.entrepreneur_id).where(Registration.programme_id == programme_id)
    rows = select(IdentityField.entrepreneur_id, IdentityField.field, IdentityField.blind_index)
    holders: dict[tuple[tuple[str, ...], tuple[str, ...]], set[int]] = defaultdict(set)
    names: dict[int, dict[str, str]] = defaultdict(dict)
    for person, field, index in db.execute(rows.where(IdentityField.entrepreneur_id.in_(registered))):
        if field in ALONE:
            holders[(field,), (index,)].add(person)
        elif field in TOGETHER:
            names[person][field] = index
    for person, found in names.items():
        if len(found) == len(TOGETHER):
            holders[TOGETHER, tuple(found[field] for field in TOGETHER)].add(person)
    return holders


def judge_not_duplicate(db: Session, first: Entrepreneur, second: Entrepreneur, reason: str) -> None:
    """Record that two people who look alike are two; the same again changes nothing."""
    if first.id == second.id:
        raise AppError(Message("These are not two records but one."))
    why = check_reason(reason)
    low, high = sorted((first, second), key=lambda person: person.id)
    pair = NotDuplicate.first_id == low.id, NotDuplicate.second_id == high.id
    if db.scalar(select(NotDuplicate.id).where(*pair)):
        return
    db.add(NotDuplicate(first_id=low.id, second_id=high.id, judged_by=actor_of(db).account, judged_at=now()))
    db.flush()
    record_entry(db, "duplicate_denied", "entrepreneur", high.study_id, subject=low.study_id, reason=why)
