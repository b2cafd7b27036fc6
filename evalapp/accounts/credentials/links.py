"""Secret links: to join, to choose a new password, to confirm an e-mail address.

Each works once, for three days, and a newer one ends the older.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalapp.accounts.resume_sign_in import token_hash
from evalapp.accounts.tables import Account, AccountLink
from evalapp.core.actor import actor_of
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message

AGAIN: Final = {
    "join": Message("This link has expired. Ask an administrator for a new one."),
    "reset": Message("This link has expired. Ask an administrator for a new one."),
    "email": Message("This link has expired. Enter the new address once more on the page of your account."),
}
LASTS = dt.timedelta(hours=72)


class DeadLink(AppError):  # noqa: N818 - what it is, in words
    """A link that leads nowhere any more, with the reason."""


def add_link(db: Session, account: Account, kind: str, token: str = "") -> str:
    """Add a link of a kind (`join`, `reset`, `email`) to an account and return its token: the only time it can be read.

    A token may be brought along; it must be one that nobody guesses.
    """
    end_links(db, account)
    token = token or secrets.token_urlsafe(32)
    link = {"created_by": actor_of(db).account, "created_at": now(), "expires_at": now() + LASTS}
    db.add(AccountLink(account_id=account.id, kind=kind, token_hash=token_hash(token), **link))
    db.flush()
    return token


def end_links(db: Session, account: Account) -> None:
    """Make every open link of an account useless."""
    still_open = (AccountLink.account_id == account.id, AccountLink.used_at.is_(None), AccountLink.expires_at > now())
    db.execute(update(AccountLink).where(*still_open).values(expires_at=now()))


def get_link(db: Session, token: str, kind: str) -> AccountLink:
    """Return the living link of a token, or raise DeadLink with what to do."""
    of_token = select(AccountLink).where(AccountLink.token_hash == token_hash(token), AccountLink.kind == kind)
    link = db.scalar(of_token.execution_options(populate_existing=True))
    if link is None:
        raise DeadLink(Message("This link is not one of ours. Copy the whole address from the message you were sent."))
    if link.used_at is not None:
        raise DeadLink(Message("This link has been used. If it was not you who used it, tell an administrator at once."))
    if link.expires_at <= now():
        raise DeadLink(AGAIN[kind])
    return link
