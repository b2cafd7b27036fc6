"""Forget a person who asks for it: the identity only, or everything that is kept of them in any stage.

What stays is the fact itself (study ID, kind, day, who did it) and the audit log, neither of which says who it was. Frozen panels
are never rewritten; they hold study IDs that lead to nobody, and no run reads one that holds a person without consent.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.consents.queries import consenting_people, list_consent_rows
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.records.queries import alias_index, find_erasure, list_shells
from evalapp.people.records.references import count_belongings, note_columns
from evalapp.people.records.tables import ERASURE_KINDS, ErasedAlias, Erasure
from evalapp.people.rights.decide_request import settle_requests_of_erased
from evalapp.people.tables import CONSENT_PURPOSES, Entrepreneur, Programme, Registration, StudyIdAlias
from evalapp.people.vault.forget_identity import forget_identity

ALL_BUT_SURVEY = tuple(purpose for purpose in CONSENT_PURPOSES if purpose != "survey")


class ErasedPerson(NamedTuple):
    """What was removed: the kind of erasure, the study IDs of the person, and how many rows of which table."""

    kind: str
    study_ids: tuple[str, ...]
    removed: dict[str, int]


def default_erasure_kind(db: Session, person: Entrepreneur) -> str:
    """Return what the person's consents ask for: the answers may stay where the survey's consent still holds anywhere."""
    for programme in _programmes(db, person):
        may = consenting_people(programme.id, "survey", today()).subquery()
        if db.scalar(select(may.c.entrepreneur_id).where(may.c.entrepreneur_id == person.id)):
            return "identity_only"
    return "everything"


def erase_person(
    db: Session, person: Entrepreneur, kind: str, reason: str, withdraw: Collection[str] = ALL_BUT_SURVEY
) -> ErasedPerson:
    """Erase a person together with the records that were merged into theirs.

    `identity_only` removes identities, notes of contacts and identifiers from elsewhere, and withdraws the consents to the purposes
    of `withdraw`; the answers stay under the study ID. `everything` removes every row that belongs to the person.
    """
    if kind not in ERASURE_KINDS:
        raise AppError(Message("“%(kind)s” is not a kind of erasure.", kind=kind))
    why = check_reason(reason)
    people = [person.id, *sorted(list_shells(db, {person.id}))]
    records = db.scalars(select(Entrepreneur).where(Entrepreneur.id.in_(people)).with_for_update()).all()
    study_ids = (person.study_id, *(record.study_id for record in records if record.id != person.id))
    programmes = [programme.code for programme in _programmes(db, person)]
    _remember_aliases(db, people, study_ids)
    settle_requests_of_erased(db, people, why)
    if kind == "everything":
        removed = count_belongings(db, people)
        db.execute(delete(Entrepreneur).where(Entrepreneur.id.in_(people)))
    else:
        removed = _erase_identity(db, person, people, study_ids, withdraw)
    _write_erasures(db, study_ids, kind)
    db.flush()
    db.expire_all()
    record_entry(
        db,
        "person_erased",
        "entrepreneur",
        study_ids[0],
        subject=study_ids[0],
        after={"kind": kind, "rows": removed, "programmes": programmes},
        reason=why,
    )
    return ErasedPerson(kind, study_ids, removed)


def _programmes(db: Session, person: Entrepreneur) -> Sequence[Programme]:
    registered = select(Programme).join(Registration, Registration.programme_id == Programme.id)
    return db.scalars(registered.where(Registration.entrepreneur_id == person.id)).all()


def _remember_aliases(db: Session, people: Collection[int], study_ids: Collection[str]) -> None:
    """Keep what tells the identifiers from elsewhere when they come again, and nothing that tells them now."""
    aliases = db.scalars(select(StudyIdAlias).where(StudyIdAlias.entrepreneur_id.in_(people))).all()
    for alias in aliases:
        if alias.alias in study_ids:
            continue
        index = alias_index(db, alias.programme_id, alias.alias)
        known = ErasedAlias.programme_id == alias.programme_id, ErasedAlias.alias_index == index
        if db.scalar(select(ErasedAlias.id).where(*known)) is None:
            db.add(ErasedAlias(programme_id=alias.programme_id, alias_index=index))
    db.flush()


def _erase_identity(
    db: Session, person: Entrepreneur, people: Collection[int], study_ids: Collection[str], withdraw: Collection[str]
) -> dict[str, int]:
    theirs = {"identity_fields": _forget(db, people), **_forget_notes(db, people)}
    foreign = StudyIdAlias.entrepreneur_id.in_(people), StudyIdAlias.alias.not_in(study_ids)
    theirs["study_id_aliases"] = len(db.scalars(delete(StudyIdAlias).where(*foreign).returning(StudyIdAlias.id)).all())
    for programme in _programmes(db, person):
        rows = list_consent_rows(db, programme.id, person.id)
        standing = {row.purpose for row in rows if row.given_on and row.withdrawn_on is None} & set(withdraw)
        if standing:
            withdraw_consent(db, programme, person, today(), "privacy", standing)
    return {name: count for name, count in theirs.items() if count}


def _forget(db: Session, people: Collection[int]) -> int:
    return sum(len(forget_identity(db, key)) for key in people)


def _forget_notes(db: Session, people: Collection[int]) -> dict[str, int]:
    """Empty what was noted about some people, by callers and by trainers."""
    counts = {}
    for name, note in note_columns().items():
        table = note.table
        noted = table.c.entrepreneur_id.in_(people), note.is_not(None)
        counts[name] = len(db.scalars(update(table).where(*noted).values(note_sealed=None).returning(table.c.id)).all())
    return counts


def _write_erasures(db: Session, study_ids: Collection[str], kind: str) -> None:
    for study_id in study_ids:
        erasure = find_erasure(db, study_id)
        if erasure is None:
            erasure = Erasure(study_id=study_id)
            db.add(erasure)
        erasure.kind, erasure.erased_by, erasure.erased_at = kind, actor_of(db).account, now()
