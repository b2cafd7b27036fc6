"""What the codes of people's pages are called, besides the words of `evalapp.people.words`, and which colour they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message
from evalapp.people.words import (
    BELONGINGS,
    CHANNELS,
    CONSENT_STATES,
    ERASURES,
    EVENTS,
    EXIT_REASONS,
    INDUSTRY_WORDS,
    OUTCOMES,
    PERSON_COLUMNS,
    PURPOSES,
    RECRUITMENT,
    REQUEST_KINDS,
    REQUEST_STATES,
    WITHDRAWAL_REASONS,
)
from evalapp.training.enrolments.words import REASONS as STEP_REASONS
from evalapp.training.enrolments.words import STAGES

__all__ = [
    "BELONGINGS", "CHANNELS", "CONSENT_STATES", "ERASURES", "EVENTS", "EXIT_REASONS", "INDUSTRY_WORDS", "OUTCOMES",
    "PERSON_COLUMNS", "PURPOSES", "RECRUITMENT", "REQUEST_KINDS", "REQUEST_STATES", "STAGES", "STEP_REASONS", "WITHDRAWAL_REASONS",
]  # fmt: skip
CONSENT_TONES: Final[Mapping[str, str]] = {
    "not_asked": "plain", "requested": "info", "given": "good", "renewed": "good", "refused": "bad", "withdrawn": "bad",
    "expired": "warn",
}  # fmt: skip
GROUPS: Final[Mapping[str, Message]] = {
    "valid": Message("Given"),
    "ending": Message("Ends within two weeks"),
    "expired": Message("Expired"),
    "requested": Message("Asked, no answer yet"),
    "said_no": Message("Refused or withdrawn"),
    "not_asked": Message("Not asked"),
}
CONTACTS: Final[Mapping[str, Message]] = {
    "due": Message("To be contacted now"),
    "planned": Message("To be contacted later"),
    "never": Message("Never contacted"),
}
PRESENCE: Final[Mapping[str, Message]] = {
    "here": Message("In the programme"),
    "left": Message("Left the programme"),
}
SORTS: Final[Mapping[str, Message]] = {
    "registered": Message("Newest first"),
    "study_id": Message("By study ID"),
    "last_contact": Message("Longest without contact first"),
    "next_contact": Message("Next contact first"),
}
SUBMISSION_STATES: Final[Mapping[str, Message]] = {
    "draft": Message("begun"),
    "received": Message("received"),
    "has_issues": Message("with questions"),
    "approved": Message("approved"),
    "rejected": Message("rejected"),
}
