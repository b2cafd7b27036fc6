"""Restrictions on how treated and comparison units would have drifted apart (Rambachan and Roth 2023), as moments to be tested.

A restriction bounds, period by period after treatment, a linear function D delta of the drift: |D delta| <= B delta + d. Whether the
effect l'tau equals theta is then a test that the mean of y = [D; -D](betahat - (0, tau)) - B betahat - d is at most zero for some
tau with l'tau = theta. Maximising over tau leaves a few nonnegative combinations of y, the vertices of a dual linear programme.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from evalapp.stats.warnings import StatsError


@dataclass(frozen=True)
class EventTimes:
    """betahat (pre + post,) with covariance sigma, the reference period left out; pre of them before it; l_vec (post,).

    df, the fewest degrees of freedom behind sigma, infinite when unknown.
    """

    betahat: np.ndarray
    sigma: np.ndarray
    pre: int
    l_vec: np.ndarray
    df: float = np.inf

    @property
    def weights(self) -> np.ndarray:
        """The parameter's weights on all of betahat."""
        return np.concatenate([np.zeros(self.pre), self.l_vec])

    @property
    def estimate(self) -> float:
        """Estimate l_vec'betahat_post."""
        return float(self.weights @ self.betahat)

    @property
    def std_error(self) -> float:
        """Standard error of the estimate."""
        return float(np.sqrt(self.weights @ self.sigma @ self.weights))


@dataclass(frozen=True)
class Moments:
    """J normalised moments of the drift: loadings (J, pre + post) on betahat, slope (J,) on theta, offset (J,).

    Their value at theta is loadings @ betahat - slope theta - offset; all have mean at most zero for some effects with l'tau = theta
    that the restriction allows.
    """

    loadings: np.ndarray
    slope: np.ndarray
    offset: np.ndarray


def relative_magnitudes(times: EventTimes, Mbar: float) -> list[Moments]:
    """Restrict first differences after treatment to Mbar times the largest before: one set per earlier difference and sign."""
    differences = _differences(times, 1)
    before, after = differences[: times.pre], differences[times.pre :]
    return [
        _vertices(times, after, Mbar * sign * np.broadcast_to(largest, after.shape), 0.0)
        for largest in before
        for sign in (1.0, -1.0)
    ]


def smoothness(times: EventTimes, M: float) -> list[Moments]:
    """Restrict changes of slope to M in absolute value."""
    after = _differences(times, 2)[-len(times.l_vec) :]
    return [_vertices(times, after, np.zeros_like(after), M)]


def curvature_before(times: EventTimes) -> float:
    """Largest change of slope before treatment that a one-sided 95 % interval allows; with one such period, its standard error."""
    if times.pre == 1:
        return float(np.sqrt(times.sigma[0, 0]))
    before = _differences(times, 2)[: times.pre - 1]
    sd = np.sqrt(np.einsum("tk,kl,tl->t", before, times.sigma, before))
    return float((np.abs(before @ times.betahat) + stats.norm.ppf(0.95) * sd).max())


def _differences(times: EventTimes, order: int) -> np.ndarray:
    """Differences of successive event times as rows over betahat, the reference period being zero."""
    periods = np.delete(np.eye(len(times.betahat) + 1), times.pre, axis=1)
    return np.diff(periods, order, axis=0)


def _vertices(times: EventTimes, D: np.ndarray, B: np.ndarray, d: float) -> Moments:
    """Moments that no choice of tau can escape, each divided by the standard deviations of the moments it adds up.

    A combination u of the upper and v of the lower moments is free of tau, but for theta, if D_post'(u - v) is a multiple of l.
    The extreme ones are u - v = +-g with D_post'g = l, and u = v for a single period.
    """
    upper, lower = D - B, -D - B
    sd_upper, sd_lower = (np.sqrt(np.einsum("tk,kl,tl->t", A, times.sigma, A)) for A in (upper, lower))
    g = np.linalg.solve(D[:, times.pre :].T, times.l_vec)
    g[np.abs(g) <= 1e-12 * np.abs(g).max()] = 0
    positive, negative = np.maximum(g, 0), np.maximum(-g, 0)
    single = np.eye(len(g))
    u, v = np.vstack([positive, negative, single]), np.vstack([negative, positive, single])
    scale = u @ sd_upper + v @ sd_lower
    if not (scale > 0).all():
        raise StatsError(
            "covariance gives successive event times no variation of their own; leave out event times that repeat others"
        )
    loadings = (u @ upper + v @ lower) / scale[:, None]
    slope = np.r_[1.0, -1.0, np.zeros(len(g))] / scale
    return Moments(loadings, slope, d * (u + v).sum(axis=1) / scale)
