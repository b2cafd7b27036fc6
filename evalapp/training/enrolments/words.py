"""What stages and reasons are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

STAGES: Final[Mapping[str, Message]] = {
    "applied": Message("applied"),
    "declined": Message("declined"),
    "waitlisted": Message("on the waitlist"),
    "enrolled": Message("enrolled"),
    "active": Message("in training"),
    "completed": Message("completed"),
    "withdrawn": Message("withdrew"),
}
REASONS: Final[Mapping[str, Message]] = {
    "eligible": Message("fits the criteria"),
    "drawn": Message("drawn by lot"),
    "decided": Message("decided by the record of the assignment"),
    "place_free": Message("a place became free"),
    "begun": Message("the training began"),
    "not_eligible": Message("does not fit the criteria"),
    "no_time": Message("has no time"),
    "no_interest": Message("is not interested"),
    "work": Message("work"),
    "family": Message("family"),
    "illness": Message("illness"),
    "moved": Message("moved away"),
    "rule_met": Message("was there long enough"),
    "rule_missed": Message("was not there long enough"),
    "returned": Message("came back"),
    "mistake": Message("the step before was a mistake"),
    "imported": Message("came with a file"),
    "other": Message("another reason"),
}
