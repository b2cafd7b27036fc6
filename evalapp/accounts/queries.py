"""Reads of accounts. Names and addresses leave their seal here, for the account's owner and for administrators."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.accounts.permissions import SECOND_FACTOR_ROLES
from evalapp.accounts.resume_sign_in import still_living
from evalapp.accounts.tables import Account, RecoveryCode, RoleGrant, SignIn
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.language import Message

SHOWN_HISTORY = 50


@dataclass(frozen=True)
class AccountFacts:
    """An account as its owner and administrators see it. `locked_until` is None unless it lies ahead."""

    account_id: int
    code: str
    name: str
    email: str
    language: str
    state: str
    roles: tuple[str, ...]
    second_factor_at: dt.datetime | None
    password_changed_at: dt.datetime | None
    locked_until: dt.datetime | None
    signed_in_at: dt.datetime | None
    version: int

    @property
    def demands_second_factor(self) -> bool:
        """Say whether a role demands a second factor."""
        return not SECOND_FACTOR_ROLES.isdisjoint(self.roles)


@dataclass(frozen=True)
class HistoryEntry:
    """One entry of the audit log about an account."""

    at: dt.datetime
    account: str
    action: str
    address: str
    after: str


def email_index(db: Session, email: str) -> str:
    """Return what finds the account of an e-mail address, however its letters are written."""
    return keys_of(db).blind_index(plain_email(email), "account:email")


def plain_email(email: str) -> str:
    """Return an e-mail address in the one way it is kept."""
    return unicodedata.normalize("NFC", email).strip().casefold()


def get_account(db: Session, code: str) -> AccountFacts:
    """Return an account by its code, or raise NotFound."""
    account = db.scalar(select(Account).where(Account.code == code))
    if account is None:
        raise NotFound(Message("There is no such account."))
    return _facts(db, [account])[0]


def list_accounts(db: Session) -> list[AccountFacts]:
    """Return every account by name; those who are not invited any more come last."""
    accounts = _facts(db, db.scalars(select(Account)).all())
    return sorted(accounts, key=lambda account: (account.state == "suspended", account.name, account.code))


def list_role_grants(db: Session, code: str) -> Sequence[RoleGrant]:
    """Return the roles an account holds and held, the newest first."""
    of_account = select(RoleGrant).join(Account, Account.id == RoleGrant.account_id).where(Account.code == code)
    return db.scalars(of_account.order_by(RoleGrant.granted_at.desc(), RoleGrant.id.desc())).all()


def list_sign_ins(db: Session, code: str) -> Sequence[SignIn]:
    """Return the sign-ins of an account that are in use, the latest first."""
    of_account = select(SignIn).join(Account, Account.id == SignIn.account_id).where(Account.code == code, still_living())
    return db.scalars(of_account.order_by(SignIn.seen_at.desc(), SignIn.id.desc())).all()


def list_history(db: Session, code: str) -> list[HistoryEntry]:
    """Return what was last done to an account or with its password, the latest first."""
    entries = select(AuditEntry).where(AuditEntry.object_type == "account", AuditEntry.object_key == code)
    latest = db.scalars(entries.order_by(AuditEntry.number.desc()).limit(SHOWN_HISTORY))
    return [HistoryEntry(entry.at, entry.account, entry.action, entry.address, entry.after) for entry in latest]


def count_recovery_codes(db: Session, code: str) -> int:
    """Count the recovery codes of an account that are still good."""
    good = (Account.code == code, RecoveryCode.used_at.is_(None))
    counted = select(func.count(RecoveryCode.id)).join(Account, Account.id == RecoveryCode.account_id).where(*good)
    return db.scalar(counted) or 0


def count_waiting_accounts(db: Session) -> int:
    """Count the accounts whose owners have not joined yet."""
    return db.scalar(select(func.count(Account.id)).where(Account.state == "invited")) or 0


def _facts(db: Session, accounts: Sequence[Account]) -> list[AccountFacts]:
    keys = [account.id for account in accounts]
    roles: dict[int, list[str]] = defaultdict(list)
    held = select(RoleGrant.account_id, RoleGrant.role).where(RoleGrant.account_id.in_(keys), RoleGrant.revoked_at.is_(None))
    for key, role in db.execute(held.order_by(RoleGrant.role)):
        roles[key].append(role)
    latest = select(SignIn.account_id, func.max(SignIn.started_at)).where(SignIn.account_id.in_(keys)).group_by(SignIn.account_id)
    signed_in_at = dict(db.execute(latest).all())
    return [_of(db, account, tuple(roles[account.id]), signed_in_at.get(account.id)) for account in accounts]


def _of(db: Session, account: Account, roles: tuple[str, ...], signed_in_at: dt.datetime | None) -> AccountFacts:
    keys = keys_of(db)
    return AccountFacts(
        account_id=account.id,
        code=account.code,
        name=keys.open(account.name_sealed, f"account:{account.code}:name"),
        email=keys.open(account.email_sealed, f"account:{account.code}:email"),
        language=account.language,
        state=account.state,
        roles=roles,
        second_factor_at=account.totp_confirmed_at,
        password_changed_at=account.password_changed_at,
        locked_until=account.locked_until if account.locked_until and account.locked_until > now() else None,
        signed_in_at=signed_in_at,
        version=account.version,
    )
