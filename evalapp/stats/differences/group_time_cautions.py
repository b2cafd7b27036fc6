"""What a group-time analysis has to say about itself: outcome, cells, pre-test, clusters, and whether one unit carries it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evalapp.stats.differences.group_time_cells import estimate_cells
from evalapp.stats.differences.group_time_inference import leveraged
from evalapp.stats.differences.group_time_results import FEW_TREATED
from evalapp.stats.warnings import Caution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evalapp.stats.differences.group_time_cells import Cells, Settings
    from evalapp.stats.differences.group_time_inference import Pretest
    from evalapp.stats.differences.panel_arrays import Sample

FEW_CLUSTERS = 50
VERY_FEW_CLUSTERS = 12
MASS_OF_ZEROS = 0.2  # with a fifth at zero, who has any can move a mean as much as how much they have
HANDFUL = 10  # so few values besides zero are a scale or a yes and no, whose zero is an answer like the others


def about_outcome(sample: Sample) -> list[Caution]:
    """Say when many outcomes are exactly zero while the rest are amounts."""
    y = sample.data.y
    zeros = y.size - np.count_nonzero(y)
    if zeros < MASS_OF_ZEROS * y.size or len(np.unique(y[y != 0])) <= HANDFUL:
        return []
    return [Caution("mass_of_zeros", {"zeros": int(zeros), "of": y.size, "percent": round(100 * zeros / y.size)})]


def about_cells(cells: Cells, treated: np.ndarray, reasons: list[tuple[str, np.ndarray]]) -> list[Caution]:
    """Name the cells that each of `reasons` concerns; `treated` (K,) counts their independent treated units."""
    found = []
    for code, where in reasons:
        for k in np.flatnonzero(where):
            facts = {"group": f"{cells.group[k]:g}", "time": f"{cells.time[k]:g}", "treated": int(treated[k])}
            found.append(Caution(code, facts | {"threshold": FEW_TREATED, "trimmed": int(cells.trimmed[k])}))
    return found


def about_pretest(test: Pretest, cells: Cells, drift: np.ndarray, level: float) -> list[Caution]:
    """Say when the pre-test is missing, rejects, or could not have seen a drift as large as the effect."""
    if not np.isfinite(test.p_value):
        return [Caution("pretest_unavailable", {"cells": test.df})]
    if test.p_value < 1 - level:
        return [Caution("pretrend_rejected", {"p_value": f"{test.p_value:.3f}"})]
    after = (cells.group <= cells.time) & np.isfinite(cells.att)
    if not after.any():
        return []
    weights = cells.treated[after]
    effect = abs(float(np.average(cells.att[after], weights=weights)))
    bias = test.detectable_slope * float(np.average(drift[after], weights=weights))
    facts = {"slope": test.detectable_slope, "bias": bias, "effect": effect}
    return [Caution("pretest_underpowered", facts)] if bias > effect else []


def about_clusters(sample: Sample) -> list[Caution]:
    """Say when few units of assignment stand behind the errors."""
    if sample.cluster is None:
        return []
    facts = {"clusters": int(sample.cluster.max()) + 1}
    if facts["clusters"] < VERY_FEW_CLUSTERS:
        return [Caution("very_few_assigned_clusters", facts)]
    return [Caution("few_assigned_clusters", facts)] if facts["clusters"] < FEW_CLUSTERS else []


def about_leaving_one_out(
    sample: Sample, settings: Settings, cells: Cells, averaged: np.ndarray, *, corrected: bool, rounding: float
) -> list[Caution]:
    """Say when the simple average of the cells `averaged` (K,) turns its sign without one unit.

    The unit is the one whose contribution is the most telling. What is left without it is exact for equal weights without
    covariates or gaps; with these the cells are estimated again without it, once it explains half of the average.
    """
    weights = _weights(sample, cells, averaged)
    estimate = _mean(cells.att, weights[-1])
    moved = _without_one(sample, cells, weights, sign=np.sign(estimate), corrected=corrected)
    unit, without = min(moved, key=lambda found: found[1] * np.sign(estimate), default=(0, estimate))
    if without * np.sign(estimate) < abs(estimate) / 2 and leveraged(sample):
        without = _mean(estimate_cells(sample.without(unit), settings, corrected=False).att, weights[sample.stratum[unit]])
    if not without * np.sign(estimate) < -rounding:
        return []
    return [Caution("one_person_carries", {"estimate": f"{estimate:.4g}", "without": f"{without:.4g}"})]


def _weights(sample: Sample, cells: Cells, averaged: np.ndarray) -> np.ndarray:
    """Weights (S + 1, K) of the cells in the average: without a unit of each cohort in turn, and last with everyone."""
    weight, size = np.bincount(sample.stratum, sample.weight), np.bincount(sample.stratum)
    leaving = np.vstack([np.diag(weight / size), np.zeros(len(size))])
    left: np.ndarray = np.where(averaged, (weight - leaving)[:, np.searchsorted(sample.cohorts, cells.group)], 0.0)
    return np.where(np.isclose(left, 0, atol=1e-9 * weight.sum()), 0.0, left)


def _without_one(sample: Sample, cells: Cells, weights: np.ndarray, *, sign: float, corrected: bool) -> Iterator[tuple[int, float]]:
    """Yield each cohort's unit that moves the average furthest in the direction of `sign`, and the average without it.

    A mean loses a unit's deviation over one minus its leverage, taken as that of the average unit of its arm.
    """
    for s, cohort in enumerate(sample.cohorts):
        own, members = cells.group == cohort, sample.members(cohort)
        share = np.where(own, 1 / np.maximum(cells.treated, 1), (1 + sample.covariates) / np.maximum(cells.controls, 1))
        stays = np.where(share < 1, 1 - share, np.inf)  # nobody can leave out the only one
        enlarged = np.sqrt(stays) if corrected else stays  # corrected contributions hold half of it
        used = np.flatnonzero((own | cells.controlled_by(sample.cohorts[s : s + 1])[0]) & (weights[s] > 0))
        if len(used):
            loading = (weights[s] / weights[s].sum() / enlarged)[used]
            shift = loading @ cells.influence.T[used, members]
            furthest = int(np.argmax(shift * sign))
            yield members.start + furthest, _mean(cells.att, weights[s]) - float(shift[furthest])


def _mean(att: np.ndarray, weight: np.ndarray) -> float:
    """Mean of the cells with a positive weight (K,), zero when there are none."""
    used = weight > 0
    return float(np.average(att[used], weights=weight[used])) if used.any() else 0.0
