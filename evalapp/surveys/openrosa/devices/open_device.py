"""Let a device in, by its name and password, each time it asks for something."""

from __future__ import annotations

import datetime as dt
import hmac
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.accounts.queries import get_account
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.surveys.openrosa.devices.add_device import password_hash
from evalapp.surveys.openrosa.devices.queries import list_interviewers
from evalapp.surveys.openrosa.tables import OpenRosaDevice

FROM_ONE_ADDRESS: Final = Limit("open_device", most=60, within=dt.timedelta(minutes=15))  # an office may share one address
FAILURES: Final = 10
LOCKED_FOR: Final = dt.timedelta(minutes=15)
NOTED_EVERY: Final = dt.timedelta(minutes=1)
LONGEST_USERNAME: Final = 20


@dataclass(frozen=True)
class OpenDevice:
    """A device that gave the right password, and whose it is. `refusal` says why it may do nothing all the same."""

    device_id: int
    programme_id: int
    account: str
    language: str
    refusal: Message | None = None


def open_device(db: Session, programme_code: str, username: str, password: str) -> OpenDevice | None:
    """Return the device of a name and password; None where they are wrong, or wrong ones were given too often.

    Commit also then, for tries are counted. TooManyAttempts tells an address that tries one after the other.
    """
    address = actor_of(db).address
    refuse_if_exhausted(db, FROM_ONE_ADDRESS, address)
    found = select(OpenRosaDevice).where(OpenRosaDevice.username == username[: LONGEST_USERNAME + 1])
    device = db.scalar(found.with_for_update().execution_options(populate_existing=True))
    kept = device.password_hash if device else password_hash("")
    fits = hmac.compare_digest(kept, password_hash(password)) and device is not None
    if device is None or not fits or is_locked(device):
        note_attempt(db, FROM_ONE_ADDRESS, address)
        _count_failure(db, device)
        return None
    if device.failed_attempts or device.last_used_at is None or device.last_used_at < now() - NOTED_EVERY:
        device.last_used_at, device.failed_attempts, device.locked_until = now(), 0, None
        db.flush()
    language = get_account(db, device.account).language
    return OpenDevice(device.id, device.programme_id, device.account, language, _refusal(db, device, programme_code))


def is_locked(device: OpenRosaDevice) -> bool:
    """Say whether a device is let in nowhere for now, after too many wrong passwords."""
    return device.locked_until is not None and device.locked_until > now()


def _refusal(db: Session, device: OpenRosaDevice, programme_code: str) -> Message | None:
    programme = db.get_one(Programme, device.programme_id)
    if device.revoked_at is not None:
        return Message("This device has been shut out. Ask the program officer for a new one.")
    if device.expires_on < today():
        return Message("This device was for use until %(date)s. Ask the program officer for a new one.", date=device.expires_on)
    if programme.code != programme_code:
        return Message("This device belongs to another programme.")
    if device.account not in list_interviewers(db, programme.id):
        return Message("The account of this device does not hold interviews in this programme any more.")
    return None


def _count_failure(db: Session, device: OpenRosaDevice | None) -> None:
    if device is None or is_locked(device):
        return  # tries during a lock must not make it longer
    device.failed_attempts += 1
    record_entry(db, "device_refused", "device", device.id)
    if device.failed_attempts % FAILURES == 0:
        device.locked_until = now() + LOCKED_FOR
        record_entry(db, "device_locked", "device", device.id, after={"until": device.locked_until})
    db.flush()
