"""Inference for group-time effects: which variance applies, and how a contrast becomes an interval or a caution instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from evalapp.stats.differences.group_time_variance import (
    Spread,
    classical_spread,
    leveraged_spread,
    strata_of,
    strata_rows,
    stratified_spread,
)
from evalapp.stats.differences.group_time_working import working_covariance
from evalapp.stats.differences.panel_arrays import Observations, Wide
from evalapp.stats.differences.trend_power import detectable_noncentrality

if TYPE_CHECKING:
    from evalapp.stats.differences.group_time_cells import Cells
    from evalapp.stats.differences.panel_arrays import Sample

NO_VARIATION = 1e-9  # a standard error this small against the outcome's spread is rounding error


@dataclass(frozen=True)
class Pretest:
    """Joint test that all pre-treatment effects are zero.

    statistic is the Wald statistic W; classical: chi-squared with df degrees of freedom. small_sample: W (nu - q + 1) / (nu q) is
    F(q, nu - q + 1), Hotelling's reference with Krishnamoorthy and Yu's (2004) degrees of freedom nu for a covariance summed over
    cohorts, in their working shares; df is q, df_denominator nu - q + 1 (infinite for chi-squared). detectable_slope is the linear
    drift per period, in outcome units, that the test finds with 80 % power. NaN when a caution says why.
    """

    statistic: float
    df: int
    df_denominator: float
    p_value: float
    detectable_slope: float


def leveraged(sample: Sample) -> bool:
    """Whether small-sample variances come from leverage-corrected contributions rather than from cohort means."""
    return sample.cluster is None and (sample.covariates > 0 or isinstance(sample.data, Observations))


def spread_of(sample: Sample, cells: Cells, inference: str, draws: tuple[int, int] | None) -> Spread:
    """Covariance of all cells; classical inference adds the cohorts' sample shares as random columns."""
    if inference == "classical":
        return classical_spread(np.column_stack([cells.influence, _share_columns(sample)]), sample.cluster, draws)
    if not leveraged(sample):
        strata = strata_of(sample.cohort, sample.weight, sample.cluster)
        spread = np.repeat(strata.spread[:, None], len(sample.periods), axis=1)
        pure = not np.isnan(strata.cohort).any()
        working = working_covariance(sample, cells, strata.cohort, spread) if pure else None
        return stratified_spread(cells.influence, strata, working, draws)
    code, cohort = sample.stratum, sample.cohorts
    if isinstance(sample.data, Observations) and len(sample.data.unit) == len(code):
        period = np.empty(len(code), dtype=int)
        period[sample.data.unit] = sample.data.period
        _, first, code = np.unique(code * len(sample.periods) + period, return_index=True, return_inverse=True)
        cohort = sample.cohort[first]
    working = working_covariance(sample, cells, cohort, _period_spread(sample, code))
    present = _present(cells, code, cohort)
    df = _leveraged_df(sample, cells, present, cohort)
    return leveraged_spread(cells.influence, code, present > 0, df, working, draws)


def _share_columns(sample: Sample) -> np.ndarray:
    inside = sample.weight[:, None] * (sample.cohort[:, None] == sample.groups)
    columns: np.ndarray = (inside - inside.mean(axis=0)) / len(inside)
    return columns


def _period_spread(sample: Sample, code: np.ndarray) -> np.ndarray:
    """Sum of squared weight shares (S, T) of each stratum in each period, zero where it is not observed."""
    T, w = len(sample.periods), sample.weight
    if isinstance(sample.data, Wide):
        return np.repeat(_squared_shares(code, w, code.max() + 1)[:, None], T, axis=1)
    cell = code[sample.data.unit] * T + sample.data.period
    return _squared_shares(cell, sample.data.w, (code.max() + 1) * T).reshape(-1, T)


def _squared_shares(code: np.ndarray, w: np.ndarray, size: int) -> np.ndarray:
    total, square = np.bincount(code, w, minlength=size), np.bincount(code, w**2, minlength=size)
    return np.divide(square, total**2, out=np.zeros(size), where=total > 0)


def _present(cells: Cells, code: np.ndarray, cohort: np.ndarray) -> np.ndarray:
    """Count the units (S, K) that each stratum gives to each cell."""
    involved = cells.controlled_by(cohort) | (cohort[:, None] == cells.group)
    present = np.zeros(involved.shape, dtype=int)
    for s, rows in enumerate(strata_rows(code)):
        for k in np.flatnonzero(involved[s]):
            present[s, k] = np.count_nonzero(cells.influence[rows, k])
    return present


def _leveraged_df(sample: Sample, cells: Cells, present: np.ndarray, cohort: np.ndarray) -> np.ndarray:
    """Degrees of freedom (S, K): units a stratum gives to a cell, less fitted coefficients, times their effective share."""
    treated = cohort[:, None] == cells.group
    fitted = np.where(np.isinf(cohort)[:, None] & ~treated, 1 + sample.covariates, 1)
    share = np.where(treated, cells.share[1], cells.share[0])
    df: np.ndarray = np.maximum((present - fitted) * share, 1.0)
    return df


def intervals(
    estimate: np.ndarray, contrasts: np.ndarray, spread: Spread, *, level: float, blocked: np.ndarray, scale: float
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Columns att, std_error, df, conf_low, conf_high, p_value for contrasts (m, K), and which rows (m,) have no variation.

    Rows in `blocked` (m,) get no interval; with draws in `spread` the intervals cover simultaneously.
    """
    variance, df = spread.variance(contrasts)
    std_error = np.sqrt(variance)
    flat = ~blocked & (std_error <= NO_VARIATION * scale)
    std_error = np.where(blocked | flat, np.nan, std_error)
    open_ = np.isfinite(std_error)
    pointwise = spread.simultaneous_level(contrasts[open_], level)
    half = np.full(len(estimate), np.nan)
    half[open_] = -std_error[open_] * special.stdtrit(df[open_], 0.5 - pointwise / 2)
    p_value = np.full(len(estimate), np.nan)
    p_value[open_] = 2 * special.stdtr(df[open_], -np.abs(estimate[open_] / std_error[open_]))
    columns = {
        "att": estimate,
        "std_error": std_error,
        "df": np.where(open_, df, np.nan),
        "conf_low": estimate - half,
        "conf_high": estimate + half,
        "p_value": p_value,
    }
    return columns, flat


def pretest(
    values: np.ndarray, contrasts: np.ndarray, spread: Spread, inference: str, *, drift: np.ndarray, level: float
) -> Pretest:
    """Wald test that the pre-treatment contrasts (q, K) with estimates (q,) are all zero.

    `drift` (q,) is what a linear drift of one outcome unit per period would make of them.
    """
    q = len(values)
    nothing = Pretest(np.nan, q, np.nan, np.nan, np.nan)
    found = spread.wald(contrasts, values) if q else None
    moved = spread.wald(contrasts, drift) if q else None
    if found is None or moved is None:
        return nothing
    statistic, nu = found
    denominator = np.inf if inference == "classical" else nu - q + 1
    if denominator <= 0:
        return nothing
    slope = float(np.sqrt(detectable_noncentrality(q, denominator, 1 - level) / moved[0]))
    if inference == "classical":
        return Pretest(statistic, q, np.inf, float(special.chdtrc(q, statistic)), slope)
    f = statistic * denominator / (nu * q)
    return Pretest(statistic, q, denominator, float(special.fdtrc(q, denominator, f)), slope)
