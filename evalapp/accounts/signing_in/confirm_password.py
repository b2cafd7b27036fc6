"""Enter the password again before something that cannot be undone."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.passwords import password_matches
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.signing_in.finish_sign_in import renew_token
from evalapp.accounts.signing_in.lockout import is_locked, note_failure
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now


def confirm_password(db: Session, code: str, sign_in_id: int, password: str) -> str | None:
    """Note that the password was entered just now and return the sign-in's new token, or None; wrong ones count towards the lock."""
    account = hold_account(db, code)
    if not is_present_password(db, account, password):
        return None
    sign_in = db.get_one(SignIn, sign_in_id)
    sign_in.confirmed_at = now()
    record_entry(db, "password_confirmed", "account", account.code)
    return renew_token(sign_in)


def is_present_password(db: Session, account: Account, password: str) -> bool:
    """Say whether this is a held account's password, counting a wrong one; a locked account says no."""
    matches = password_matches(account.password_hash, password)
    if is_locked(db, account):
        return False
    if not matches:
        note_failure(db, account, "password_refused")
    return matches
