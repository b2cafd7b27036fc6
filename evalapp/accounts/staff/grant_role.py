"""Give an account a role, or take one away. What was given, and by whom, is kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.accounts.end_sign_in import end_sign_ins
from evalapp.accounts.hold_account import claim_account
from evalapp.accounts.permissions import ADMINISTRATOR, PRIVACY, ROLES, SECOND_FACTOR_ROLES
from evalapp.accounts.signing_in.finish_sign_in import demands_second_factor
from evalapp.accounts.tables import Account, RoleGrant
from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message


def grant_role(db: Session, code: str, role: str, *, version: int | None = None) -> None:
    """Give an account a role; one that it holds already changes nothing.

    With its first role that demands a second factor, an account signs in anew: from then on it has one living sign-in.
    """
    check_role(role)
    refuse_own_rights(db, code)
    account = claim_account(db, code, version)
    if _held(db, account, role) is not None:
        return
    refuse_conflict([role, *_roles(db, account)])
    if role in SECOND_FACTOR_ROLES and not demands_second_factor(db, account):
        end_sign_ins(db, account)
    add_grant(db, account, role)


def revoke_role(db: Session, code: str, role: str, *, version: int | None = None) -> None:
    """Take a role from an account; one that it does not hold changes nothing. The last administrator keeps theirs."""
    account = claim_account(db, code, version)
    grant = _held(db, account, role)
    if grant is None:
        return
    if role == ADMINISTRATOR:
        refuse_last_administrator(db, account)
    grant.revoked_by, grant.revoked_at = actor_of(db).account, now()
    record_entry(db, "role_revoked", "account", code, before={"role": role})


def check_role(role: str) -> None:
    """Refuse a role that there is not."""
    if role not in ROLES:
        raise AppError(Message("There is no role “%(role)s”. There are: %(roles)s.", role=role, roles=", ".join(ROLES)))


def refuse_own_rights(db: Session, code: str) -> None:
    """Refuse that administrators widen their own rights. Whoever is alone asks at the terminal of the installation."""
    if actor_of(db).account == code:
        raise AppError(Message("Nobody widens their own rights. Ask another administrator, or whoever runs the installation."))


def refuse_conflict(roles: Collection[str]) -> None:
    """Refuse roles in one hand of which one looks after the other."""
    if {ADMINISTRATOR, PRIVACY} <= set(roles):
        raise AppError(
            Message(
                "Who manages accounts cannot be privacy officer too: the one reviews what the other does. Give it to someone else."
            )
        )


def refuse_last_administrator(db: Session, account: Account) -> None:
    """Refuse to lose the last active administrator: nobody could let anybody in again."""
    holders = select(RoleGrant.account_id).where(RoleGrant.role == ADMINISTRATOR, RoleGrant.revoked_at.is_(None))
    # Locked, so that two administrators who remove each other at once do so one after the other.
    held = db.scalars(holders.order_by(RoleGrant.id).with_for_update()).all()
    if account.id in held and not _other_administrators(db, account.code):
        raise AppError(Message("This is the last active administrator. Make someone else an administrator first."))


def add_grant(db: Session, account: Account, role: str) -> None:
    """Write a grant down."""
    db.add(RoleGrant(account_id=account.id, role=role, granted_by=actor_of(db).account, granted_at=now()))
    record_entry(db, "role_granted", "account", account.code, after={"role": role})


def _other_administrators(db: Session, code: str) -> int:
    held = (RoleGrant.role == ADMINISTRATOR, RoleGrant.revoked_at.is_(None))
    others = select(func.count(Account.id)).join(RoleGrant, RoleGrant.account_id == Account.id)
    return db.scalar(others.where(*held, Account.code != code, Account.state == "active")) or 0


def _roles(db: Session, account: Account) -> Sequence[str]:
    held = (RoleGrant.account_id == account.id, RoleGrant.revoked_at.is_(None))
    return db.scalars(select(RoleGrant.role).where(*held)).all()


def _held(db: Session, account: Account, role: str) -> RoleGrant | None:
    held = (RoleGrant.account_id == account.id, RoleGrant.role == role, RoleGrant.revoked_at.is_(None))
    return db.scalar(select(RoleGrant).where(*held))
