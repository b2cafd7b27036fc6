"""Take away the second factor of someone who has lost it; the next sign-in sets up a new one."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.recovery_codes import delete_recovery_codes
from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import claim_account
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message


def reset_second_factor(db: Session, code: str, *, version: int | None = None) -> None:
    """Remove another's second factor and recovery codes and end their sign-ins. One's own is replaced on one's own page."""
    if actor_of(db).account == code:
        raise AppError(Message("Replace your own authenticator on the page of your account."))
    account = claim_account(db, code, version)
    account.totp_sealed, account.totp_confirmed_at = None, None
    delete_recovery_codes(db, account)
    end_sign_ins(db, account)
    record_entry(db, "second_factor_reset", "account", code)
