"""Group-time average treatment effects (Callaway and Sant'Anna 2021), with inference that holds in small programmes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.differences.group_time_cautions import (
    about_cells,
    about_clusters,
    about_leaving_one_out,
    about_outcome,
    about_pretest,
)
from evalapp.stats.differences.group_time_cells import Cells, Settings, estimate_cells
from evalapp.stats.differences.group_time_inference import NO_VARIATION, Pretest, intervals, leveraged, pretest, spread_of
from evalapp.stats.differences.group_time_results import FEW_TREATED, AggregateEffects, GroupTimeEffects, Overall, Sums, joined
from evalapp.stats.differences.panel_arrays import Prepared, Sample, prepare
from evalapp.stats.differences.panel_rows import Columns, read_rows
from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evalapp.stats.differences.group_time_variance import Spread

__all__ = ["AggregateEffects", "GroupTimeEffects", "Overall", "Pretest", "att_gt"]
_CHOICES = {
    "control_group": (None, "never_treated", "not_yet_treated"),
    "method": ("dr", "ipw", "reg"),
    "base_period": ("varying", "universal"),
    "panel_type": ("balanced", "unbalanced", "repeated_cross_section"),
    "inference": ("small_sample", "classical"),
}


def att_gt(
    panel: pd.DataFrame,
    outcome: str,
    unit: str | None,
    time: str,
    cohort: str,
    *,
    covariates: Sequence[str] = (),
    control_group: str | None = None,
    method: str = "dr",
    base_period: str = "varying",
    anticipation: float = 0,
    cluster: str | None = None,
    weights: str | None = None,
    panel_type: str = "balanced",
    inference: str = "small_sample",
    bootstrap: int | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> GroupTimeEffects:
    """Compare, for each cohort and period, the change since before its treatment with that of units not (yet) treated.

    Parameters
    ----------
    panel : one row per unit and period.
    outcome, unit, time, cohort : column names. time is numeric; cohort is the first treated period, and 0, missing or infinite for
        never treated. unit may be None for repeated cross-sections.
    covariates : numeric columns to adjust for, taken at the earlier of the two periods compared.
    control_group : "never_treated" or "not_yet_treated"; by default the former when there are such units, otherwise the latter.
    method : "dr" doubly robust, "ipw" inverse probability weighting, "reg" outcome regression.
    base_period : "varying" compares pre-treatment periods with the one before, "universal" with the last before treatment.
    anticipation : periods before treatment in which its effect may already show.
    cluster : column of the unit of assignment, constant within unit.
    weights : column of sampling weights, zero or positive.
    panel_type : "balanced" drops units not seen in every period; "unbalanced" keeps them; "repeated_cross_section" has no units.
    inference : "small_sample" (unbiased variances, Student reference) or "classical" (R's influence-function variance, normal).
    bootstrap, seed : number of Rademacher multiplier draws for simultaneous intervals (None: pointwise intervals), and their seed.
    level : confidence level, between 0 and 1.

    Returns
    -------
    GroupTimeEffects
        With table, pretest, cautions, dropped units and the method aggregate.

    Raises
    ------
    StatsError
        Text, infinities or numbers beyond 1e100 in numeric columns, two rows for a unit and period, a unit in two cohorts or
        clusters, negative weights, a constant outcome, a single period, cohorts of 0 where periods run through 0, no treated cohort
        with a baseline and a comparison group, or an unknown option.

    Missing values and weights
    --------------------------
    Rows with a missing outcome, covariate, weight or cluster are dropped and counted; units treated in the first period and
    (balanced) incomplete units are dropped, counted and listed in `dropped`. Weights are those of the earlier period compared;
    cohorts are averaged by their first-period (unbalanced: mean) weights. A cell that cannot be estimated has a caution, no number.

    Notes
    -----
    att(g, t) = E[w1 (dY - m(X))] - E[w0 (dY - m(X))], dY = Y_t - Y_base, w1 the treated of cohort g, w0 the controls weighted by
    the odds p(X) / (1 - p(X)) of a logit (absent for "reg"), m a linear fit among controls (zero for "ipw").
    Classical: the variance is the sum of squared influence contributions; averages add the sampling of cohort shares.
    Small sample: conditional on cohort sizes an average without covariates is a sum of cohort means, of variance sum_g s_g^2 / n_g
    and Welch-Satterthwaite degrees of freedom in which each s_g^2 is moderated by one degree of freedom of a covariance common
    to all cohorts; with covariates or gaps, contributions are divided by sqrt(1 - leverage); with clusters, their sums replace
    units.
    A cell with one treated unit (or cluster) gets no interval. Controls with a propensity of 0.995 or more get no weight; a
    propensity of 0.999 or a singular design gives no number. Simultaneous intervals take the sup-t quantile of the draws to each
    contrast's Student distribution at the same pointwise level. For repeated cross-sections and unbalanced panels "classical"
    keeps a sign of DRDID's doubly robust influence function that "small_sample" corrects.

    Assumes
    -------
    Parallel trends given covariates, no anticipation beyond `anticipation`, treatment never reversed, overlap, independent units
    (or clusters); small_sample adds near-normal errors with equal variance within a cohort.

    Source
    ------
    Callaway and Sant'Anna (2021), J. Econometrics 225, eqs. 2.2 to 2.7 and 3.5 to 3.12; Sant'Anna and Zhao (2020), J. Econometrics
    219, eqs. 3.1 and 3.4; Satterthwaite (1946), Biometrics Bulletin 2; Smyth (2004), Statistical Applications in Genetics and
    Molecular Biology 3, for the moderated variance; Krishnamoorthy and Yu (2004), Statistics and Probability Letters 66.

    Checked against
    ---------------
    R did 2.5.1 with DRDID 1.2.3 on mpdta, tests/stats/reference/did_mpdta.json; the ports csdid 0.4.3 and moderndid 0.2.0 for all 48
    combinations of settings, tests/stats/reference/did_mpdta_peers.json, and for weights, clusters, gaps and cross-sections,
    tests/stats/reference/did_mpdta_variants.json; csdid for gaps in time, nobody never treated, always treated and separated
    cohorts, tests/stats/reference/did_mpdta_edges.json; small-sample size by simulation in tests/stats/test_group_time_small_sample.py.
    """
    given = {"control_group": control_group, "method": method, "base_period": base_period}
    _check(given | {"panel_type": panel_type, "inference": inference}, anticipation, level)
    _check_draws(bootstrap, seed)
    columns = Columns(outcome, unit, time, cohort, _tuple(covariates), cluster, weights)
    prepared, scale = _prepared(panel, columns, control_group, anticipation, panel_type)
    sample = prepared.sample
    settings = Settings(prepared.control_group, method, base_period, anticipation)
    cells = estimate_cells(sample, settings, corrected=inference == "small_sample" and leveraged(sample))
    spread = spread_of(sample, cells, inference, None if bootstrap is None else (bootstrap, seed))
    return _results(prepared, settings, cells, spread, scale=scale, inference=inference, bootstrap=bootstrap, level=level)


def _prepared(
    panel: pd.DataFrame, columns: Columns, control_group: str | None, anticipation: float, panel_type: str
) -> tuple[Prepared, float]:
    """Return the sample and the outcome's standard deviation; the rows are let go, so that memory holds the panel once."""
    rows = read_rows(panel, columns, repeated_units=panel_type != "repeated_cross_section")
    for name, values in zip(columns.covariates, rows.covariates.T, strict=True):
        if np.ptp(values) == 0:
            raise StatsError(
                "covariate %(column)r is %(value)g in every row, so there is nothing to adjust for; leave it out",
                column=name,
                value=values[0],
            )
    return prepare(rows, control_group, anticipation, panel_type), float(np.std(rows.outcome))


def _tuple(covariates: Sequence[str]) -> tuple[str, ...]:
    if isinstance(covariates, str):
        raise StatsError("covariates is the text %(text)r; give a list or tuple of column names", text=covariates)
    if not isinstance(covariates, Iterable):
        raise StatsError("covariates is %(given)r; give a list or tuple of column names", given=covariates)
    return tuple(covariates)


def _check(given: dict[str, str | None], anticipation: object, level: object) -> None:
    for name, value in given.items():
        if value not in _CHOICES[name]:
            choices = ", ".join(choice for choice in _CHOICES[name] if choice)
            raise StatsError("%(argument)s is %(given)r; choose one of %(choices)s", argument=name, given=value, choices=choices)
    if not (isinstance(anticipation, int | float | np.number) and 0 <= anticipation < np.inf):
        raise StatsError("anticipation is %(given)r; give a number of periods, zero or more", given=anticipation)
    if not (isinstance(level, int | float | np.number) and 0 < level < 1):
        raise StatsError("level is %(given)r; give a confidence level between 0 and 1, such as 0.95", given=level)


def _check_draws(bootstrap: object, seed: object) -> None:
    if bootstrap is not None and (not isinstance(bootstrap, int | np.integer) or isinstance(bootstrap, bool) or bootstrap < 1):
        raise StatsError("bootstrap is %(given)r; give a positive number of draws, or None", given=bootstrap)
    if not isinstance(seed, int | np.integer) or seed < 0:
        raise StatsError("seed is %(given)r; give a whole number, zero or more", given=seed)


def _results(
    prepared: Prepared,
    settings: Settings,
    cells: Cells,
    spread: Spread,
    *,
    scale: float,
    inference: str,
    bootstrap: int | None,
    level: float,
) -> GroupTimeEffects:
    sample, treated = prepared.sample, _counted(prepared.sample, cells)
    small = (inference == "small_sample") & ~cells.is_base
    lone, alone = small & (treated == 1), small & (cells.controls == 1)
    contrasts = np.eye(len(cells.att), spread.gram.shape[1])
    estimated = np.isfinite(cells.att)
    rows, flat = intervals(
        cells.att, contrasts, spread, level=level, blocked=lone | alone | ~estimated | cells.is_base, scale=scale
    )
    few = estimated & (treated < FEW_TREATED) & ~lone
    reasons = [(code, cells.code == code) for code in sorted(set(cells.code) - {""})]
    reasons += [("single_treated", lone & estimated), ("few_treated", few), ("single_control", alone & estimated)]
    reasons += [("contrast_does_not_vary", flat), ("propensity_trimmed", cells.trimmed > 0)]
    tested = cells.is_pre & np.isfinite(rows["std_error"])
    drift = sample.periods[cells.period] - sample.periods[cells.base]
    test = pretest(cells.att[tested], contrasts[tested], spread, inference, drift=drift[tested], level=level)
    sums = _sums(sample, cells, spread, treated=treated, blocked={"single_treated": lone, "single_control": alone}, scale=scale)
    averaged = sums.usable(FEW_TREATED, inference)[0] & sums.after
    carried = about_leaving_one_out(
        sample,
        settings,
        cells,
        averaged,
        corrected=inference == "small_sample" and leveraged(sample),
        rounding=NO_VARIATION * scale,
    )
    cautions = [*prepared.cautions, *about_outcome(sample), *about_cells(cells, treated, reasons)]
    cautions += [*about_pretest(test, cells, drift, level), *carried, *about_clusters(sample)]
    return GroupTimeEffects(
        _table(rows, cells, reasons),
        test,
        tuple(cautions),
        prepared.dropped,
        len(sample.cohort),
        prepared.control_group,
        inference,
        level,
        bootstrap,
        sums,
    )


def _table(rows: dict[str, np.ndarray], cells: Cells, reasons: list[tuple[str, np.ndarray]]) -> pd.DataFrame:
    counts = {"n": cells.treated + cells.controls, "treated": cells.treated, "controls": cells.controls}
    classical = np.where(cells.classical_variance > 0, np.sqrt(cells.classical_variance), np.nan)
    names = {"group": cells.group, "time": cells.time}
    return pd.DataFrame({**names, **rows, "std_error_classical": classical, **counts, "warning": joined(reasons, len(cells.att))})


def _sums(
    sample: Sample, cells: Cells, spread: Spread, *, treated: np.ndarray, blocked: dict[str, np.ndarray], scale: float
) -> Sums:
    at = np.searchsorted(sample.cohorts, sample.groups)
    share, size = np.bincount(sample.stratum, sample.weight)[at] / len(sample.cohort), np.bincount(sample.stratum)[at]
    first = float(sample.periods[0])
    return Sums(cells.group, cells.time, cells.att, treated, blocked, sample.groups, share, size, first, spread, scale)


def _counted(sample: Sample, cells: Cells) -> np.ndarray:
    """Independent treated units of each cell (K,): clusters where there are fewer of these."""
    if sample.cluster is None:
        return cells.treated
    clusters = np.array([len(np.unique(sample.cluster[sample.members(group)])) for group in cells.group])
    fewer: np.ndarray = np.minimum(cells.treated, clusters)
    return fewer
