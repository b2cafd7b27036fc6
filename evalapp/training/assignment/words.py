"""What people read for the codes of assignments. A form offers them in this order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

KIND_WORDS: Final[Mapping[str, Message]] = {
    "randomised": Message("By lot"),
    "decided": Message("Decided, not by lot"),
}
METHOD_WORDS: Final[Mapping[str, Message]] = {
    "complete": Message("One lottery for everybody"),
    "stratified": Message("A lottery within each stratum"),
    "blocked": Message("A lottery within blocks of people who are alike"),
    "clustered": Message("Whole groups are drawn"),
}
STATE_WORDS: Final[Mapping[str, Message]] = {
    "draft": Message("pool open"),
    "pool_frozen": Message("pool frozen"),
    "locked": Message("locked"),
}
ARM_WORDS: Final[Mapping[str, Message]] = {
    "treatment": Message("Training"),
    "waitlist": Message("Waitlist"),
    "comparison": Message("Comparison"),
}
NOT_PLACED: Final = Message("No place")
OBSTACLE_WORDS: Final[Mapping[str, Message]] = {
    "no_consent": Message("no consent to records of the training"),
    "left": Message("left the programme"),
    "placed": Message("has a place in a cohort already"),
    "ended": Message("declined or withdrew from the training"),
}
DECIDER_WORDS: Final[Mapping[str, Message]] = {
    "officer": Message("Programme officer"),
    "trainers": Message("Trainers"),
    "committee": Message("Selection committee"),
    "partner": Message("Partner organisation"),
    "funder": Message("Funder"),
    "first_come": Message("Nobody: in the order of application"),
    "themselves": Message("The entrepreneurs themselves"),
}
# Like no answer of a form is called.
MISSING: Final = "~missing"
POOLED: Final = "~pooled"
LEVEL_WORDS: Final[Mapping[str, Message]] = {
    MISSING: Message("no answer"),
    "up_to": Message("up to %(most)s"),
    "between": Message("above %(least)s, up to %(most)s"),
    "above": Message("above %(least)s"),
    POOLED: Message("small strata together"),
    "block": Message("block %(number)s"),
}
REGISTRATION_WORDS: Final[Mapping[str, Message]] = {
    "reg_channel": Message("How the person came"),
    "reg_industry": Message("Industry of the enterprise"),
    "reg_start_year": Message("Year the enterprise began"),
    "reg_day": Message("Day of registration"),
}
