"""What roles and states of an account are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

ROLE_NAMES: Final[Mapping[str, Message]] = {
    "program_officer": Message("Programme officer"),
    "trainer": Message("Trainer"),
    "interviewer": Message("Interviewer"),
    "analyst": Message("Analyst"),
    "funder": Message("Funder"),
    "privacy_officer": Message("Privacy officer"),
    "administrator": Message("Administrator"),
}
ROLE_TASKS: Final[Mapping[str, Message]] = {
    "program_officer": Message("runs a programme: people, waves, cohorts, reports"),
    "trainer": Message("records attendance of their own cohorts"),
    "interviewer": Message("reaches people and records their answers"),
    "analyst": Message("plans and runs the analysis, without identities"),
    "funder": Message("reads released reports"),
    "privacy_officer": Message("allows exports, reviews access, handles erasure"),
    "administrator": Message("manages accounts and roles"),
}
STATE_NAMES: Final[Mapping[str, Message]] = {
    "invited": Message("invited"),
    "active": Message("active"),
    "suspended": Message("suspended"),
}
STATE_TONES: Final[Mapping[str, str]] = {"invited": "info", "active": "good", "suspended": "bad"}
