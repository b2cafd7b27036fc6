"""The working covariance of group-time effects: what each cohort would add if the outcomes of all units varied alike.

It decides only how degrees of freedom are counted; variances are estimated cohort by cohort.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evalapp.stats.differences.panel_arrays import Wide

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
    cohorts, code = np.unique(sample.cohort, return_inverse=True)
    weight = np.bincount(code, sample.weight)
    control = (cohorts[:, None] > cells.cutoff) & (cohorts[:, None] != cells.group)
    total = weight @ control
    share = np.divide(weight[:, None] * control, total, out=np.zeros(control.shape), where=total > 0)
    loading: np.ndarray = ((cohorts[:, None] == cells.group) - share)[np.searchsorted(cohorts, cohort)]
    return loading


def _outcome_covariance(sample: Sample) -> np.ndarray:
    """Pooled within-cohort covariance (T, T) of outcomes, each entry from the units seen in both periods."""
    y, seen = _outcomes(sample)
    for group in np.unique(sample.cohort):
        rows = slice(*(int(np.searchsorted(sample.cohort, group, side)) for side in ("left", "right")))
        count = np.maximum(seen[rows].sum(axis=0), 1)
        y[rows] -= seen[rows] * (y[rows].sum(axis=0) / count)
    covariance: np.ndarray = y.T @ y / np.maximum(seen.T.astype(float) @ seen, 1)
    return covariance


def _outcomes(sample: Sample) -> tuple[np.ndarray, np.ndarray]:
    """Return outcomes (N, T), zero where not seen, and where they are seen (N, T)."""
    data = sample.data
    if isinstance(data, Wide):
        return data.y.copy(), np.ones(data.y.shape, dtype=bool)
    y = np.zeros((len(sample.cohort), len(sample.periods)))
    seen = np.zeros(y.shape, dtype=bool)
    y[data.unit, data.period] = data.y
    seen[data.unit, data.period] = True
    return y, seen
