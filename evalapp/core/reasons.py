"""Why something was done, as somebody types it: kept in the audit log for good, so it must say something and name nobody."""

from __future__ import annotations

import unicodedata

from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message

SHORTEST_REASON, LONGEST_REASON = 5, 400


def check_reason(text: str) -> str:
    """Return a typed reason on one line, or refuse one that says nothing or itself holds what identifies someone."""
    reason = " ".join(unicodedata.normalize("NFC", text).split())
    if len(reason) < SHORTEST_REASON:
        raise AppError(Message("Say in a few words why it is needed; the reason is kept in the audit log."))
    if len(reason) > LONGEST_REASON:
        raise AppError(
            Message("The reason has %(length)s characters; at most %(most)s are kept.", length=len(reason), most=LONGEST_REASON)
        )
    if holds_resident_number(reason) or holds_phone_number(reason) or "@" in reason:
        raise AppError(Message("The reason must not hold a number or an address of a person. Describe the purpose only."))
    return reason
