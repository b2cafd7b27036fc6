"""From an analysis, or bare arrays, to event times that honest inference can use; what it cannot use is named."""

from collections.abc import Sequence

import numpy as np

from evalapp.stats.differences.group_time_results import AggregateEffects
from evalapp.stats.fixed_effects.event_study_results import EventStudyEffects
from evalapp.stats.sensitivity.honest_sets import EventTimes
from evalapp.stats.warnings import Caution, StatsError

# Relative asymmetry, or negative eigenvalue, beyond rounding.
ROUNDING = 1e-8


def event_times(
    effects: AggregateEffects | EventStudyEffects | Sequence[float],
    covariance: Sequence[Sequence[float]] | None,
    pre: int | None,
    l_vec: Sequence[float] | None,
) -> tuple[EventTimes, tuple[Caution, ...]]:
    """Read estimates, their covariance and the parameter of interest, with the cautions they carry."""
    if isinstance(effects, AggregateEffects | EventStudyEffects):
        if covariance is not None or pre is not None:
            raise StatsError("covariance and pre belong to bare estimates; leave them out when effects is an analysis")
        event, betahat, sigma, df, reference = _aggregate(effects) if isinstance(effects, AggregateEffects) else _study(effects)
        _refuse_gaps(event, reference)
        before, first, cautions = int((event < reference).sum()), int((event < 0).sum()), effects.cautions
    else:
        if covariance is None or pre is None:
            raise StatsError("bare estimates need their covariance and pre, the number of them before treatment")
        betahat, sigma = _array(effects, "effects", 1), _array(covariance, "covariance", 2)
        df, before, first, cautions = np.inf, int(pre), int(pre), ()
    _refuse(betahat, sigma, before)
    return EventTimes(betahat, sigma, before, _parameter(l_vec, len(betahat) - before, first - before), df), cautions


def _aggregate(effects: AggregateEffects) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    if effects.kind != "dynamic":
        raise StatsError("effects are averaged by %(kind)r; pass aggregate('dynamic')", kind=effects.kind)
    event, estimate = effects.table["event_time"].to_numpy(dtype=float), effects.table["att"].to_numpy(dtype=float)
    base = (event < 0) & (estimate == 0) & (np.diag(effects.covariance) == 0)
    if base.sum() != 1:
        raise StatsError("effects have no single base period to measure drifts from; call att_gt with base_period='universal'")
    kept = ~base
    _refuse_missing(event[kept], effects.table["std_error"].to_numpy(dtype=float)[kept])
    df = float(effects.table["df"].to_numpy(dtype=float)[kept].min())
    return event[kept], estimate[kept], effects.covariance[np.ix_(kept, kept)], df, float(event[base][0])


def _study(effects: EventStudyEffects) -> tuple[np.ndarray, np.ndarray, np.ndarray, float, float]:
    if effects.method == "imputation":
        raise StatsError("leads of an imputation have another reference than its effects; use method 'sun_abraham' or att_gt")
    if len(effects.reference) != 1:
        raise StatsError("cohorts differ in their reference event time; use periods that are equally spaced")
    table = effects.table
    event = table["event_time"].to_numpy(dtype=float)
    _refuse_missing(event, table["std_error"].to_numpy(dtype=float))
    return event, table["estimate"].to_numpy(dtype=float), effects.covariance, float(table["df"].min()), effects.reference[0]


def _refuse_missing(event: np.ndarray, std_error: np.ndarray) -> None:
    if np.isnan(std_error).any():
        at = ", ".join(f"{time:g}" for time in event[np.isnan(std_error)])
        raise StatsError(
            "event times %(event_times)s have no standard error; leave them out with min_event and max_event", event_times=at
        )


def _refuse_gaps(event: np.ndarray, reference: float) -> None:
    steps = np.diff(np.sort(np.append(event, reference)))
    if len(steps) and np.ptp(steps) > ROUNDING * steps.max():
        raise StatsError(
            "event times are not equally spaced, so their drifts cannot be compared; leave out event times beyond a gap"
        )


def _array(values: object, name: str, dimensions: int) -> np.ndarray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise StatsError(
            "%(argument)s holds something that is not a number, or rows of unequal length; give numbers only", argument=name
        ) from error
    if array.ndim != dimensions:
        raise StatsError(
            "%(argument)s has %(given)s dimensions; give %(dimensions)s", argument=name, given=array.ndim, dimensions=dimensions
        )
    return array


def _refuse(betahat: np.ndarray, sigma: np.ndarray, pre: int) -> None:
    if sigma.shape != (len(betahat), len(betahat)):
        raise StatsError(
            "covariance is %(rows)s by %(columns)s for %(effects)s effects; give one row and column each",
            rows=sigma.shape[0],
            columns=sigma.shape[1],
            effects=len(betahat),
        )
    if not (np.isfinite(betahat).all() and np.isfinite(sigma).all()):
        raise StatsError("effects or covariance hold missing or infinite values; leave those event times out")
    if not 1 <= pre < len(betahat):
        raise StatsError(
            "%(pre)s of %(effects)s effects lie before the reference period; at least one before and one after are needed to "
            "judge the drift",
            pre=pre,
            effects=len(betahat),
        )
    size = np.abs(sigma).max()
    if np.abs(sigma - sigma.T).max() > ROUNDING * size or np.linalg.eigvalsh(sigma)[0] < -ROUNDING * size:
        raise StatsError("covariance is not symmetric and positive semi-definite; pass the covariance of the effects")
    if not (np.diag(sigma) > 0).all():
        raise StatsError("covariance has a zero variance; leave the reference period out of effects and covariance")


def _parameter(l_vec: Sequence[float] | None, post: int, first: int) -> np.ndarray:
    if l_vec is None:
        weights: np.ndarray = np.eye(post)[min(first, post - 1)]
        return weights
    weights = _array(l_vec, "l_vec", 1)
    if len(weights) != post or not np.isfinite(weights).all() or not weights.any():
        raise StatsError(
            "l_vec is %(l_vec)r; give %(post)s finite weights, one per effect after the reference, not all zero",
            l_vec=list(weights),
            post=post,
        )
    return weights
