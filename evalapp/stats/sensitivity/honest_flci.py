"""The shortest interval of fixed length that is honest about a drift of bounded curvature (Rambachan and Roth 2023, section 3.2)."""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from evalapp.stats.sensitivity.honest_sets import EventTimes

# Tolerance of the minimiser, whose problem is scaled to order one.
TIGHT = 1e-14
# Room around a bracket that rounding could otherwise close.
MARGIN = 1e-9


@dataclass(frozen=True)
class Affine:
    """Affine estimators of l'tau that a linear drift does not bias: pre-period weights a - B s, free s (pre - 1,).

    Written in cumulative sums s of slope weights, worst-case bias over curvature M is M (constant + sum |s|).
    """

    times: EventTimes
    a: np.ndarray
    B: np.ndarray
    constant: float

    def weights(self, s: np.ndarray) -> np.ndarray:
        """Weights on all event times (pre + post,)."""
        return np.concatenate([self.a - self.B @ s, self.times.l_vec])


def fixed_length_interval(times: EventTimes, M: float, level: float) -> tuple[float, float]:
    """Bounds of the shortest interval centred on an affine estimator that covers with `level` for every drift of curvature M."""
    v, bias = shortest_estimator(times, M, level)
    centre, sd = float(v @ times.betahat), float(np.sqrt(v @ times.sigma @ v))
    half = _half_length(bias, sd, level)[0]
    return centre - half, centre + half


def shortest_estimator(times: EventTimes, M: float, level: float) -> tuple[np.ndarray, float]:
    """Weights (pre + post,) of the estimator at the centre of that interval, and its worst bias."""
    affine = _affine(times)
    s = _shortest(affine, M, level)
    return affine.weights(s), float(M * (affine.constant + np.abs(s).sum()))


def _affine(times: EventTimes) -> Affine:
    total = float(np.arange(1, len(times.l_vec) + 1) @ times.l_vec)
    # The last cumulative sum is fixed: together the slopes before treatment extrapolate those after it.
    difference = np.eye(times.pre) - np.eye(times.pre, k=-1)
    map_ = difference @ difference
    constant = float(np.abs(np.cumsum(np.cumsum(times.l_vec[::-1]))).sum())
    return Affine(times, total * map_[:, -1], -map_[:, :-1], constant)


def _half_length(bias: float, sd: float, level: float) -> tuple[float, float, float]:
    """Half length h, and its derivatives in bias and sd: P(|N(bias, sd)| <= h) = level."""
    t = bias / sd
    # The root c lies one normal quantile or two-sided quantile beyond t.
    low, high = stats.norm.ppf(level) - MARGIN, stats.norm.ppf((1 + level) / 2) + MARGIN
    c = t + optimize.brentq(lambda u: special.ndtr(u) - special.ndtr(-u - 2 * t) - level, low, high, xtol=1e-14)
    inside, outside = stats.norm.pdf(c - t), stats.norm.pdf(c + t)
    slope = (inside - outside) / (inside + outside)
    return sd * c, slope, c - t * slope


def _shortest(affine: Affine, M: float, level: float) -> np.ndarray:
    """Minimise the half length, convex in s; |s| is split into its two sides, so that only bounds constrain."""
    times, k = affine.times, affine.B.shape[1]
    if k == 0:
        return np.zeros(0)
    unit = np.sqrt(np.diag(times.sigma)[: times.pre]).mean()

    def length(sides: np.ndarray) -> tuple[float, np.ndarray]:
        s = sides[:k] - sides[k:]
        v = affine.weights(s)
        sd = np.sqrt(v @ times.sigma @ v)
        half, by_bias, by_sd = _half_length(M * (affine.constant + sides.sum()), sd, level)
        through_sd = by_sd * (-affine.B.T @ (times.sigma @ v)[: times.pre]) / sd
        return half / unit, (M * by_bias + np.r_[through_sd, -through_sd]) / unit

    start = np.zeros(2 * k)
    found = optimize.minimize(
        length,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * (2 * k),
        options={"ftol": TIGHT, "gtol": 1e-10, "maxiter": 5000},
    )
    s: np.ndarray = found.x[:k] - found.x[k:]
    return s
