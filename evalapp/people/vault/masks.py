"""A field as lists show it: enough to tell two people apart, too little to find one."""

from __future__ import annotations

HIDDEN = "••••"
SHORT_NAME = 4


def mask(field: str, value: str) -> str:
    """Return a field's value with what identifies covered: 김○○, 010-••••-1234, k•••@•••."""
    if field in {"name", "enterprise_name"}:
        # The length of a short Hangul name is common to thousands; that of a long or Latin one is not.
        rest = max(1, len(value) - 1) if len(value) <= SHORT_NAME and not value.isascii() else 2
        return value[0] + "○" * rest
    if field == "phone":
        first, _, last = value.split("-")
        return f"{first}-{HIDDEN}-{last}"
    if field == "email":
        return f"{value[0]}•••@•••"
    if field == "registration_number":
        return f"{value[:3]}-••-•••••"
    return HIDDEN
