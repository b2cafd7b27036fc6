"""Invite a member of staff."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.contact_details import check_email, check_name
from evalapp.accounts.credentials.links import add_link
from evalapp.accounts.queries import email_index
from evalapp.accounts.staff.grant_role import add_grant, check_role, refuse_conflict
from evalapp.accounts.tables import Account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.ids import BODY_ALPHABET
from evalapp.core.language import Message


@dataclass(frozen=True)
class Invitation:
    """A new account's code and the token of its link to join: the only time the token can be read."""

    code: str
    token: str


def invite_account(db: Session, email: str, name: str, roles: Collection[str], language: str = "ko") -> Invitation:
    """Add an account that waits for its owner to choose a password."""
    email, name = check_email(db, email), check_name(name)
    _check_roles(roles)
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


def _check_roles(roles: Collection[str]) -> None:
    if not roles:
        raise AppError(Message("Choose at least one role."))
    for role in roles:
        check_role(role)
    refuse_conflict(roles)


def _mint_code(db: Session) -> str:
    # Longer than a study ID's body, so that neither is ever taken for the other.
    while True:
        code = "AC-" + "".join(secrets.choice(BODY_ALPHABET) for _ in range(5))
        if db.scalar(select(Account.id).where(Account.code == code)) is None:
            return code
