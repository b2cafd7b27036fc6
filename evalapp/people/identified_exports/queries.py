"""Reads of requests for lists with identities. They never show an identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.clock import now
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import programmes_of
from evalapp.people.records.tables import IdentifiedExport
from evalapp.people.tables import Programme

SHOWN_REQUESTS = 100
Standing = Literal["requested", "approved", "refused", "downloaded", "expired"]


def standing(asked: IdentifiedExport) -> Standing:
    """Return where a request stands: its state, or that the time to fetch it is over."""
    over = asked.state == "approved" and asked.expires_at is not None and asked.expires_at <= now()
    states: dict[str, Standing] = {
        "requested": "requested",
        "approved": "approved",
        "refused": "refused",
        "downloaded": "downloaded",
    }
    return "expired" if over else states[asked.state]


def is_open(asked: IdentifiedExport) -> bool:
    """Say whether a list can be fetched now."""
    return standing(asked) == "approved"


def hold_export(db: Session, export_id: int) -> IdentifiedExport:
    """Return a request, kept from being changed by others until the transaction ends, or raise NotFound."""
    query = select(IdentifiedExport).where(IdentifiedExport.id == export_id).with_for_update()
    found = db.scalar(query.execution_options(populate_existing=True))  # as it is once the others are done
    if found is None:
        raise _no_such_request()
    return found


def get_export_for(db: Session, viewer: Viewer, programme: Programme, export_id: int) -> IdentifiedExport:
    """Return a request of one's own, or any for those who decide, or raise NotFound."""
    found = db.scalar(_of(programme, viewer).where(IdentifiedExport.id == export_id))
    if found is None:
        raise _no_such_request()
    return found


def list_exports_for(db: Session, viewer: Viewer, programme: Programme) -> Sequence[IdentifiedExport]:
    """Return one's own requests in a programme, or all for those who decide, the newest first."""
    return db.scalars(_of(programme, viewer).order_by(IdentifiedExport.id.desc()).limit(SHOWN_REQUESTS)).all()


def list_every_export(db: Session, viewer: Viewer) -> Sequence[tuple[IdentifiedExport, Programme]]:
    """Return the requests of all programmes an account may see: those to decide first, then the newest."""
    theirs = select(IdentifiedExport, Programme).join(Programme, Programme.id == IdentifiedExport.programme_id)
    seen = theirs.where(Programme.id.in_(programmes_of(viewer).with_only_columns(Programme.id)))
    order = (IdentifiedExport.state != "requested", IdentifiedExport.id.desc())
    return [(asked, programme) for asked, programme in db.execute(seen.order_by(*order).limit(SHOWN_REQUESTS))]


def _of(programme: Programme, viewer: Viewer) -> Select[IdentifiedExport]:
    requests = select(IdentifiedExport).where(IdentifiedExport.programme_id == programme.id)
    return requests if viewer.may("identity.allow_export") else requests.where(IdentifiedExport.requested_by == viewer.code)


def _no_such_request() -> NotFound:
    return NotFound(Message("There is no such request."))
