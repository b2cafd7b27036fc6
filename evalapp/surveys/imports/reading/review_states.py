"""Review states as other tools call them, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.cells import choice_key
from evalapp.surveys.imports.sources.export_file import Source

STATES_WITH_REASON: Final = ("has_issues", "rejected")
STATES: Final[Mapping[str, str]] = {
    "received": "received",
    "none": "received",
    "edited": "received",
    "hasissues": "has_issues",
    "has_issues": "has_issues",
    "on_hold": "has_issues",
    "approved": "approved",
    "not_approved": "rejected",
    "rejected": "rejected",
}
OF_TOOLS: Final[Mapping[Source, Mapping[str, str]]] = {
    "kobo": {
        "approved": "validation_status_approved",
        "rejected": "validation_status_not_approved",
        "has_issues": "validation_status_on_hold",
    },
    "odk": {"approved": "approved", "rejected": "rejected", "has_issues": "hasIssues"},
    "surveycto": {"approved": "APPROVED", "rejected": "REJECTED"},
}


def state_of_tool(text: str) -> str | None:
    """Return our state for a tool's, as its code or its English label; None for one that says nothing of ours."""
    return STATES.get(choice_key(text).removeprefix("validation_status_"))


def tool_state(source: Source, state: str) -> str:
    """Return a tool's state for ours; "" for what it calls nothing."""
    return OF_TOOLS.get(source, {}).get(state, "")
