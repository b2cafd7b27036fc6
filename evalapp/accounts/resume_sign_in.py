"""Know a signed-in browser again, request by request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from evalapp.accounts.permissions import SECOND_FACTOR_ROLES
from evalapp.accounts.tables import Account, RoleGrant, SignIn
from evalapp.accounts.viewer import Viewer
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.fingerprint import sha256_of

IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
CONFIRMED_FOR = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class SignedIn:
    """A living sign-in. `needs_second_factor` is true until the code is given where a role demands one or the account has one."""

    sign_in_id: int
    viewer: Viewer
    needs_second_factor: bool
    must_set_up_second_factor: bool
    recently_confirmed: bool
    is_stale: bool


def token_hash(token: str) -> str:
    """Return the hash under which a random token is kept."""
    return sha256_of(token.encode())


def find_sign_in(db: Session, token: str) -> SignedIn | None:
    """Return the sign-in of a token, or None where there is none or it is over: ended, idle too long, or too old.

    `is_stale` asks the caller to note that it was seen (`touch_sign_in`), at most once a minute.
    """
    found = db.execute(
        select(SignIn, Account)
        .join(Account, SignIn.account_id == Account.id)
        .where(SignIn.token_hash == token_hash(token), still_living(), Account.state == "active")
    ).one_or_none()
    if found is None:
        return None
    sign_in, account = found
    instant = now()
    roles = frozenset(db.scalars(select(RoleGrant.role).where(RoleGrant.account_id == account.id, RoleGrant.revoked_at.is_(None))))
    name = keys_of(db).open(account.name_sealed, f"account:{account.code}:name")
    has_factor = account.totp_confirmed_at is not None
    return SignedIn(
        sign_in_id=sign_in.id,
        viewer=Viewer(account.id, account.code, name, roles, account.language),
        needs_second_factor=has_factor and sign_in.second_factor_at is None,
        must_set_up_second_factor=not has_factor and bool(roles & SECOND_FACTOR_ROLES),
        recently_confirmed=instant - sign_in.confirmed_at <= CONFIRMED_FOR,
        is_stale=instant - sign_in.seen_at >= SEEN_EVERY,
    )


def still_living() -> ColumnElement[bool]:
    """Return the condition that a sign-in is in use: not ended, not idle too long, not too old."""
    instant = now()
    return and_(SignIn.ended_at.is_(None), SignIn.seen_at >= instant - IDLE, SignIn.started_at >= instant - ABSOLUTE)


def touch_sign_in(db: Session, sign_in_id: int) -> None:
    """Note that a sign-in is in use."""
    sign_in = db.get(SignIn, sign_in_id)
    if sign_in is not None:
        sign_in.seen_at = now()
