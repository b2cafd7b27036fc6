"""Lock an account after ten wrong tries, each time for twice as long."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now

FAILURES = 10
FIRST_LOCK = dt.timedelta(minutes=15)
DOUBLINGS = 5  # eight hours: whoever wants to keep somebody out must not manage it for days with ten tries


def is_locked(account: Account) -> bool:
    """Say whether an account lets nobody in for now."""
    return account.locked_until is not None and account.locked_until > now()


def note_failure(db: Session, account: Account, action: str) -> None:
    """Count a wrong password or code of a held account, and lock it when it is the tenth."""
    account.failed_attempts += 1
    record_entry(db, action, "account", account.code)
    times, rest = divmod(account.failed_attempts, FAILURES)
    if rest == 0:
        account.locked_until = now() + FIRST_LOCK * 2 ** min(times - 1, DOUBLINGS)
        record_entry(db, "account_locked", "account", account.code, after={"until": account.locked_until.isoformat()})


def forget_failures(account: Account) -> None:
    """Start counting anew, after both factors were right or an administrator helped."""
    account.failed_attempts, account.locked_until = 0, None
