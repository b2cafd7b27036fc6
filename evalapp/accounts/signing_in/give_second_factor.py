"""Give the second factor: a code of the authenticator, or a recovery code."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.recovery_codes import use_recovery_code
from evalapp.accounts.credentials.totp import accepted_step
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.signing_in.finish_sign_in import finish_sign_in, renew_token
from evalapp.accounts.signing_in.lockout import is_locked, note_failure
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of


@dataclass(frozen=True)
class Completed:
    """A sign-in with both factors: its new token, how many older ones it ended, and whether a recovery code was used."""

    token: str
    ended: int
    by_recovery_code: bool


def give_second_factor(db: Session, code: str, sign_in_id: int, typed: str) -> Completed | None:
    """Complete a sign-in of the account `code`, or return None: the typed code is wrong, used already, or the account is locked."""
    account = hold_account(db, code)
    sign_in = db.get_one(SignIn, sign_in_id)
    if is_locked(db, account):
        record_entry(db, "second_factor_failed", "account", account.code, after={"locked": True})
        return None
    by_recovery_code = not _is_present_code(db, account, typed)
    if by_recovery_code and not use_recovery_code(db, account, typed):
        note_failure(db, account, "second_factor_failed")
        return None
    sign_in.second_factor_at = sign_in.seen_at = now()
    record_entry(db, "recovery_code_used" if by_recovery_code else "second_factor_given", "account", account.code)
    return Completed(renew_token(sign_in), finish_sign_in(db, account, sign_in), by_recovery_code)


def _is_present_code(db: Session, account: Account, typed: str) -> bool:
    if account.totp_sealed is None or account.totp_confirmed_at is None:
        return False
    secret = keys_of(db).open(account.totp_sealed, f"account:{account.code}:totp")
    step = accepted_step(secret, typed, account.totp_last_step)
    if step is not None:
        account.totp_last_step = step
    return step is not None
