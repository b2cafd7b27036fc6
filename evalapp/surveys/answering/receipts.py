"""Receipt numbers: short, random, with a check character, so that one read out on the telephone can be trusted."""

from __future__ import annotations

import secrets

from evalapp.core.ids import BODY_ALPHABET, check_character

BODY_LENGTH = 7


def mint_receipt() -> str:
    """Return a new receipt number, like 7K3Q-9MXD. One in 27 thousand million is taken already, which the database then refuses."""
    body = "".join(secrets.choice(BODY_ALPHABET) for _ in range(BODY_LENGTH))
    return f"{body[:4]}-{body[4:]}{check_character(body)}"


def is_receipt(text: str) -> bool:
    """Say whether a text is a receipt number with a right check character."""
    plain = text.strip().upper().replace("-", "")
    known = len(plain) == BODY_LENGTH + 1 and set(plain) <= set(BODY_ALPHABET)
    return known and check_character(plain[:-1]) == plain[-1]
