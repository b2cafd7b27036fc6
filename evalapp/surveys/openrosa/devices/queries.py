"""Reads of devices."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from evalapp.accounts.permissions import PERMISSIONS
from evalapp.accounts.tables import Account, RoleGrant
from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Programme, ProgrammeMember
from evalapp.surveys.openrosa.tables import OpenRosaDevice

MANAGING = "wave.manage"  # whoever runs the waves sees every device; an interviewer sees their own


def list_interviewers(db: Session, programme_id: int) -> Sequence[str]:
    """Return the codes of the accounts that may hold interviews in a programme now."""
    present = (
        select(Account.code)
        .distinct()
        .join(ProgrammeMember, ProgrammeMember.account_id == Account.id)
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(ProgrammeMember.programme_id == programme_id, ProgrammeMember.ended_at.is_(None))
        .where(RoleGrant.role.in_(PERMISSIONS["interview.hold"]), RoleGrant.revoked_at.is_(None), Account.state == "active")
    )
    return db.scalars(present.order_by(Account.code)).all()


def list_devices(db: Session, viewer: Viewer, programme: Programme) -> Sequence[OpenRosaDevice]:
    """Return the devices of a programme that an account may see, the newest first."""
    return db.scalars(_seen_by(viewer, programme).order_by(OpenRosaDevice.id.desc())).all()


def get_device(db: Session, viewer: Viewer, programme: Programme, device_id: int) -> OpenRosaDevice:
    """Return a device of a programme that an account may see, or raise NotFound."""
    device = db.scalar(_seen_by(viewer, programme).where(OpenRosaDevice.id == device_id))
    if device is None:
        raise NotFound(Message("There is no such device in this programme."))
    return device


def _seen_by(viewer: Viewer, programme: Programme) -> Select[OpenRosaDevice]:
    every = select(OpenRosaDevice).where(OpenRosaDevice.programme_id == programme.id)
    return every if viewer.may(MANAGING) else every.where(OpenRosaDevice.account == viewer.code)
