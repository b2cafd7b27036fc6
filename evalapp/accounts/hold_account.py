"""Take an account to change it, so that two people cannot change it at once."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message


def hold_account(db: Session, code: str) -> Account:
    """Return an account, locked until the transaction ends, or raise NotFound."""
    account = db.scalar(select(Account).where(Account.code == code).with_for_update().execution_options(populate_existing=True))
    if account is None:
        raise NotFound(Message("There is no such account."))
    return account


def claim_account(db: Session, code: str, version: int | None) -> Account:
    """Hold an account for a change by an administrator who looked at it in this version (None: whatever it is)."""
    account = hold_account(db, code)
    if version not in (None, account.version):
        raise AppError(
            Message("Someone else has changed this account since you opened the page. Look at it again, then repeat the step.")
        )
    account.version += 1
    return account
