"""What the codes of review are called, and which colour they have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message

STATES: Final[Mapping[str, Message]] = {
    "received": Message("received"),
    "has_issues": Message("with issues"),
    "approved": Message("approved"),
    "rejected": Message("rejected"),
}
STATE_TONES: Final[Mapping[str, str]] = {"received": "info", "has_issues": "warn", "approved": "good", "rejected": "bad"}
FILTERED_STATES: Final[Mapping[str, Message]] = {"waiting": Message("not decided"), **STATES}
SEVERITIES: Final[Mapping[str, Message]] = {
    "block": Message("blocks approval"),
    "warn": Message("to check"),
    "info": Message("to know"),
}
SEVERITY_TONES: Final[Mapping[str, str]] = {"block": "bad", "warn": "warn", "info": "info"}
MODES: Final[Mapping[str, Message]] = {
    "web": Message("answered alone"),
    "phone": Message("by telephone"),
    "face_to_face": Message("face to face"),
    "paper": Message("on paper"),
}
SOURCES: Final[Mapping[str, Message]] = {
    "call_back": Message("a call back"),
    "paper_form": Message("the paper form"),
    "back_check": Message("a back-check"),
    "respondent": Message("the respondent"),
    "records": Message("records"),
}
MISSING: Final[Mapping[str, Message]] = {
    ".d": Message("does not know"),
    ".r": Message("refused to answer"),
    ".n": Message("does not apply"),
}
QUERY_STATES: Final[Mapping[str, Message]] = {
    "open": Message("waits for an answer"),
    "answered": Message("answered"),
    "closed": Message("query closed"),
}
OCCASIONS: Final[Mapping[str, Message]] = {
    "save": Message("when handed in"),
    "import": Message("at imports"),
    "nightly": Message("every night"),
}
CHECK_TYPES: Final[Mapping[str, Message]] = {
    "1": Message("cannot change"),
    "2": Message("may change a little"),
    "3": Message("may change"),
}
