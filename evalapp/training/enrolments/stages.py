"""The way through the training: which stage follows which, for which reasons, and what a list of steps adds up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from evalapp.training.tables import STAGES

FORWARD: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: ("applied",),
    "applied": ("enrolled", "waitlisted", "declined"),
    "waitlisted": ("enrolled", "declined"),
    "enrolled": ("active", "withdrawn"),
    "active": ("completed", "withdrawn"),
    "declined": (),
    "completed": (),
    "withdrawn": (),
}
# Back is only where a step forward came from: to mend a mistake, or because somebody came back.
BACK: Final[Mapping[str, tuple[str, ...]]] = {
    stage: tuple(before for before in STAGES if stage in FORWARD[before]) for stage in STAGES
}
# Before the training begins, somebody can go to another cohort without another stage.
TRANSFERABLE: Final = ("applied", "waitlisted", "enrolled")
IN_TRAINING: Final = ("active", "completed")
WITH_A_PLACE: Final = ("enrolled", *IN_TRAINING)
PERSONAL: Final = ("no_time", "no_interest", "work", "family", "illness", "moved", "other")
REASONS_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "applied": ("eligible", "decided", "other"),
    "waitlisted": ("eligible", "drawn", "decided", "other"),
    "enrolled": ("eligible", "place_free", "drawn", "decided", "other"),
    "active": ("begun",),
    "completed": ("rule_met",),
    "declined": ("not_eligible", *PERSONAL),
    "withdrawn": (*PERSONAL, "rule_missed"),
}
BACK_REASONS: Final = ("mistake", "returned", "other")
# The order of a waiting list is not asked where a lot or a written decision chooses.
CHOSEN_OTHERWISE: Final = ("drawn", "decided")


def is_back(stage: str | None, to_stage: str) -> bool:
    """Say whether a move is a step back."""
    return stage is not None and to_stage in BACK[stage]


def find_way(stage: str | None, to_stage: str, *, to_other_cohort: bool = False) -> tuple[str, ...]:
    """Return the stages that a move steps through, the last being the one wanted; none where there is no such move.

    Whoever is nowhere yet applies on the way.
    """
    if stage == to_stage:
        return (to_stage,) if to_other_cohort and stage in TRANSFERABLE else ()
    if to_stage in FORWARD[stage] or is_back(stage, to_stage):
        return (to_stage,)
    if stage is None and to_stage in FORWARD["applied"]:
        return ("applied", to_stage)
    return ()


def list_next(stage: str | None) -> tuple[str, ...]:
    """Return the stages that can follow a stage, forward ones first."""
    return FORWARD[stage] + (BACK[stage] if stage else ())


def replay(steps: Iterable[tuple[str | None, str]]) -> str | None:
    """Return the stage that steps, as (from, to), lead to; steps that do not follow upon each other are a ValueError."""
    stage: str | None = None
    for number, (before, after) in enumerate(steps):
        if before != stage or (number and not find_way(before, after, to_other_cohort=True)):
            raise ValueError(f"step {number + 1} leads from {before} to {after}, and the stage was {stage}")
        stage = after
    return stage
