"""Study identifiers: random, meaningless, with a check character that catches a slip of the pen.

`PI-7K3Q-4`: a neutral prefix, four characters of Crockford's base 32 (no I, L, O, U) and a check character. The check is the body's
weighted sum modulo 31 (a prime, so every single wrong character and every swap of two is caught), written in the same alphabet.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Container

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BODY_ALPHABET = ALPHABET[:31]
PREFIX = "PI"
PATTERN = re.compile(rf"^[A-Z]{{2}}-([{BODY_ALPHABET}]{{4}})-([{BODY_ALPHABET}])$")


def check_character(body: str) -> str:
    """Return the check character of a four-character body."""
    total = sum(weight * BODY_ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    return BODY_ALPHABET[total % len(BODY_ALPHABET)]


def mint_study_id(taken: Container[str]) -> str:
    """Return a new random study ID that is not among those taken."""
    while True:
        body = "".join(secrets.choice(BODY_ALPHABET) for _ in range(4))
        study_id = f"{PREFIX}-{body}-{check_character(body)}"
        if study_id not in taken:
            return study_id


def is_study_id(text: str) -> bool:
    """Say whether a text is a study ID with a right check character."""
    found = PATTERN.match(text)
    return found is not None and check_character(found[1]) == found[2]
