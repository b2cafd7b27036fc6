"""The working covariance of group-time effects: what each cohort would add if the outcomes of all units varied alike.

It decides only how degrees of freedom are counted; variances are estimated cohort by cohort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evalapp.stats.differences.panel_arrays import Observations, Wide

if TYPE_CHECKING:
    from evalapp.stats.differences.group_time_cells import Cells
    from evalapp.stats.differences.panel_arrays import Sample


def working_covariance(sample: Sample, cells: Cells, cohort: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Covariance (S, K, K) of the K cells' changes contributed by each of S strata.

    cohort (S,) of each stratum; spread (S, T) the sum of squared unit shares of a stratum in a period, one over the number of its
    units when weights are equal, and zero where the stratum is not observed.
    """
    period = np.eye(len(sample.periods))
    change = period[cells.period] - period[cells.base]
    scaled = _loading(sample, cells, cohort)[:, :, None] * change * np.sqrt(spread)[:, None, :]
    covariance: np.ndarray = scaled @ _outcome_covariance(sample) @ np.swapaxes(scaled, 1, 2)
    return covariance


def _loading(sample: Sample, cells: Cells, cohort: np.ndarray) -> np.ndarray:
    """Weight (S, K) of each stratum's mean in each cell: one for the treated, its share of the comparison for controls."""
    weight, control = np.bincount(sample.stratum, sample.weight), cells.controlled_by(sample.cohorts)
    total = weight @ control
    share = np.divide(weight[:, None] * control, total, out=np.zeros(control.shape), where=total > 0)
    loading: np.ndarray = (sample.cohorts[:, None] == cells.group) - share
    return loading[np.searchsorted(sample.cohorts, cohort)]


def _outcome_covariance(sample: Sample) -> np.ndarray:
    """Pooled within-cohort covariance (T, T) of outcomes, each entry from the units seen in both periods."""
    data, size = sample.data, len(sample.periods)
    square, pairs = np.zeros((size, size)), np.zeros((size, size))
    for cohort in sample.cohorts:
        members = sample.members(cohort)
        if isinstance(data, Wide):
            deviation, seen = data.y[members] - data.y[members].mean(axis=0), None
        else:
            deviation, seen = _deviations(data, members, size)
        square += deviation.T @ deviation
        pairs += len(deviation) if seen is None else seen.T @ seen
    covariance: np.ndarray = square / np.maximum(pairs, 1)
    return covariance


def _deviations(data: Observations, members: slice, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes (n, T) of some units less their period's mean, zero where not seen, and where they are seen (n, T)."""
    rows = (data.unit >= members.start) & (data.unit < members.stop)
    y, seen = np.zeros((members.stop - members.start, size)), np.zeros((members.stop - members.start, size))
    y[data.unit[rows] - members.start, data.period[rows]] = data.y[rows]
    seen[data.unit[rows] - members.start, data.period[rows]] = 1.0
    return y - seen * (y.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)), seen
