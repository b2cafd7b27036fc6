"""Name and e-mail address of a member of staff, as they are checked before they are sealed."""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.queries import email_index, plain_email
from evalapp.accounts.tables import Account
from evalapp.core.errors import AppError
from evalapp.core.language import Message

SIGN = r"[^@\s.<>()\[\],;:\"\\]"  # what could make two addresses of one is none of it
EMAIL = re.compile(rf"{SIGN}+(\.{SIGN}+)*@{SIGN}+(\.{SIGN}+)+")
LONGEST_EMAIL, LONGEST_NAME = 254, 80


class UnusableEmail(AppError):  # noqa: N818 - what it is, in words
    """An e-mail address that is none, or that has an account."""


def check_email(db: Session, text: str) -> str:
    """Return an e-mail address in its one form, or raise UnusableEmail; two accounts never share one."""
    email = plain_email(text)
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise UnusableEmail(Message("This is not an e-mail address. Write it like name@example.org."))
    if db.scalar(select(Account.id).where(Account.email_index == email_index(db, email))) is not None:
        raise UnusableEmail(Message("There is an account with this e-mail address already."))
    return email


def check_name(text: str) -> str:
    """Return a name on one line, or refuse one that is empty or too long."""
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name or len(name) > LONGEST_NAME:
        raise AppError(Message("A name has 1 to %(most)s characters.", most=LONGEST_NAME))
    return name
