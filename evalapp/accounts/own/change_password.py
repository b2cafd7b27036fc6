"""Change one's own password."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.check_new_password import check_new_password
from evalapp.accounts.credentials.links import end_links
from evalapp.accounts.credentials.passwords import hash_password
from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.signing_in.confirm_password import is_present_password
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of


def change_password(db: Session, code: str, sign_in_id: int, present: str, new: str) -> bool:
    """Change the password and end the account's other sign-ins; no when the present one is wrong, WeakPassword when the new one is."""
    account = hold_account(db, code)
    check_new_password(new, keys_of(db).open(account.email_sealed, f"account:{code}:email"))
    if not is_present_password(db, account, present):
        return False
    account.password_hash, account.password_changed_at = hash_password(new), now()
    end_sign_ins(db, account, but=sign_in_id)
    end_links(db, account)
    record_entry(db, "password_changed", "account", code)
    return True
