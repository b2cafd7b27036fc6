"""Give people a study ID that nobody ever had."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.ids import mint_study_id
from evalapp.people.records.queries import list_taken_study_ids
from evalapp.people.tables import Entrepreneur


def add_entrepreneurs(db: Session, study_ids: Sequence[str | None]) -> list[Entrepreneur]:
    """Add people under study IDs that are known already, or for None under a new one; returned in the same order."""
    given = _filled_in(db, study_ids)
    created_at = now()
    added = insert(Entrepreneur).returning(Entrepreneur, sort_by_parameter_order=True)
    return list(db.scalars(added, [{"study_id": study_id, "created_at": created_at} for study_id in given]))


def _filled_in(db: Session, study_ids: Sequence[str | None]) -> list[str]:
    given = {position: study_id for position, study_id in enumerate(study_ids) if study_id}
    tried = set(given.values())
    while missing := [position for position in range(len(study_ids)) if position not in given]:
        minted = {}
        for position in missing:
            minted[position] = mint_study_id(tried)
            tried.add(minted[position])
        taken = list_taken_study_ids(db, set(minted.values()))
        given |= {position: study_id for position, study_id in minted.items() if study_id not in taken}
    return [given[position] for position in range(len(study_ids))]
