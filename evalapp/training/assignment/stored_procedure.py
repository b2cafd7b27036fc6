"""The procedure of a draw as it is kept: JSON from which the same places are drawn again.

The JSON is the whole truth of a draw but its seed. It holds the covariates as they were known (null where not); a missing one
counts as the mean of the known ones when balance is asked for, which is stated beside every table.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.core.version import VERSION
from evalapp.stats import AssignmentProcedure, StatsError
from evalapp.training.assignment.tables import Assignment

FORMAT: Final = 1
BIT_GENERATOR: Final = "PCG64"
LARGEST_SEED: Final = 10**18 - 1


def generator(seed: int) -> np.random.Generator:
    """Return the random numbers of a seed, by the generator that every record names."""
    return np.random.Generator(np.random.PCG64(seed))


def software() -> str:
    """Name the programs that draw, with their versions: another version may turn the same seed into other numbers."""
    return f"evalapp {VERSION}, numpy {version('numpy')}, {BIT_GENERATOR}"


def rebuild(stored: Mapping[str, Any], *, with_criterion: bool = True) -> AssignmentProcedure:
    """Return the procedure that a stored one describes; without its criterion of balance, if asked."""
    covariates = filled_covariates(stored) if with_criterion and stored["max_imbalance"] is not None else None
    try:
        return AssignmentProcedure(
            units=tuple(stored["units"]),
            treated=stored["treated"],
            strata=tuple(stored["strata"]) if stored["strata"] else None,
            clusters=tuple(stored["clusters"]) if stored["clusters"] else None,
            covariates=None if covariates is None else tuple(tuple(row) for row in covariates.tolist()),
            max_imbalance=None if covariates is None else stored["max_imbalance"],
        )
    except StatsError as refused:
        raise AppError(Message(refused.message, **refused.facts)) from None


def filled_covariates(stored: Mapping[str, Any]) -> NDArray[np.float64]:
    """Return the covariates (n, p), a missing one as the mean of the known ones."""
    columns = [filled(column) for column in zip(*stored["covariates"]["values"], strict=True)]
    return np.array(columns, dtype=float).T.reshape(len(stored["units"]), -1)


def filled(column: Sequence[float | None]) -> list[float]:
    """Return a column with the mean in place of what is missing; the sum is exact, so that it is the same on every machine."""
    known = [value for value in column if value is not None]
    mean = math.fsum(known) / len(known) if known else 0.0
    return [mean if value is None else value for value in column]


def draw_arms(stored: Mapping[str, Any], seed: int) -> dict[str, bool]:
    """Draw once: for each study ID whether the place is in the training."""
    try:
        drawn = rebuild(stored).draw(generator(seed), 1)[0]
    except StatsError as refused:
        raise AppError(Message(refused.message, **refused.facts)) from None
    return {str(unit): bool(arm) for unit, arm in zip(stored["units"], drawn, strict=True)}


@dataclass(frozen=True)
class Replay:
    """A draw done again. `procedure_intact`: the procedure has the fingerprint it was locked with; `differing`: whose arm is another.

    `then` and `now` name the programs of both draws.
    """

    procedure_intact: bool
    differing: tuple[str, ...]
    then: str
    now: str

    @property
    def is_identical(self) -> bool:
        """Say whether the procedure is untouched and gives everyone the place that was recorded."""
        return self.procedure_intact and not self.differing


def replay_assignment(assignment: Assignment) -> Replay:
    """Draw again from what was locked, and compare with what was recorded."""
    if assignment.state != "locked" or assignment.kind != "randomised" or assignment.seed is None or assignment.procedure is None:
        raise AppError(Message("Only a locked assignment by lot can be drawn again."))
    stored, recorded = json.loads(assignment.procedure), json.loads(assignment.record or "{}")["arms"]
    drawn = draw_arms(stored, assignment.seed)
    differing = [study_id for study_id in sorted({*drawn, *recorded}) if drawn.get(study_id) != _is_treated(recorded.get(study_id))]
    intact = (
        sha256_of(stored) == assignment.procedure_sha256
        and sha256_of(recorded) == json.loads(assignment.record or "{}")["arms_sha256"]
    )
    return Replay(intact, tuple(differing), assignment.software or "", software())


def _is_treated(arm: str | None) -> bool | None:
    return None if arm is None else arm == "treatment"
