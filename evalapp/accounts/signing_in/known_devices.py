"""Browsers that an account signed in from before. Each keeps a mark, and has tries of its own.

So whoever knows no more than an e-mail address can lock out strangers, but not the account's owner at their own desk. A mark opens
nothing. Its name comes from a key, so that it tells nobody whose it is.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, has_attempts_left, note_attempt
from evalapp.accounts.tables import Account
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import KeyRing, keys_of

LASTS = dt.timedelta(days=180)
OF_ONE_DEVICE = Limit("known_device", most=10, within=dt.timedelta(hours=1))
NAME_DIGITS = 16


def new_mark(keys: KeyRing, code: str) -> tuple[str, str]:
    """Return the name and the mark that a browser keeps of an account."""
    body = f"{secrets.token_hex(16)}.{int((now() + LASTS).timestamp())}"
    return _name(keys, code), f"{body}.{_seal(keys, code, body)}"


def find_device(db: Session, code: str) -> str | None:
    """Return what tells the present browser from others if it has signed in to an account before, or None."""
    keys = keys_of(db)
    mark = dict(actor_of(db).device_marks).get(_name(keys, code), "")
    body, _, seal = mark.rpartition(".")
    device, _, until = body.partition(".")
    is_ours = hmac.compare_digest(_seal(keys, code, body).encode(), seal.encode())
    return device if is_ours and int(until) > now().timestamp() else None


def find_trusted_device(db: Session, code: str) -> str | None:
    """Return the present browser as `find_device` does; one whose own tries are used up is a stranger for an hour."""
    device = find_device(db, code)
    return device if device is not None and has_attempts_left(db, OF_ONE_DEVICE, device) else None


def note_device_failure(db: Session, device: str) -> None:
    """Count a wrong try towards the device's own limit."""
    note_attempt(db, OF_ONE_DEVICE, device)


def note_shared_browser(db: Session, code: str) -> None:
    """Record which other accounts signed in from this browser before: two accounts may be one person."""
    if len(actor_of(db).device_marks) > (find_device(db, code) is not None):
        others = [
            other for other in db.scalars(select(Account.code).order_by(Account.code)) if other != code and find_device(db, other)
        ]
        if others:
            record_entry(db, "browser_shared", "account", code, after={"accounts": others})


def _name(keys: KeyRing, code: str) -> str:
    return keys.blind_index(code, "device:name")[:NAME_DIGITS]


def _seal(keys: KeyRing, code: str, body: str) -> str:
    return keys.blind_index(f"{code}:{body}", "device:mark")
