"""Change one's own name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.contact_details import check_name
from evalapp.accounts.hold_account import hold_account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import keys_of


def change_name(db: Session, code: str, name: str) -> None:
    """Keep another name with an account. That it changed is recorded, what it was is not."""
    account, context = hold_account(db, code), f"account:{code}:name"
    wanted = check_name(name)
    if wanted == keys_of(db).open(account.name_sealed, context):
        return
    account.name_sealed = keys_of(db).seal(wanted, context)
    record_entry(db, "name_changed", "account", code)
