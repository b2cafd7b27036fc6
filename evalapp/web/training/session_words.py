"""What the codes of sessions' pages are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message
from evalapp.web.training.cohort_words import ARMS, SESSION_STATES, SESSION_TONES

__all__ = ["ARMS", "SESSION_STATES", "SESSION_TONES"]
TRAINER_ROLES: Final[Mapping[str, Message]] = {
    "co_trainer": Message("Co-trainer"),
    "substitute": Message("Substitute"),
    "observer": Message("Observer"),
}
CHANGES: Final[Mapping[str, Message]] = {
    "moved": Message("Moved"),
    "minutes": Message("Other length"),
    "trainer": Message("Another trainer"),
    "substitute": Message("Substitute"),
    "cancelled": Message("Cancelled"),
    "restored": Message("Takes place after all"),
}
WEEKDAYS: Final[tuple[Message, ...]] = (
    Message("Monday"), Message("Tuesday"), Message("Wednesday"), Message("Thursday"), Message("Friday"), Message("Saturday"),
    Message("Sunday"),
)  # fmt: skip
