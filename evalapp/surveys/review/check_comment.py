"""What reviewers write: a sentence that says something, and never a number or an address of a person."""

from __future__ import annotations

import unicodedata

from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message

SHORTEST, LONGEST = 4, 400


def check_comment(text: str, *, needed: bool = True) -> str:
    """Return a comment, reason or question as it is kept, or refuse it. One that is not `needed` may be empty."""
    comment = " ".join(unicodedata.normalize("NFC", text).split())
    if not comment and not needed:
        return ""
    if len(comment) < SHORTEST:
        raise AppError(Message("Say in a few words why; whoever reads the history later must understand it."))
    if len(comment) > LONGEST:
        raise AppError(Message("The text has %(length)s characters; at most %(most)s are kept.", length=len(comment), most=LONGEST))
    if holds_resident_number(comment) or holds_phone_number(comment) or "@" in comment:
        raise AppError(Message("The text must not hold a number or an address of a person. Describe the answer only."))
    return comment
