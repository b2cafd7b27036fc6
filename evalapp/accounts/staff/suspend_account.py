"""Suspend an account, and let it in again."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.links import end_links
from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import claim_account
from evalapp.accounts.staff.grant_role import refuse_last_administrator
from evalapp.core.audit.record_entry import record_entry


def suspend_account(db: Session, code: str, *, version: int | None = None) -> None:
    """Keep an account out from now on: its sign-ins and links end. The last active administrator cannot be suspended."""
    account = claim_account(db, code, version)
    if account.state == "suspended":
        return
    refuse_last_administrator(db, account)
    record_entry(db, "account_suspended", "account", code, before={"state": account.state})
    account.state = "suspended"
    end_sign_ins(db, account)
    end_links(db, account)


def reactivate_account(db: Session, code: str, *, version: int | None = None) -> None:
    """Let a suspended account in again, with its password and roles as they were."""
    account = claim_account(db, code, version)
    if account.state != "suspended":
        return
    account.state = "invited" if account.password_hash is None else "active"
    record_entry(db, "account_reactivated", "account", code, after={"state": account.state})
