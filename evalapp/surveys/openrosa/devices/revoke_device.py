"""Shut a device out for good: it is lost, or nobody interviews with it any more."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.surveys.openrosa.tables import OpenRosaDevice


def revoke_device(db: Session, device: OpenRosaDevice) -> None:
    """End what a device may do; what it has sent stays. A device that was shut out stays so."""
    db.refresh(device, with_for_update=True)
    if device.revoked_at is not None:
        return
    device.revoked_by, device.revoked_at = actor_of(db).account, now()
    db.flush()
    record_entry(db, "device_revoked", "device", device.id, after={"account": device.account})
