"""Choose a password by a link: to join, or to come back."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.credentials.check_new_password import check_new_password
from evalapp.accounts.credentials.links import get_link
from evalapp.accounts.credentials.passwords import hash_password
from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.signing_in.lockout import forget_failures
from evalapp.accounts.tables import Account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of


def accept_link(db: Session, token: str, kind: str, password: str) -> None:
    """Give the account of a link its password and end its sign-ins, or raise DeadLink or WeakPassword.

    Whoever used the link still has to sign in, with the second factor where there is one.
    """
    account_id = get_link(db, token, kind).account_id
    account = hold_account(db, db.scalars(select(Account.code).where(Account.id == account_id)).one())
    link = get_link(db, token, kind)  # once more: another may have used it while the account was held
    email = keys_of(db).open(account.email_sealed, f"account:{account.code}:email")
    check_new_password(password, email)
    account.password_hash, account.password_changed_at = hash_password(password), now()
    account.state = "active"
    link.used_at = now()
    forget_failures(account)
    end_sign_ins(db, account)
    record_entry(db, "link_accepted", "account", account.code, after={"kind": kind})
