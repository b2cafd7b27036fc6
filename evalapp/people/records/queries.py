"""Reads of merged and erased records: which study IDs are taken, who stands behind one, who must not come back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from sqlalchemy import Select, select, union
from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.records.tables import ErasedAlias, Erasure, MergedRecord
from evalapp.people.tables import Entrepreneur

IDENTIFIERS_A_QUERY = 5_000


def list_taken_study_ids(db: Session, study_ids: Collection[str]) -> set[str]:
    """Return those of some study IDs that were ever given to anyone: those of erased people are not given again."""
    taken: set[str] = set()
    for some in _chunks(study_ids):
        given = select(Entrepreneur.study_id).where(Entrepreneur.study_id.in_(some))
        taken |= set(db.scalars(union(given, select(Erasure.study_id).where(Erasure.study_id.in_(some)))))
    return taken


def list_erased(db: Session, programme_id: int, identifiers: Collection[str]) -> set[str]:
    """Return those of some identifiers, study IDs or aliases in a programme, whose person had everything erased."""
    found: set[str] = set()
    for some in _chunks(identifiers):
        indexes = {alias_index(db, programme_id, identifier): identifier for identifier in some}
        gone = select(Erasure.study_id).where(Erasure.kind == "everything", Erasure.study_id.in_(some))
        aliases = select(ErasedAlias.alias_index).where(ErasedAlias.programme_id == programme_id)
        found |= set(db.scalars(gone))
        found |= {indexes[index] for index in db.scalars(aliases.where(ErasedAlias.alias_index.in_(list(indexes))))}
    return found


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    rest = iter(sorted(values))
    while some := list(islice(rest, IDENTIFIERS_A_QUERY)):
        yield some


def alias_index(db: Session, programme_id: int, alias: str) -> str:
    """Return what is kept of an alias after its person was erased."""
    return keys_of(db).blind_index(alias, f"alias:{programme_id}")


def list_kept(db: Session, entrepreneur_ids: Collection[int]) -> dict[int, int]:
    """Return, for those of some records that were merged into another, the key of the record that is kept."""
    return {shell: kept for shell, kept in _merges(db) if shell in entrepreneur_ids}


def list_shells(db: Session, entrepreneur_ids: Collection[int]) -> set[int]:
    """Return the keys of the records that were merged into some others."""
    return {shell for shell, kept in _merges(db) if kept in entrepreneur_ids}


def _merges(db: Session) -> Sequence[tuple[int, int]]:
    shells = select(Entrepreneur.id, MergedRecord.entrepreneur_id).join(
        MergedRecord, MergedRecord.merged_study_id == Entrepreneur.study_id
    )
    return db.execute(shells.where(MergedRecord.undone_at.is_(None))).all()


def list_merged_study_ids(db: Session, kept: Select[int]) -> set[str]:
    """Return the study IDs that were merged into the records of a query."""
    merged = select(MergedRecord.merged_study_id).where(MergedRecord.undone_at.is_(None), MergedRecord.entrepreneur_id.in_(kept))
    return set(db.scalars(merged))


def list_merges(db: Session, person: Entrepreneur) -> Sequence[MergedRecord]:
    """Return the records that were merged into a person's and not parted again, the newest first."""
    merges = select(MergedRecord).where(MergedRecord.entrepreneur_id == person.id, MergedRecord.undone_at.is_(None))
    return db.scalars(merges.order_by(MergedRecord.id.desc())).all()


def get_merge(db: Session, person: Entrepreneur, merge_id: int) -> MergedRecord:
    """Return one merge into a person's record, or raise NotFound."""
    found = next((merge for merge in list_merges(db, person) if merge.id == merge_id), None)
    if found is None:
        raise NotFound(Message("Nothing was merged into this record under that number, or it was undone."))
    return found


def find_erasure(db: Session, study_id: str) -> Erasure | None:
    """Return what was erased of a person, or None."""
    return db.scalar(select(Erasure).where(Erasure.study_id == study_id))
