"""Let an account see a programme, as far as its roles go, or end that."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.hold_account import claim_account
from evalapp.accounts.tables import Account
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.people.tables import Programme, ProgrammeMember


def add_member(db: Session, programme: Programme, account_code: str, *, version: int | None = None) -> None:
    """Make an account a member of a programme; one that is a member already stays one."""
    account = claim_account(db, account_code, version)
    if _find_member(db, programme, account) is not None:
        return
    member = {"added_by": actor_of(db).account, "added_at": now()}
    db.add(ProgrammeMember(programme_id=programme.id, account_id=account.id, **member))
    record_entry(db, "member_added", "account", account_code, after={"programme": programme.code})


def end_member(db: Session, programme: Programme, account_code: str, *, version: int | None = None) -> None:
    """End an account's membership of a programme; what the account did there stays."""
    account = claim_account(db, account_code, version)
    member = _find_member(db, programme, account)
    if member is None:
        return
    member.ended_at = now()
    record_entry(db, "member_ended", "account", account_code, before={"programme": programme.code})


def _find_member(db: Session, programme: Programme, account: Account) -> ProgrammeMember | None:
    present = (ProgrammeMember.programme_id == programme.id, ProgrammeMember.account_id == account.id)
    return db.scalar(select(ProgrammeMember).where(*present, ProgrammeMember.ended_at.is_(None)))
