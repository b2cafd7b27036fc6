"""How far parallel trends may fail before a conclusion does (Rambachan and Roth 2023)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from evalapp.stats.columns import refuse_level, refuse_seed
from evalapp.stats.differences.group_time_results import AggregateEffects
from evalapp.stats.fixed_effects.event_study_results import EventStudyEffects
from evalapp.stats.sensitivity.honest_flci import fixed_length_interval
from evalapp.stats.sensitivity.honest_inference import InequalityTest, prepare_test
from evalapp.stats.sensitivity.honest_inputs import event_times
from evalapp.stats.sensitivity.honest_sets import EventTimes, curvature_before, relative_magnitudes, smoothness
from evalapp.stats.warnings import Caution, StatsError

SETS = {"relative_magnitudes": relative_magnitudes, "smoothness": smoothness}
METHODS = {"relative_magnitudes": ("hybrid", "conditional"), "smoothness": ("fixed_length", "hybrid", "conditional")}
# Share of the test's size that the first stage of the hybrid takes, as in the paper.
FIRST_STAGE = 0.1
# Degrees of freedom from which normal and Student quantiles differ by less than 3 %.
ENOUGH_DF = 40
# A restriction this loose, in its own units, is none.
LOOSEST = 2.0**20

Interval = Callable[[float], tuple[float, float]]


@dataclass(frozen=True)
class HonestEffects:
    """An effect under ever weaker assumptions.

    restriction; method; estimate, std_error, conf_low, conf_high: the effect if trends were parallel, normal reference, in outcome
    units; table, one row per bound: bound (a ratio for relative_magnitudes; outcome units per period squared for smoothness),
    conf_low, conf_high; breakdown, the smallest bound whose interval holds zero (zero when even parallel trends give one, infinite
    when none does); level; cautions.
    """

    restriction: str
    method: str
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    table: pd.DataFrame
    breakdown: float
    level: float
    cautions: tuple[Caution, ...]


def honest_did(
    effects: AggregateEffects | EventStudyEffects | Sequence[float],
    covariance: Sequence[Sequence[float]] | None = None,
    pre: int | None = None,
    *,
    restriction: str = "relative_magnitudes",
    bounds: Sequence[float] | None = None,
    l_vec: Sequence[float] | None = None,
    method: str | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> HonestEffects:
    """Compare an effect's interval under parallel trends with those that allow trends to differ by as much as a bound.

    Parameters
    ----------
    effects : a "dynamic" aggregate of att_gt with base_period="universal", an event study by "sun_abraham" or "dynamic_twfe", or the
        estimates themselves, earliest first, without the reference period (pre + post,).
    covariance, pre : of such estimates, (pre + post, pre + post), and how many of them precede treatment.
    restriction : "relative_magnitudes": between successive periods after treatment, trends drift apart at most `bound` times as much
        as they did at most between successive periods before; "smoothness": the slope of the drift changes by at most `bound`.
    bounds : values to show; 0 to 2, or up to the largest curvature before treatment that the data do not rule out.
    l_vec : weights of the post-treatment effects whose sum is of interest (post,); the first effect from event time 0 by default.
    method : "hybrid" (default of relative_magnitudes), "conditional", or "fixed_length" (default of smoothness, and for it only).
    level : coverage of the intervals, a share.
    seed : of the draws behind the hybrid's first stage.

    Returns
    -------
    HonestEffects

    Raises
    ------
    StatsError
        Estimates that are missing, not equally spaced or without a period before the reference; a base period that varies; leads of
        an imputation; shapes that do not fit; a covariance that is no covariance; an unknown option; a negative bound.

    Missing values and weights
    --------------------------
    None are allowed: event times without a standard error are refused by name.

    Notes
    -----
    The drift delta is restricted to |delta_t+1 - delta_t| <= bound max_s<0 |delta_s+1 - delta_s| for t >= 0, or to
    |delta_t+1 - 2 delta_t + delta_t-1| <= bound. "conditional" inverts a test of the moment inequalities that remain when the effects
    are profiled out; their dual has post + 2 vertices in closed form, so no linear programme is solved. "hybrid" rejects first when
    the largest moment exceeds its least favourable critical value at a tenth of the size (20,000 draws). Intervals hold every
    accepted effect; bounds are located to 1e-8 of a grid of 1000 points over 40 standard errors, where R's HonestDiD gives the inner
    grid point. "fixed_length" is the shortest estimate +- constant over affine estimators, with the exact folded normal quantile.

    Assumes
    -------
    Estimates normal with known covariance: with few clusters intervals are too narrow, and a caution says so.

    Source
    ------
    Rambachan and Roth (2023), Review of Economic Studies 90, section 2 (restrictions) and section 3 (inference); Andrews, Roth and
    Pakes (2023), Review of Economic Studies 90 (conditional, least favourable and hybrid tests).

    Checked against
    ---------------
    R HonestDiD, its values on its BC and Medicaid examples: tests/stats/reference/honest_did_r.json.
    """
    refuse_level(level)
    refuse_seed(seed)
    method = _method(restriction, method)
    times, cautions = event_times(effects, covariance, pre, l_vec)
    values = _bounds(times, restriction, bounds)
    interval = _interval(times, restriction, method, level, seed)
    table = pd.DataFrame([(bound, *interval(bound)) for bound in values], columns=["bound", "conf_low", "conf_high"])
    breakdown = _breakdown(times, restriction, method, level, seed)
    half = float(stats.norm.ppf((1 + level) / 2)) * times.std_error
    return HonestEffects(
        restriction,
        method,
        times.estimate,
        times.std_error,
        times.estimate - half,
        times.estimate + half,
        table,
        breakdown,
        level,
        (*cautions, *_cautions(times, table, breakdown)),
    )


def _method(restriction: str, method: str | None) -> str:
    if restriction not in METHODS:
        raise StatsError(
            "restriction is %(restriction)r; choose one of %(choices)s", restriction=restriction, choices=", ".join(METHODS)
        )
    choices = METHODS[restriction]
    if method not in (None, *choices):
        raise StatsError(
            "method is %(method)r; for %(restriction)s choose one of %(choices)s",
            method=method,
            restriction=restriction,
            choices=", ".join(choices),
        )
    return method or choices[0]


def _bounds(times: EventTimes, restriction: str, bounds: Sequence[float] | None) -> list[float]:
    if bounds is None:
        largest = 2.0 if restriction == "relative_magnitudes" else curvature_before(times)
        return [float(bound) for bound in np.linspace(0, largest, 5)]
    values = [float(bound) for bound in bounds]
    if not values or not all(np.isfinite(bound) and bound >= 0 for bound in values):
        raise StatsError("bounds are %(bounds)r; give one or more finite numbers, zero or more", bounds=list(bounds))
    return values


def _interval(times: EventTimes, restriction: str, method: str, level: float, seed: int) -> Interval:
    """Return the interval as a function of the bound."""
    if method == "fixed_length":
        return lambda bound: fixed_length_interval(times, bound, level)
    test = _test(method, level, seed)
    return lambda bound: prepare_test(times, SETS[restriction](times, bound), test).bounds()


def _test(method: str, level: float, seed: int) -> InequalityTest:
    return InequalityTest(1 - level, (1 - level) * FIRST_STAGE if method == "hybrid" else 0.0, seed)


def _breakdown(times: EventTimes, restriction: str, method: str, level: float, seed: int) -> float:
    """Find the bound at which the interval first holds zero."""

    def holds_zero(bound: float) -> bool:
        if method == "fixed_length":
            low, high = fixed_length_interval(times, bound, level)
            return low <= 0 <= high
        sets = prepare_test(times, SETS[restriction](times, bound), _test(method, level, seed))
        return bool(sets.accept(np.zeros(1))[0])

    unit = 1.0 if restriction == "relative_magnitudes" else times.std_error
    if holds_zero(0.0):
        return 0.0
    high = unit
    while not holds_zero(high):
        high *= 2
        if high > LOOSEST * unit:
            return float("inf")
    low = 0.0 if high == unit else high / 2
    return float(optimize.bisect(lambda bound: holds_zero(bound) - 0.5, low, high, xtol=1e-5 * unit))


def _cautions(times: EventTimes, table: pd.DataFrame, breakdown: float) -> list[Caution]:
    found = []
    if times.df < ENOUGH_DF:
        found.append(Caution("honest_normal_reference", {"df": times.df}))
    if breakdown == 0:
        found.append(Caution("honest_nothing_to_break"))
    if np.isinf(breakdown):
        found.append(Caution("honest_never_breaks"))
    if np.isinf(table[["conf_low", "conf_high"]].to_numpy()).any():
        found.append(Caution("honest_open_interval"))
    return found
