"""Make new recovery codes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.recovery_codes import replace_recovery_codes
from evalapp.accounts.hold_account import hold_account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message


def renew_recovery_codes(db: Session, code: str) -> list[str]:
    """Replace an account's recovery codes and return the new ones: the only time they can be read."""
    account = hold_account(db, code)
    if account.totp_confirmed_at is None:
        raise AppError(Message("Recovery codes stand in for an authenticator. Set one up first."))
    record_entry(db, "recovery_codes_renewed", "account", code)
    return replace_recovery_codes(db, account)
