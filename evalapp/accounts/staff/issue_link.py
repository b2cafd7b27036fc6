"""Issue a new link: to join for whoever has not yet, to choose another password for the rest."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.accounts.credentials.links import add_link
from evalapp.accounts.hold_account import claim_account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message


@dataclass(frozen=True)
class Issued:
    """A link's kind (`join`, `reset`) and its token: the only time the token can be read."""

    kind: str
    token: str


def issue_link(db: Session, code: str, *, version: int | None = None) -> Issued:
    """Issue a link for an account; links issued before end. The old password stays good until the link is used."""
    account = claim_account(db, code, version)
    if account.state == "suspended":
        raise AppError(Message("The account is suspended. Reactivate it first."))
    kind = "join" if account.password_hash is None else "reset"
    record_entry(db, "link_issued", "account", code, after={"kind": kind})
    return Issued(kind, add_link(db, account, kind))
