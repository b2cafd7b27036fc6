"""Recovery codes: ten, each good once, for whoever has lost the authenticator. Only keyed hashes are kept."""

from __future__ import annotations

import secrets

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account, RecoveryCode
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.ids import BODY_ALPHABET

CODES = 10
HALF = 5  # two halves of five characters: 49 bits, out of reach of guessing ten at a time


def replace_recovery_codes(db: Session, account: Account) -> list[str]:
    """Make new codes for an account, which end the old ones, and return them: the only time they can be read."""
    delete_recovery_codes(db, account)
    codes = [f"{_half()}-{_half()}" for _ in range(CODES)]
    db.add_all(RecoveryCode(account_id=account.id, code_hash=_hash(db, account, code)) for code in codes)
    db.flush()
    return codes


def delete_recovery_codes(db: Session, account: Account) -> None:
    """Make every code of an account useless."""
    db.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))


def use_recovery_code(db: Session, account: Account, typed: str) -> bool:
    """Use a code up, and say whether it was good. The account is held, so that a code sent twice at once is good once."""
    kept = (RecoveryCode.account_id == account.id, RecoveryCode.code_hash == _hash(db, account, typed))
    code = db.scalar(select(RecoveryCode).where(*kept, RecoveryCode.used_at.is_(None)))
    if code is None:
        return False
    code.used_at = now()
    return True


def _half() -> str:
    return "".join(secrets.choice(BODY_ALPHABET) for _ in range(HALF))


def _hash(db: Session, account: Account, code: str) -> str:
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return keys_of(db).blind_index(plain, f"account:{account.code}:recovery")
