"""Free text as a reviewer may see it: numbers and addresses that may lead to a person are covered."""

from __future__ import annotations

import re

from evalapp.core.korean_formats import PHONE_NUMBER, RESIDENT_NUMBER, SHORTENED_NUMBER

EMAIL = re.compile(r"[^\s@<>,;\"]+@[\w-]+(?:\.[\w-]+)+")
ACCOUNT_NUMBER = re.compile(r"(?<![\d.,])\d[\d-]{9,}\d(?![\d.,])")
PATTERNS = (RESIDENT_NUMBER, PHONE_NUMBER, SHORTENED_NUMBER, EMAIL, ACCOUNT_NUMBER)


def covered(text: str) -> str:
    """Return a text with every sign of such numbers and addresses replaced by a dot."""
    for pattern in PATTERNS:
        text = pattern.sub(lambda found: re.sub(r"\w", "•", found[0]), text)
    return text
