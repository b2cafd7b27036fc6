"""Passwords: kept as argon2id hashes, compared in the same time whether or not there is an account."""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    return HASHER.hash(_composed(password))


def password_matches(kept: str | None, password: str) -> bool:
    """Say whether a password is the one that was kept. Without one the same work is done and the answer is no."""
    nobodys = _nobodys_hash()  # made at the first sign-in of all, whoever's it is
    try:
        HASHER.verify(kept or nobodys, _composed(password))
    except VerifyMismatchError:
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return HASHER.check_needs_rehash(kept)


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(secrets.token_hex())


def _composed(password: str) -> str:
    """Return one form for all ways to type the same Hangul."""
    return unicodedata.normalize("NFKC", password)
