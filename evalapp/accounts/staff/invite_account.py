"""Invite a member of staff."""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.credentials.links import add_link
from evalapp.accounts.queries import email_index, plain_email
from evalapp.accounts.staff.grant_role import add_grant, check_role
from evalapp.accounts.tables import Account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.ids import BODY_ALPHABET
from evalapp.core.language import Message

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LONGEST_EMAIL, LONGEST_NAME = 254, 80


class UnusableEmail(AppError):  # noqa: N818 - what it is, in words
    """An e-mail address that is none, or that has an account."""


@dataclass(frozen=True)
class Invitation:
    """A new account's code and the token of its link to join: the only time the token can be read."""

    code: str
    token: str


def invite_account(db: Session, email: str, name: str, roles: Collection[str], language: str = "ko") -> Invitation:
    """Add an account that waits for its owner to choose a password."""
    email, name = plain_email(email), " ".join(unicodedata.normalize("NFC", name).split())
    _check(db, email, name, roles)
    code = _mint_code(db)
    keys = keys_of(db)
    account = Account(
        code=code,
        email_sealed=keys.seal(email, f"account:{code}:email"),
        email_index=email_index(db, email),
        name_sealed=keys.seal(name, f"account:{code}:name"),
        language=language,
        created_at=now(),
    )
    db.add(account)
    db.flush()
    record_entry(db, "account_invited", "account", code, after={"roles": sorted(roles)})
    for role in sorted(roles):
        add_grant(db, account, role)
    return Invitation(code, add_link(db, account, "join"))


def _check(db: Session, email: str, name: str, roles: Collection[str]) -> None:
    if len(email) > LONGEST_EMAIL or not EMAIL.fullmatch(email):
        raise UnusableEmail(Message("This is not an e-mail address. Write it like name@example.org."))
    if db.scalar(select(Account.id).where(Account.email_index == email_index(db, email))) is not None:
        raise UnusableEmail(Message("There is an account with this e-mail address already."))
    if not name or len(name) > LONGEST_NAME:
        raise AppError(Message("A name has 1 to %(most)s characters.", most=LONGEST_NAME))
    if not roles:
        raise AppError(Message("Choose at least one role."))
    for role in roles:
        check_role(role)


def _mint_code(db: Session) -> str:
    # Longer than a study ID's body, so that neither is ever taken for the other.
    while True:
        code = "AC-" + "".join(secrets.choice(BODY_ALPHABET) for _ in range(5))
        if db.scalar(select(Account.id).where(Account.code == code)) is None:
            return code
