"""Reads of frozen panels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.consents.queries import consenting_people
from evalapp.people.records.queries import list_merged_study_ids
from evalapp.people.records.tables import Erasure
from evalapp.people.tables import Entrepreneur


def get_snapshot(db: Session, programme_id: int, snapshot_id: int) -> PanelSnapshot:
    """Return one of a programme's snapshots, or raise NotFound."""
    found = db.scalar(select(PanelSnapshot).where(PanelSnapshot.programme_id == programme_id, PanelSnapshot.id == snapshot_id))
    if found is None:
        raise NotFound(Message("This programme has no snapshot %(snapshot)s.", snapshot=snapshot_id))
    return found


def list_snapshots(db: Session, programme_id: int) -> Sequence[PanelSnapshot]:
    """Return a programme's snapshots, the newest first."""
    snapshots = select(PanelSnapshot).where(PanelSnapshot.programme_id == programme_id)
    return db.scalars(snapshots.order_by(PanelSnapshot.id.desc())).all()


def count_withdrawn(db: Session, programme_id: int, study_ids: Iterable[str]) -> int:
    """Return how many of some people took their consent to the survey back, or were erased, since a panel was frozen.

    A consent that only expired was valid when the panel was frozen, and stays so for that panel.
    """
    may = consenting_people(programme_id, "survey", today(), expired_too=True)
    consenting = set(db.scalars(select(Entrepreneur.study_id).where(Entrepreneur.id.in_(may))))
    return len(set(study_ids) - consenting - list_merged_study_ids(db, may))


def count_erased(db: Session, study_ids: Iterable[str]) -> int:
    """Return how many of some people asked to be forgotten, with everything that was kept of them.

    A frozen panel is never rewritten: it keeps their answers under a study ID that leads to nobody, and no run may read it again.
    """
    return len(set(study_ids) & set(db.scalars(select(Erasure.study_id).where(Erasure.kind == "everything"))))
