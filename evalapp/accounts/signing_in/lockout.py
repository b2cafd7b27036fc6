"""Lock an account after ten wrong tries, each time for twice as long.

A browser from which the account has signed in before is not locked out by what strangers try: it has tries of its own.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from evalapp.accounts.signing_in.known_devices import find_trusted_device, note_device_failure
from evalapp.accounts.tables import Account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now

FAILURES = 10
FIRST_LOCK = dt.timedelta(minutes=15)
DOUBLINGS = 5  # eight hours: whoever wants to keep somebody out must not manage it for days with ten tries


def is_locked(db: Session, account: Account) -> bool:
    """Say whether an account does not let the present browser in for now."""
    return is_locked_for_strangers(account) and find_trusted_device(db, account.code) is None


def is_locked_for_strangers(account: Account) -> bool:
    """Say whether an account lets nobody in for now but from browsers it knows."""
    return account.locked_until is not None and account.locked_until > now()


def note_failure(db: Session, account: Account, action: str) -> None:
    """Count a wrong password or code of a held account, and lock it when it is the tenth; a known browser counts for itself."""
    device = find_trusted_device(db, account.code)
    if device is not None:
        note_device_failure(db, device)
        record_entry(db, action, "account", account.code, after={"known_browser": True})
        return
    account.failed_attempts += 1
    record_entry(db, action, "account", account.code)
    times, rest = divmod(account.failed_attempts, FAILURES)
    if rest == 0:
        account.locked_until = now() + FIRST_LOCK * 2 ** min(times - 1, DOUBLINGS)
        record_entry(db, "account_locked", "account", account.code, after={"until": account.locked_until.isoformat()})


def forget_failures(account: Account) -> None:
    """Start counting anew, after both factors were right or an administrator helped."""
    account.failed_attempts, account.locked_until = 0, None
