"""What the codes of cohorts' and curricula's pages are called, and which colour they have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from evalapp.core.language import Message
from evalapp.training.enrolments.stages import BACK, BACK_REASONS, FORWARD, REASONS_FOR, TRANSFERABLE
from evalapp.training.enrolments.words import REASONS, STAGES
from evalapp.web.formats import said

__all__ = ["REASONS", "STAGES"]
ARMS: Final[Mapping[str, Message]] = {
    "treatment": Message("Training"),
    "waitlist": Message("Waitlist"),
    "comparison": Message("Comparison"),
}
STAGE_TONES: Final[Mapping[str, str]] = {
    "applied": "info", "declined": "plain", "waitlisted": "warn", "enrolled": "info", "active": "good", "completed": "good",
    "withdrawn": "bad",
}  # fmt: skip
SESSION_STATES: Final[Mapping[str, Message]] = {
    "planned": Message("planned"),
    "held": Message("held"),
    "cancelled": Message("cancelled"),
    "rescheduled": Message("moved"),
}
SESSION_TONES: Final[Mapping[str, str]] = {"planned": "info", "held": "good", "cancelled": "plain", "rescheduled": "warn"}
PRINCIPLES: Final[Mapping[str, Message]] = {
    "self_starting": Message("Self-starting"),
    "future_thinking": Message("Future thinking"),
    "overcoming_barriers": Message("Overcoming barriers"),
    "none": Message("No single principle"),
}
ITEM_KINDS: Final[Mapping[str, Message]] = {
    "content": Message("Content"),
    "exercise": Message("Exercise"),
    "homework": Message("Homework"),
}
# A stage as something to do to people.
MOVES: Final[Mapping[str, Message]] = {
    "applied": Message("Record the application"),
    "declined": Message("Decline"),
    "waitlisted": Message("Put on the waiting list"),
    "enrolled": Message("Enrol"),
    "active": Message("Begin the training"),
    "withdrawn": Message("Withdraw from the training"),
}
BACK_MOVES: Final[Mapping[str, Message]] = {
    "applied": Message("Back to: applied"),
    "waitlisted": Message("Back to the waiting list"),
    "enrolled": Message("Back to: enrolled"),
    "active": Message("Back into training"),
}
# What pages of their own decide: a lot, a written decision, the completion rule.
NOT_CHOSEN_BY_HAND: Final = frozenset({"drawn", "decided", "rule_met", "rule_missed"})


def list_moves(stages: Iterable[str | None]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the moves that lead on from some stages, as a choice offers them: what to do, then (code, reason) pairs."""
    known = tuple(stages)
    onward = {stage for before in known for stage in (*FORWARD[before], *(FORWARD["applied"] if before is None else ()))}
    back = {stage for before in known if before for stage in BACK[before]}
    groups = [(said(MOVES[stage]), _choices(stage, REASONS_FOR[stage])) for stage in MOVES if stage in onward]
    groups += [
        (f"{said(Message('Move to another cohort'))} ({said(STAGES[stage])})", _choices(stage, ("place_free", "other")))
        for stage in TRANSFERABLE
        if known == (stage,)
    ]
    return groups + [(said(BACK_MOVES[stage]), _choices(stage, BACK_REASONS)) for stage in BACK_MOVES if stage in back]


def _choices(stage: str, reasons: Iterable[str]) -> list[tuple[str, str]]:
    return [(f"{stage}:{reason}", said(REASONS[reason])) for reason in reasons if reason not in NOT_CHOSEN_BY_HAND]
