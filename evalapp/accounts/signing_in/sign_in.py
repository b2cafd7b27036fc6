"""Sign in with e-mail and password."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.credentials.passwords import hash_password, needs_rehash, password_matches
from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.accounts.queries import email_index
from evalapp.accounts.signing_in.finish_sign_in import demands_second_factor, finish_sign_in, renew_token
from evalapp.accounts.signing_in.known_devices import find_trusted_device
from evalapp.accounts.signing_in.lockout import is_locked, note_failure
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now

FROM_ONE_ADDRESS = Limit("sign_in", most=30, within=dt.timedelta(minutes=15))  # an office may share one address


@dataclass(frozen=True)
class Opened:
    """A new sign-in: its token, the account's code, what is still asked for, and how many older sign-ins were ended by it."""

    token: str
    code: str
    asks_for: Literal["nothing", "code", "set_up"]
    ended: int = 0


def sign_in(db: Session, email: str, password: str, device: str) -> Opened | None:
    """Open a sign-in, or return None without saying what was wrong: unknown, not active, locked, or another password.

    Failures are counted by account and by address; an address that has used its tries up gets TooManyAttempts. A browser from which
    the account has signed in before is counted by itself, so that neither a stranger nor a neighbour keeps its owner out.
    """
    address = actor_of(db).address
    account = db.scalar(select(Account).where(Account.email_index == email_index(db, email)).with_for_update())
    if account is None or find_trusted_device(db, account.code) is None:
        refuse_if_exhausted(db, FROM_ONE_ADDRESS, address)
    matches = password_matches(account.password_hash if account else None, password)
    if account is None or not matches or account.state != "active" or is_locked(db, account):
        note_attempt(db, FROM_ONE_ADDRESS, address)
        _refuse(db, account)
        return None
    if account.password_hash and needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    return _open(db, account, device)


def _refuse(db: Session, account: Account | None) -> None:
    if account is None:
        record_entry(db, "sign_in_failed", "account")
    elif is_locked(db, account):
        # Not counted: tries during a lock must not make it longer.
        record_entry(db, "sign_in_failed", "account", account.code, after={"locked": True})
    else:
        note_failure(db, account, "sign_in_failed")


def _open(db: Session, account: Account, device: str) -> Opened:
    db.info["actor"] = replace(actor_of(db), account=account.code)  # from here on it is known who acts
    opened = SignIn(
        account_id=account.id, address=actor_of(db).address, device=device, started_at=now(), seen_at=now(), confirmed_at=now()
    )
    token = renew_token(opened)
    db.add(opened)
    db.flush()
    record_entry(db, "sign_in_opened", "account", account.code, after={"sign_in": opened.id})
    if account.totp_confirmed_at is not None:
        return Opened(token, account.code, "code")
    if demands_second_factor(db, account):
        return Opened(token, account.code, "set_up")
    return Opened(token, account.code, "nothing", finish_sign_in(db, account, opened))
