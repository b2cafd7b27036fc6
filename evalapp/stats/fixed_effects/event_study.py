"""Effects by time since treatment, by three estimators, with a pre-trend test."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalapp.stats.columns import column_names, refuse_level, refuse_non_number
from evalapp.stats.differences.panel_rows import Columns
from evalapp.stats.fixed_effects.dynamic_twfe import dynamic_twfe
from evalapp.stats.fixed_effects.event_panel import EventPanel, event_panel
from evalapp.stats.fixed_effects.event_study_results import EventStudyEffects, PreTrendTest, results
from evalapp.stats.fixed_effects.imputation import imputation
from evalapp.stats.fixed_effects.sun_abraham import sun_abraham
from evalapp.stats.warnings import StatsError

__all__ = ["EventStudyEffects", "PreTrendTest", "event_study"]
METHODS = {"sun_abraham": sun_abraham, "imputation": imputation, "dynamic_twfe": dynamic_twfe}


def event_study(
    panel: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    cohort: str,
    *,
    method: str = "sun_abraham",
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    weights: str | None = None,
    anticipation: float = 0,
    min_event: float | None = None,
    max_event: float | None = None,
    level: float = 0.95,
) -> EventStudyEffects:
    """Compare treated units, at each time before and since treatment, with what their own past and untreated units lead to expect.

    Parameters
    ----------
    panel : one row per unit and period; gaps are allowed.
    outcome, unit, time, cohort : column names. time is numeric; cohort is the first treated period, and 0, missing or infinite for
        never treated.
    method : "sun_abraham" averages an effect for each cohort and period; "imputation" fits untreated outcomes and takes them from
        the treated ones; "dynamic_twfe" has one coefficient per event time for all cohorts, which mixes event times.
    covariates : numeric columns that change within units.
    cluster : column of the unit of assignment, constant within unit; the unit by default.
    weights : column of sampling weights, zero or positive.
    anticipation : periods before treatment in which its effect may already show.
    min_event, max_event : first and last event time to report; dynamic_twfe bins what lies beyond into these.
    level : coverage of the intervals, a share.

    Returns
    -------
    EventStudyEffects
        With table, overall, pretest, covariance and cautions.

    Raises
    ------
    StatsError
        Text or infinities in numeric columns, two rows for a unit and period, a unit in two cohorts or clusters, negative weights,
        a constant outcome, a covariate that never changes within units, no treated cohort with a baseline and a comparison, an
        empty window of event times, or an unknown method.

    Missing values and weights
    --------------------------
    Rows with a missing outcome, covariate, weight or cluster are dropped and counted; units treated in the first period are dropped
    and counted. When no unit is never treated, the last cohort serves as such and its treated periods are dropped. Weights multiply
    squared residuals and average the cohorts.

    Notes
    -----
    Sun and Abraham: y_it = a_i + l_t + sum_{g, e} d_ge 1{G_i = g, t - g = e} + b'x_it + e_it, each cohort's last period before
    treatment left out; the effect at e is the mean of d_ge by observations. Covariance CR1 = CR0 G/(G-1) (N-1)/(N-K) with reference
    t(G-1), K coefficients and periods, shares taken as fixed; CR2 with Satterthwaite degrees of freedom below 50 clusters, or 10
    treated ones. Dynamic TWFE: the same with d_e for d_ge.
    Imputation: a, l, b from untreated observations; effects are means of y_it - a_i - l_t - b'x_it. Their variance is
    sum over clusters of (sum v_it e_it)^2, v_it the weight of y_it in the estimate, e_it the residual, for treated observations
    around the mean of their cohort and period; normal reference. Leads come from a regression of untreated outcomes on event times,
    the earliest left out, so they have another reference than the effects.
    The pre-trend test is F; detectable_slope solves for the drift that it finds with 80 % power.

    Assumes
    -------
    Parallel trends (given covariates that treatment does not move), no anticipation beyond `anticipation`, treatment never reversed,
    independent clusters; dynamic_twfe adds effects equal across cohorts.

    Source
    ------
    Sun and Abraham (2021), J. Econometrics 225, section 4 (interaction-weighted estimator) and proposition 3 (contamination);
    Borusyak, Jaravel and Spiess (2024), Review of Economic Studies 91, theorem 1 (imputation), section 4.3 (conservative variance)
    and test 1 (pre-trends); Roth (2022), AER: Insights 4 (power of pre-tests).

    Checked against
    ---------------
    pyfixest 0.60.0 and diff-diff 3.13.0 on mpdta, whole, with gaps, weights, clusters and a covariate:
    tests/stats/reference/event_study_peers.json; the imputation also against its definition with a full dummy matrix, in the test.
    """
    refuse_level(level)
    if method not in METHODS:
        raise StatsError("method is %(method)r; choose one of %(choices)s", method=method, choices=", ".join(METHODS))
    refuse_non_number("anticipation", anticipation)
    if not (np.isfinite(anticipation) and anticipation >= 0):
        raise StatsError("anticipation is %(anticipation)r; give a number of periods, zero or more", anticipation=anticipation)
    window = _window(min_event, max_event, anticipation)
    adjust = tuple(column_names(covariates, "covariates"))
    arrays = event_panel(panel, Columns(outcome, unit, time, cohort, adjust, cluster, weights), anticipation)
    if method != "imputation":
        arrays = arrays.without_singletons()
    _refuse_nothing_to_compare(arrays, window, anticipation, cohort)
    scale = float(np.std(arrays.y[arrays.w > 0]))
    return results(method, arrays, METHODS[method](arrays, window, anticipation), scale, level)


def _window(first: float | None, last: float | None, anticipation: float) -> tuple[float, float]:
    for name, bound in (("min_event", first), ("max_event", last)):
        if bound is not None:
            refuse_non_number(name, bound)
    window = (-np.inf if first is None else first, np.inf if last is None else last)
    if not (window[0] <= -1 - anticipation and window[1] >= 0):
        raise StatsError(
            "event times %(first)g to %(last)g hold no baseline and effect; min_event is at most %(latest)g, max_event at least 0",
            first=window[0],
            last=window[1],
            latest=-1 - anticipation,
        )
    return window


def _refuse_nothing_to_compare(panel: EventPanel, window: tuple[float, float], anticipation: float, cohort: str) -> None:
    seen = panel.sums(panel.w) > 0
    event = np.where(np.isfinite(panel.cohorts)[:, None] & seen, panel.event, np.nan)
    before, after = (event < -anticipation) & (event >= window[0]), (event >= 0) & (event <= window[1])
    if not (before.any(axis=1) & after.any(axis=1)).any():
        raise StatsError(
            "no cohort in column %(column)r is observed both before and after treatment within the event times asked for; widen "
            "min_event and max_event, or check its first treated periods and gaps in the panel",
            column=cohort,
        )
