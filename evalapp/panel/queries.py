"""Reads of frozen panels."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.panel.tables import PanelSnapshot


def get_snapshot(db: Session, programme_id: int, snapshot_id: int) -> PanelSnapshot:
    """Return one of a programme's snapshots, or raise NotFound."""
    found = db.scalar(select(PanelSnapshot).where(PanelSnapshot.programme_id == programme_id, PanelSnapshot.id == snapshot_id))
    if found is None:
        raise NotFound(Message("This programme has no snapshot %(snapshot)s.", snapshot=snapshot_id))
    return found
