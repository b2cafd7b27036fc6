"""Reads of frozen panels."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Consent, Entrepreneur


def get_snapshot(db: Session, programme_id: int, snapshot_id: int) -> PanelSnapshot:
    """Return one of a programme's snapshots, or raise NotFound."""
    found = db.scalar(select(PanelSnapshot).where(PanelSnapshot.programme_id == programme_id, PanelSnapshot.id == snapshot_id))
    if found is None:
        raise NotFound(Message("This programme has no snapshot %(snapshot)s.", snapshot=snapshot_id))
    return found


def count_withdrawn(db: Session, programme_id: int, study_ids: Iterable[str]) -> int:
    """Return how many of some people have no valid consent to the survey any more."""
    consenting = select(Entrepreneur.study_id).join(Consent, Consent.entrepreneur_id == Entrepreneur.id)
    given = consenting.where(Consent.programme_id == programme_id, Consent.purpose == "survey", Consent.withdrawn_on.is_(None))
    return len(set(study_ids) - set(db.scalars(given)))
