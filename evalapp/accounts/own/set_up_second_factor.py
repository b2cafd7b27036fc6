"""Set up an authenticator app, the first or in place of another."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.recovery_codes import replace_recovery_codes
from evalapp.accounts.credentials.totp import TotpSecret, accepted_step, new_secret, show_secret
from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.signing_in.finish_sign_in import finish_sign_in, renew_token
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import UnusableKeyRing, keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message


@dataclass(frozen=True)
class SetUp:
    """What follows from a set-up: the sign-in's new token, ten recovery codes to show once, and how many sign-ins it ended."""

    token: str
    recovery_codes: list[str]
    ended: int


def propose_secret(db: Session, code: str, sign_in_id: int) -> str:
    """Return a new secret, sealed for one account and sign-in: the page keeps it until a code proves that the app has it."""
    return keys_of(db).seal(new_secret(), _context(code, sign_in_id))


def read_proposal(db: Session, code: str, sign_in_id: int, sealed: str, label: str) -> TotpSecret:
    """Return a proposed secret as it is shown, listed in the app under `label`."""
    return show_secret(_open(db, code, sign_in_id, sealed), label)


def set_up_second_factor(db: Session, code: str, sign_in_id: int, sealed: str, typed: str) -> SetUp | None:
    """Make a proposed secret the account's second factor, or return None when the typed code is not of it.

    A sign-in that still owes the code of an existing factor cannot replace that factor.
    """
    account = hold_account(db, code)
    sign_in = db.get_one(SignIn, sign_in_id)
    if account.totp_confirmed_at is not None and sign_in.second_factor_at is None:
        raise AppError(Message("Give the code of your present authenticator first."))
    secret = _open(db, code, sign_in_id, sealed)
    step = accepted_step(secret, typed, last_step=0)
    if step is None:
        return None
    _keep(db, account, secret, step)
    sign_in.second_factor_at = sign_in.seen_at = now()
    ended = finish_sign_in(db, account, sign_in) + end_sign_ins(db, account, but=sign_in.id)
    return SetUp(renew_token(sign_in), replace_recovery_codes(db, account), ended)


def _keep(db: Session, account: Account, secret: str, step: int) -> None:
    record_entry(db, "second_factor_set_up", "account", account.code, before={"had_one": account.totp_confirmed_at is not None})
    account.totp_sealed = keys_of(db).seal(secret, f"account:{account.code}:totp")
    account.totp_confirmed_at, account.totp_last_step = now(), step


def _open(db: Session, code: str, sign_in_id: int, sealed: str) -> str:
    try:
        return keys_of(db).open(sealed, _context(code, sign_in_id))
    except (UnusableKeyRing, ValueError):
        raise AppError(Message("This page is too old. Open it again and scan the new code.")) from None


def _context(code: str, sign_in_id: int) -> str:
    return f"account:{code}:totp-proposal:{sign_in_id}"
