"""Reads of what devices sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaInstance
from evalapp.surveys.tables import Submission, Wave

UNPLACED: Final = ("waiting", "rejected")
LISTED: Final = 500


def find_instance(db: Session, programme_id: int, instance_id: str, *, to_write: bool = False) -> OpenRosaInstance | None:
    """Return what came under an instance ID in a programme, or None. `to_write` keeps other writers waiting."""
    found = select(OpenRosaInstance).where(
        OpenRosaInstance.programme_id == programme_id, OpenRosaInstance.instance_id == instance_id
    )
    if to_write:
        found = found.with_for_update().execution_options(populate_existing=True)
    return db.scalar(found)


def count_waiting(db: Session, programme_id: int) -> int:
    """Count the interviews that no person and wave could be found for."""
    here = (OpenRosaInstance.programme_id == programme_id, OpenRosaInstance.state == "waiting")
    return db.scalar(select(func.count()).select_from(OpenRosaInstance).where(*here)) or 0


def list_unplaced(db: Session, programme_id: int) -> Sequence[tuple[OpenRosaInstance, OpenRosaDevice, Wave]]:
    """Return the interviews that wait, then those that were rejected, the newest first, with the device and the wave of the form."""
    rows = (
        select(OpenRosaInstance, OpenRosaDevice, Wave)
        .join(OpenRosaDevice, OpenRosaDevice.id == OpenRosaInstance.device_id)
        .join(Wave, Wave.id == OpenRosaInstance.wave_id)
        .where(OpenRosaInstance.programme_id == programme_id, OpenRosaInstance.state.in_(UNPLACED))
        .order_by(OpenRosaInstance.state.desc(), OpenRosaInstance.id.desc())
        .limit(LISTED)
    )
    return [(instance, device, wave) for instance, device, wave in db.execute(rows)]


def get_unplaced(db: Session, programme: Programme, key: int) -> tuple[OpenRosaInstance, OpenRosaDevice, Wave]:
    """Return an interview of a programme that is not placed, or raise NotFound."""
    row = db.execute(
        select(OpenRosaInstance, OpenRosaDevice, Wave)
        .join(OpenRosaDevice, OpenRosaDevice.id == OpenRosaInstance.device_id)
        .join(Wave, Wave.id == OpenRosaInstance.wave_id)
        .where(OpenRosaInstance.id == key, OpenRosaInstance.programme_id == programme.id, OpenRosaInstance.state.in_(UNPLACED))
    ).one_or_none()
    if row is None:
        raise NotFound(Message("There is no such interview waiting in this programme. It may have been placed meanwhile."))
    return row[0], row[1], row[2]


def find_edited(db: Session, row: OpenRosaInstance) -> Submission | None:
    """Return the submission that the same interview became before it was edited, or None."""
    earlier = (
        select(Submission)
        .join(OpenRosaInstance, OpenRosaInstance.submission_id == Submission.id)
        .where(OpenRosaInstance.programme_id == row.programme_id, OpenRosaInstance.root_id == row.root_id)
        .where(OpenRosaInstance.id != row.id)
        .order_by(OpenRosaInstance.id.desc())
    )
    return db.scalars(earlier).first()


def list_waves(db: Session, programme_id: int) -> Sequence[Wave]:
    """Return the waves of a programme in their order."""
    return db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round)).all()
