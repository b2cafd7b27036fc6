"""Change one's own e-mail address: asked for with the password, done by a link that only the new address gets."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.accounts.contact_details import check_email
from evalapp.accounts.credentials.links import DeadLink, add_link, get_link
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.accounts.queries import email_index
from evalapp.accounts.signing_in.confirm_password import is_present_password
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import UnusableKeyRing, keys_of
from evalapp.core.language import Message

OF_ONE_ACCOUNT = Limit("email_change", most=5, within=dt.timedelta(hours=1))  # nobody's mailbox is flooded from here


@dataclass(frozen=True, repr=False)
class EmailChange:
    """An address that waits to be confirmed, and the token of the link that is sent there."""

    email: str
    token: str


def ask_email_change(db: Session, code: str, email: str, password: str) -> EmailChange | None:
    """Prepare the change to another address, or return None when the password is wrong.

    The new address is kept in the link only, sealed; a newer link ends the older.
    """
    account = hold_account(db, code)
    refuse_if_exhausted(db, OF_ONE_ACCOUNT, code)
    if not is_present_password(db, account, password):
        return None
    wanted = check_email(db, email)
    note_attempt(db, OF_ONE_ACCOUNT, code)
    sealed = keys_of(db).seal(wanted, _context(code))
    token = add_link(db, account, "email", base64.urlsafe_b64encode(sealed.encode()).decode().rstrip("="))
    record_entry(db, "email_change_asked", "account", code)
    return EmailChange(wanted, token)


def read_email_change(db: Session, code: str, token: str) -> str:
    """Return the address that a link confirms for an account, or raise DeadLink."""
    account = hold_account(db, code)
    link = get_link(db, token, "email")
    try:
        if link.account_id == account.id:
            return keys_of(db).open(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode(), _context(code))
    except (binascii.Error, UnicodeDecodeError, UnusableKeyRing):
        pass
    raise DeadLink(Message("This link belongs to another account. Sign in with that one and open the link again."))


def accept_email_change(db: Session, code: str, token: str) -> str:
    """Change the address to that of the link and return the old one, or raise DeadLink or UnusableEmail."""
    wanted = check_email(db, read_email_change(db, code, token))
    account, context = hold_account(db, code), f"account:{code}:email"
    old = keys_of(db).open(account.email_sealed, context)
    account.email_sealed, account.email_index = keys_of(db).seal(wanted, context), email_index(db, wanted)
    get_link(db, token, "email").used_at = now()
    record_entry(db, "email_changed", "account", code)
    return old


def _context(code: str) -> str:
    return f"account:{code}:new-email"
