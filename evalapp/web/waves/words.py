"""What the codes of waves' pages are called, and which colour they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import g

from evalapp.core.language import Message
from evalapp.stats.warnings import CAUTIONS, Caution
from evalapp.web.formats import said

STATUSES: Final[Mapping[str, Message]] = {
    "not_due": Message("not due yet"),
    "due": Message("to be invited"),
    "open": Message("asked to answer"),
    "overdue": Message("overdue"),
    "complete": Message("answered"),
    "partial": Message("begun, not handed in"),
    "missed": Message("missed"),
    "not_applicable": Message("not to be asked"),
}
STATUS_TONES: Final[Mapping[str, str]] = {
    "not_due": "plain", "due": "info", "open": "info", "overdue": "warn", "complete": "good", "partial": "warn", "missed": "bad",
    "not_applicable": "plain",
}  # fmt: skip
ARMS: Final[Mapping[str, Message]] = {
    "treatment": Message("Training"),
    "waitlist": Message("Waitlist"),
    "comparison": Message("Comparison"),
    "": Message("In no cohort"),
}
ANCHORS: Final[Mapping[str, Message]] = {
    "calendar": Message("The same days for everybody"),
    "enrolment": Message("Each person's registration"),
    "cohort_start": Message("The first day of the person's cohort"),
    "cohort_end": Message("The last day of the person's cohort"),
}
SECOND_SECRETS: Final[Mapping[str, Message]] = {
    "birth_year": Message("The year of birth; a code where it is not known"),
    "one_time_code": Message("A code that is sent when the page is opened"),
}
SECRETS_ASKED: Final[Mapping[str, Message]] = {
    "birth_year": Message("The year of birth"),
    "one_time_code": Message("A code that is sent when the page is opened"),
}
OBSTACLES: Final[Mapping[str, Message]] = {
    "no_consent": Message("no consent"),
    "left": Message("left the programme"),
    "no_contact": Message("does not want to be contacted"),
}
INVITATION_STATES: Final[Mapping[str, Message]] = {
    "planned": Message("planned"),
    "sent": Message("sent"),
    "opened": Message("opened"),
    "submitted": Message("answered"),
    "refused": Message("refused"),
    "cancelled": Message("taken back"),
}
CHANNELS: Final[Mapping[str, Message]] = {
    "sms": Message("Text message"),
    "kakaotalk": Message("KakaoTalk"),
    "email": Message("E-mail"),
}
MESSAGE_KINDS: Final[Mapping[str, Message]] = {
    "invitation": Message("Invitation"),
    "reminder": Message("Reminder"),
    "code": Message("One-time code"),
    "receipt": Message("Receipt"),
}
MESSAGE_OUTCOMES: Final[Mapping[str, Message]] = {
    "sending": Message("not known whether it arrived"),
    "sent": Message("sent"),
    "failed": Message("not sent"),
}
FAULTS: Final[Mapping[str, Message]] = {
    "not_set_up": Message("This way of sending is not set up here. Ask the administrator."),
    "unreachable": Message("The sending server could not be reached. Try again later."),
    "refused": Message("The sending server refused. Ask the administrator to look at its settings."),
    "address_refused": Message("The number or address was refused. Check it with the person."),
}
FINAL_CODES: Final[Mapping[str, Message]] = {
    "1.1": Message("Complete"),
    "1.2": Message("Partial"),
    "2.1": Message("Refusal or break-off"),
    "2.2": Message("Not reached"),
    "2.3": Message("Other reason"),
    "3": Message("Never asked"),
    "4": Message("Not eligible"),
    "": Message("Still open"),
}
REASONS: Final[Mapping[str, Message]] = {
    "overdue": Message("Overdue"),
    "closing": Message("Window closes within a week"),
    "due_this_week": Message("Due this week"),
    "not_reached": Message("Not reached"),
}
REASON_TONES: Final[Mapping[str, str]] = {"overdue": "warn", "closing": "bad", "due_this_week": "info", "not_reached": "plain"}
METHODS: Final[Mapping[str, Message]] = {
    "chi-squared": Message("chi-squared test"),
    "Fisher exact": Message("Fisher's exact test"),
}


def caution_sentence(caution: Caution, wave_label: str) -> str:
    """Say a warning of the comparison of arms to an officer, with the names people know."""
    facts: dict[str, Any] = {**caution.facts, "wave": wave_label}
    for name in ("arm", "reference"):
        if name in facts:
            facts[name] = ARMS[facts[name]].within(g.language)
    return Message(CAUTIONS[caution.code].officer, **facts).within(g.language)


def options(names: Mapping[str, Message | str], empty: str | None = None) -> list[tuple[str, str]]:
    """Return the options of a choice in the reader's language, after an `empty` one where there is to be one."""
    choices = [(code, said(name)) for code, name in names.items() if code]
    return choices if empty is None else [("", empty), *choices]
