"""Where places were drawn by lot: the draw replayed from its record, for the main outcome."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.analysis.plans.plan import Plan
from evalapp.stats.resampling.randomization_inference import randomization_inference
from evalapp.stats.warnings import Caution, StatsError
from evalapp.training.assignment.recorded_draws import RecordedDraw

UNIT, TIME, COHORT = "study_id", "round", "first_treated"
WORDS = {"family": "randomisation", "estimand": "ITT", "model": "randomization_inference"}


def replay_draws(sheet: ResultSheet, frame: pd.DataFrame, plan: Plan, draws: Iterable[RecordedDraw], *, seed: int) -> None:
    """Write the family `randomisation`: for each draw, the main outcome of those drawn less that of the others.

    The outcome is the mean of a person's answers in the rounds in which those drawn had begun their training and none of the others
    had; the mean of the rounds before is a covariate. Everyone counts as they were drawn, whatever they did (ITT).
    """
    outcome = next(one for one in plan.outcomes if one.variable == plan.primary)
    for draw in draws:
        words: dict[str, Any] = WORDS | {"outcome": outcome.variable, "unit": outcome.unit, "term": f"assignment:{draw.code}"}
        try:
            people, covariates = _people(frame, outcome.variable, draw)
            found = randomization_inference(people, "after", "drawn", "person", draw.procedure, covariates=covariates, seed=seed)
        except StatsError as refusal:
            sheet.add(statistic="estimate", value=None, cautions=[Caution("not_estimated", {"reason": refusal})], **words)
            continue
        numbers = {name: getattr(found, name) for name in ("estimate", "conf_low", "conf_high", "p_value")}
        sheet.add_estimate(numbers=numbers, n=found.n, clusters=found.assigned, cautions=found.cautions, **words)


def _people(frame: pd.DataFrame, outcome: str, draw: RecordedDraw) -> tuple[pd.DataFrame, list[str]]:
    """Return one row for everyone in the draw, answers or not, and the names of the covariates."""
    own = frame[frame[UNIT].isin(draw.treated)]
    drawn = own[UNIT].map(draw.treated)
    first, last = _rounds(own[drawn.astype(bool)], own[~drawn.astype(bool)])
    people = pd.DataFrame({"person": list(draw.treated), "drawn": [float(treated) for treated in draw.treated.values()]})
    answers = own[outcome] if outcome in own else pd.Series(np.nan, index=own.index)
    spans = {"after": (own[TIME] >= first) & (own[TIME] < last), "before": own[TIME] < first}
    for name, chosen in spans.items():
        people[name] = people["person"].map(answers[chosen].groupby(own[UNIT]).mean())
    people["person"] = people["person"].map(draw.units)
    if people["before"].nunique() < 2:  # noqa: PLR2004 - it must vary to explain anything
        return people, []
    missing = people["before"].isna()
    people["no_before"] = missing.astype(float)
    people["before"] = people["before"].fillna(people["before"].mean())
    return people, ["before", *(["no_before"] if missing.any() else [])]


def _rounds(treated: pd.DataFrame, others: pd.DataFrame) -> tuple[float, float]:
    """Return the first round after those drawn began, and the first after any of the others did."""
    begun, later = (rows.loc[rows[COHORT] > 0, COHORT] for rows in (treated, others))
    if begun.empty:
        raise StatsError("Nobody who was drawn has begun the training yet.")
    return float(begun.min()), float(later.min()) if len(later) else np.inf
