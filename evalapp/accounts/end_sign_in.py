"""End sign-ins: one of one's own, the others, or all."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalapp.accounts.hold_account import claim_account, hold_account
from evalapp.accounts.resume_sign_in import still_living
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import NotFound
from evalapp.core.language import Message


def end_sign_in(db: Session, code: str, sign_in_id: int) -> None:
    """End one sign-in of an account; another account's, or one that is over, is not there."""
    account = hold_account(db, code)
    if sign_in_id not in living_sign_ins(db, account):
        raise NotFound(Message("This sign-in is over already."))
    db.execute(update(SignIn).where(SignIn.id == sign_in_id).values(ended_at=now()))
    record_entry(db, "sign_in_ended", "account", account.code, after={"sign_in": sign_in_id})


def end_other_sign_ins(db: Session, code: str, sign_in_id: int) -> int:
    """End an account's sign-ins except one, and return how many were in use."""
    return end_sign_ins(db, hold_account(db, code), but=sign_in_id)


def end_all_sign_ins(db: Session, code: str, *, version: int | None = None) -> int:
    """End every sign-in of an account for an administrator, and return how many were in use."""
    return end_sign_ins(db, claim_account(db, code, version))


def end_sign_ins(db: Session, account: Account, *, but: int | None = None) -> int:
    """End every sign-in of a held account, all but one if wished, and return how many were in use."""
    ended = [key for key in living_sign_ins(db, account) if key != but]
    if ended:
        db.execute(update(SignIn).where(SignIn.id.in_(ended)).values(ended_at=now()))
        record_entry(db, "sign_ins_ended", "account", account.code, after={"sign_ins": ended})
    return len(ended)


def living_sign_ins(db: Session, account: Account) -> list[int]:
    """Return the keys of an account's sign-ins that are in use."""
    return list(db.scalars(select(SignIn.id).where(SignIn.account_id == account.id, still_living()).order_by(SignIn.id)))
