"""Two groups, two periods: the difference in differences of Sant'Anna and Zhao (2020), beside the means it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.differences.panel_rows import read_column, read_units
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COHORT = "first period of the treated arm"
_OTHER_QUESTION = frozenset({"pretest_unavailable", "treated_after_last_period"})


@dataclass(frozen=True)
class TwoByTwo:
    """One difference in differences.

    estimate, std_error, df, conf_low, conf_high (outcome units), p_value; n units compared; means, one row per arm (control,
    treated, difference) with baseline, follow_up, change (weighted means, outcome units) and units: the change of the difference is
    the second difference, equal to the estimate without covariates; cautions; dropped (unit, cohort, reason).
    """

    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float
    n: int
    means: pd.DataFrame
    cautions: tuple[Caution, ...]
    dropped: pd.DataFrame


def two_by_two(
    panel: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treated: str,
    *,
    covariates: Sequence[str] = (),
    method: str = "dr",
    cluster: str | None = None,
    weights: str | None = None,
    inference: str = "small_sample",
    level: float = 0.95,
) -> TwoByTwo:
    """Compare the change of the treated with the change of the others between one period before and one after.

    Parameters
    ----------
    panel : one row per unit and period, two periods.
    outcome, unit, time : column names; time is numeric.
    treated : column of 0 and 1 (or false and true), constant within unit: 1 for units treated between the two periods.
    covariates : numeric columns to adjust for, at their baseline values.
    method : "dr" doubly robust, "ipw" inverse probability weighting, "reg" outcome regression.
    cluster, weights : columns of the unit of assignment and of sampling weights.
    inference : "small_sample" or "classical", as in att_gt.
    level : confidence level, between 0 and 1.

    Returns
    -------
    TwoByTwo
        The estimate with its interval, and the means, first differences and second difference.

    Raises
    ------
    StatsError
        Other than two periods, a treated column that is not 0 and 1 or changes within a unit, an empty arm, all faults of att_gt.

    Missing values and weights
    --------------------------
    Units without both periods, or with a missing value in what is compared, are dropped and counted; baseline weights apply.

    Notes
    -----
    E[w1 (dY - m(X))] - E[w0 (dY - m(X))] with w1 the treated, w0 the controls weighted by p(X) / (1 - p(X)), m the controls' fit.

    Assumes
    -------
    Parallel trends given covariates, no anticipation, overlap, independent units or clusters.

    Source
    ------
    Sant'Anna and Zhao (2020), J. Econometrics 219, eq. 3.1; small-sample inference as in att_gt.

    Checked against
    ---------------
    R did 2.5.1 with DRDID 1.2.3, tests/stats/reference/did_mpdta.json: two periods of mpdta give its cell (2007, 2007).
    """
    before, after = _two_periods(panel, time)
    frame = panel.assign(**{_COHORT: np.where(_arm(panel, unit, treated) == 1, after, np.inf)})
    if after <= 0:  # period 0 would read as never treated
        frame, before, after = (
            frame.assign(**{time: panel[time] - before + 1, _COHORT: frame[_COHORT] - before + 1}),
            1.0,
            after - before + 1,
        )
    if weights is not None:
        _refuse_weightless(frame, weights)
    effects = att_gt(
        frame,
        outcome,
        unit,
        time,
        _COHORT,
        covariates=covariates,
        control_group="never_treated",
        method=method,
        cluster=cluster,
        weights=weights,
        inference=inference,
        level=level,
    )
    cell = effects.table.iloc[0]
    cautions = tuple(caution for caution in effects.cautions if caution.code not in _OTHER_QUESTION)
    complete = frame.dropna(subset=[outcome, *covariates, *(name for name in (cluster, weights) if name)])
    kept = complete[complete.groupby(unit)[time].transform("size") == 2].sort_values(unit)
    return TwoByTwo(
        estimate=float(cell["att"]),
        std_error=float(cell["std_error"]),
        df=float(cell["df"]),
        conf_low=float(cell["conf_low"]),
        conf_high=float(cell["conf_high"]),
        p_value=float(cell["p_value"]),
        n=int(cell["n"]),
        means=_means(kept, outcome, time, weights, (before, after)),
        cautions=cautions,
        dropped=effects.dropped,
    )


def _two_periods(panel: pd.DataFrame, time: str) -> tuple[float, float]:
    if not isinstance(panel, pd.DataFrame) or panel.empty:
        raise StatsError("panel is empty or not a DataFrame; give one row per unit and period")
    periods = np.unique(read_column(panel, time, "time"))
    periods = periods[~np.isnan(periods)]
    if len(periods) != 2:
        raise StatsError(
            "time column %(column)r has %(periods)s periods; two_by_two compares exactly two, select them or use att_gt",
            column=time,
            periods=len(periods),
        )
    return float(periods[0]), float(periods[1])


def _arm(panel: pd.DataFrame, unit: str, treated: str) -> np.ndarray:
    arm = read_column(panel, treated, "treated")
    if not np.isin(arm, (0, 1)).all():
        raise StatsError(
            "treated column %(column)r holds values other than 0 and 1; code the treated as 1 and the others as 0", column=treated
        )
    codes, labels = read_units(panel, unit)
    treated_units = np.bincount(codes, arm, minlength=len(labels)) > 0
    if (treated_units[codes] != (arm == 1)).any():
        raise StatsError(
            "treated column %(column)r changes within a unit; give 1 in both periods to units treated in between", column=treated
        )
    if not arm.any():
        raise StatsError("treated column %(column)r has no treated units; a comparison needs both arms", column=treated)
    if arm.all():
        raise StatsError("treated column %(column)r has no control units; a comparison needs both arms", column=treated)
    return arm


def _refuse_weightless(frame: pd.DataFrame, weights: str) -> None:
    weight, treated = np.nan_to_num(read_column(frame, weights, "weight")), np.isfinite(frame[_COHORT].to_numpy())
    if not weight[treated].any():
        raise StatsError(
            "weight column %(column)r is zero for all treated units; give some of them a positive weight", column=weights
        )
    if not weight[~treated].any():
        raise StatsError(
            "weight column %(column)r is zero for all control units; give some of them a positive weight", column=weights
        )


def _means(frame: pd.DataFrame, outcome: str, time: str, weights: str | None, periods: tuple[float, float]) -> pd.DataFrame:
    arms = [np.isinf(frame[_COHORT]), np.isfinite(frame[_COHORT])]
    table = pd.DataFrame([_arm_means(frame[arm], outcome, time, weights, periods) for arm in arms], index=["control", "treated"])
    table.loc["difference"] = table.loc["treated"] - table.loc["control"]
    table.loc["difference", "units"] = table.loc[["control", "treated"], "units"].sum()
    table["units"] = table["units"].astype(int)
    return table.rename_axis("arm").reset_index()


def _arm_means(rows: pd.DataFrame, outcome: str, time: str, weights: str | None, periods: tuple[float, float]) -> dict[str, float]:
    before, after = (rows[rows[time] == period] for period in periods)
    weight = None if weights is None else before[weights].to_numpy(dtype=float)
    baseline, follow_up = (float(np.average(part[outcome].to_numpy(dtype=float), weights=weight)) for part in (before, after))
    return {"baseline": baseline, "follow_up": follow_up, "change": follow_up - baseline, "units": len(before)}
