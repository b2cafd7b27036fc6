"""Give an interviewer's telephone or tablet a name and a password of its own."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.ids import BODY_ALPHABET
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.surveys.openrosa.devices.queries import list_interviewers
from evalapp.surveys.openrosa.tables import OpenRosaDevice

PASSWORD_BYTES: Final = 20
USERNAME_LENGTH: Final = 8
USUAL_LIFE: Final = dt.timedelta(days=30)
LONGEST_LIFE: Final = dt.timedelta(days=180)


@dataclass(frozen=True)
class AddedDevice:
    """A new device with its password, which is nowhere else."""

    device_id: int
    username: str
    password: str


def add_device(db: Session, programme: Programme, label: str, account: str, expires_on: dt.date) -> AddedDevice:
    """Add a device for an account that may hold interviews in the programme, until a day at most half a year away."""
    if account not in list_interviewers(db, programme.id):
        raise AppError(Message("This account does not hold interviews in this programme."))
    if not today() <= expires_on <= today() + LONGEST_LIFE:
        raise AppError(Message("Choose a day from today to %(last)s.", last=today() + LONGEST_LIFE))
    username = "d-" + "".join(secrets.choice(BODY_ALPHABET) for _ in range(USERNAME_LENGTH)).lower()
    password = base64.b32encode(secrets.token_bytes(PASSWORD_BYTES)).decode().lower()
    device = OpenRosaDevice(
        programme_id=programme.id,
        label=label,
        username=username,
        password_hash=password_hash(password),
        account=account,
        expires_on=expires_on,
        created_by=actor_of(db).account,
        created_at=now(),
    )
    db.add(device)
    db.flush()
    record_entry(db, "device_added", "device", device.id, after={"account": account, "expires_on": expires_on})
    return AddedDevice(device.id, username, password)


def password_hash(password: str) -> str:
    """Return what is kept of a device's password. It is random and long, so that a fast hash is as good as a slow one."""
    return sha256_of(password.encode())
