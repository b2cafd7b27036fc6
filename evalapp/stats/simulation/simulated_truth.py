"""The effects that hold in a simulated programme, from its counterfactuals and from its specification."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.stats import norm

from evalapp.stats.simulation.programme_spec import LIKERT_CATEGORIES, OutcomeSpec, entry, observe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

AGGREGATES = {"dynamic": "event_time", "group": "group", "calendar": "time"}


@dataclass(frozen=True)
class Truth:
    """True average effects on the treated, in outcome units.

    Everywhere `att` is the mean over the people drawn of value with less value without training (answered or not), `effect` its
    expectation under the specification. Groups are first treated rounds; those treated in round 1 have no baseline and are left
    out.

    cells: outcome, group, time, event_time, n (people), att, effect; one row per group and round, zero before treatment.
    aggregates: outcome, aggregate ("dynamic", "group", "calendar"), at (event time, group, round), att, effect: means of treated
    cells
        weighted by people.
    overall: outcome, aggregate (also "simple": all treated cells weighted by people), att, effect: for dynamic and calendar the
    plain
        mean of the aggregate's rows, for group their mean weighted by people.
    """

    cells: pd.DataFrame
    aggregates: pd.DataFrame
    overall: pd.DataFrame

    def att(self, outcome: str, aggregate: str = "simple") -> float:
        """Look up one overall sample effect."""
        found = self.overall[(self.overall["outcome"] == outcome) & (self.overall["aggregate"] == aggregate)]
        return float(found["att"].iloc[0])


def true_effects(
    specs: Mapping[str, OutcomeSpec],
    drawn: Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]],
    starts: NDArray[np.int64],
) -> Truth:
    """Compute every effect from the (n, T) values without and with training, and first treated rounds (n,)."""
    cells = pd.DataFrame(
        [cell for name, values in drawn.items() for cell in outcome_cells(name, specs[name], *values, starts)],
        columns=["outcome", "group", "time", "event_time", "n", "att", "effect"],
    )
    treated = cells[cells["event_time"] >= 0]
    aggregates = pd.concat(
        [
            people_weighted(treated, ["outcome", at]).rename(columns={at: "at"}).assign(aggregate=name)
            for name, at in AGGREGATES.items()
        ],
        ignore_index=True,
    )
    by_group = aggregates["aggregate"] == "group"
    overall = [
        people_weighted(treated, ["outcome"]).assign(aggregate="simple"),
        people_weighted(aggregates[by_group], ["outcome", "aggregate"]),
        aggregates[~by_group].groupby(["outcome", "aggregate"], as_index=False)[["att", "effect"]].mean(),
    ]
    return Truth(
        cells,
        aggregates[["outcome", "aggregate", "at", "att", "effect"]],
        pd.concat(overall, ignore_index=True)[["outcome", "aggregate", "att", "effect"]],
    )


def outcome_cells(
    name: str,
    spec: OutcomeSpec,
    untrained: NDArray[np.float64],
    observed: NDArray[np.float64],
    starts: NDArray[np.int64],
) -> list[tuple[str, int, int, int, int, float, float]]:
    """List one outcome's cells."""
    cells = []
    for group in np.unique(starts[starts > 1]).tolist():
        members = starts == group
        att = (observed[members] - untrained[members]).mean(axis=0)
        for t in range(1, untrained.shape[1] + 1):
            effect = expected_effect(spec, t, t - group)
            cells.append((name, group, t, t - group, int(members.sum()), float(att[t - 1]), effect))
    return cells


def people_weighted(cells: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Average att and effect by people within `by`; n is the mean number of people in a cell (for a group: its size)."""
    weighted = cells.assign(att=cells["att"] * cells["n"], effect=cells["effect"] * cells["n"], cells=1)
    sums = weighted.groupby(by, as_index=False)[["n", "att", "effect", "cells"]].sum()
    return sums.assign(att=sums["att"] / sums["n"], effect=sums["effect"] / sums["n"], n=sums["n"] / sums["cells"])


def expected_effect(spec: OutcomeSpec, t: int, event: int) -> float:
    """Effect in the population in round t of people treated for `event` rounds (0 in the first, negative before)."""
    if event < 0:
        return 0.0
    shift = float(entry(spec.effect_by_event, np.array(event)))
    if spec.kind == "continuous":
        return shift
    mean = spec.level + spec.selection_on_level * spec.person_sd + spec.selection_on_trend * (t - 1)
    mean += float(entry(spec.round_effects, np.array(t - 1)))
    sd = np.hypot(spec.person_sd, spec.noise_sd)
    return expected_answer(spec, mean + shift, float(np.hypot(sd, spec.effect_sd))) - expected_answer(spec, mean, float(sd))


def expected_answer(spec: OutcomeSpec, mean: float, sd: float) -> float:
    """Mean Likert answer when the latent value is normal."""
    if sd == 0:
        return float(observe(np.array(mean), spec))
    thresholds = np.arange(1, LIKERT_CATEGORIES) + 0.5
    return 1 + float(norm.sf(thresholds, mean, sd).sum())
