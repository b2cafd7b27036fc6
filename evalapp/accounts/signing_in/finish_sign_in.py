"""What happens when all that was asked for has been given."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.permissions import SECOND_FACTOR_ROLES
from evalapp.accounts.resume_sign_in import token_hash
from evalapp.accounts.signing_in.known_devices import note_shared_browser
from evalapp.accounts.signing_in.lockout import forget_failures, is_locked_for_strangers
from evalapp.accounts.tables import Account, RoleGrant, SignIn


def finish_sign_in(db: Session, account: Account, sign_in: SignIn) -> int:
    """Forget failures and note a browser that two accounts share; roles that reach identities have one sign-in at a time.

    Returns how many others were in use and have been ended.
    """
    if not is_locked_for_strangers(account):  # else each sign-in of the owner would give a guesser ten more tries
        forget_failures(account)
    note_shared_browser(db, account.code)
    return end_sign_ins(db, account, but=sign_in.id) if demands_second_factor(db, account) else 0


def demands_second_factor(db: Session, account: Account) -> bool:
    """Say whether a role of the account demands a second factor."""
    roles = select(RoleGrant.role).where(RoleGrant.account_id == account.id, RoleGrant.revoked_at.is_(None))
    return not SECOND_FACTOR_ROLES.isdisjoint(db.scalars(roles))


def renew_token(sign_in: SignIn) -> str:
    """Give a sign-in a new token: one that was planted or seen before is worth nothing after."""
    token = secrets.token_urlsafe(32)
    sign_in.token_hash = token_hash(token)
    return token
