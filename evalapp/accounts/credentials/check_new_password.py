"""Refuse passwords that are guessed first. Length counts, composition does not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from evalapp.core.errors import AppError
from evalapp.core.language import Message

SHORTEST, LONGEST = 12, 200
FEWEST_CHARACTERS = 5
SHORTEST_TELLING_PART = 4  # a two-letter mailbox may well stand in a good password
COMMON_PASSWORDS = Path(__file__).parent / "common_passwords.txt"
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")


class WeakPassword(AppError):  # noqa: N818 - what it is, in words
    """A password that must not be chosen, with the reason."""


def check_new_password(password: str, email: str) -> None:
    """Raise WeakPassword unless a password is long, not on the list of common ones, and not made of the account's own address."""
    if len(password) < SHORTEST:
        raise WeakPassword(
            Message("The password needs at least %(count)s characters. A short sentence is easy to remember.", count=SHORTEST)
        )
    if len(password) > LONGEST:
        raise WeakPassword(Message("The password may have at most %(count)s characters.", count=LONGEST))
    plain = password.casefold()
    if len(set(plain)) < FEWEST_CHARACTERS or _is_repeated(plain) or {plain, DECORATION.sub("", plain)} & common_passwords():
        raise WeakPassword(
            Message("This password is among the first that are guessed. Choose another, for example four words of your own.")
        )
    mailbox = email.casefold().partition("@")[0]
    if len(mailbox) >= SHORTEST_TELLING_PART and mailbox in plain:
        raise WeakPassword(Message("The password must not contain your e-mail address."))


@cache
def common_passwords() -> frozenset[str]:
    """Return the common passwords, and the words that remain common whatever digits surround them."""
    return frozenset(COMMON_PASSWORDS.read_text(encoding="utf-8").split())


def _is_repeated(text: str) -> bool:
    return text in (text + text)[1:-1]
