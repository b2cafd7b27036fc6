"""The conditional and least favourable tests of moment inequalities (Andrews, Roth and Pakes 2023), over many effects at once."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import special

from evalapp.stats.sensitivity.honest_sets import EventTimes, Moments

# Moments are in units of their standard deviations; smaller ones are rounding.
ROUNDING = 1e-12
# Enough for the 99.5 % quantile of the first stage to move a bound by less than a hundredth of a standard error.
DRAWS = 20_000
# Half the width of the first grid, in standard errors, and its points: as in R's HonestDiD.
REACH, POINTS = 20, 1000
WIDEST = 64_000


@dataclass(frozen=True)
class InequalityTest:
    """A test of size alpha whose first stage, against the least favourable critical value, has size kappa (zero: none)."""

    alpha: float
    kappa: float
    seed: int

    @property
    def conditional(self) -> float:
        """Size of the second stage."""
        return (self.alpha - self.kappa) / (1 - self.kappa)

    def first_stage(self, times: EventTimes, sets: list[Moments]) -> list[float]:
        """Least favourable critical value of each set: the quantile of its largest moment when all have mean zero."""
        if not self.kappa:
            return [np.inf] * len(sets)
        values, vectors = np.linalg.eigh(times.sigma)
        root = vectors * np.sqrt(np.maximum(values, 0))
        draws = _standard_normals(self.seed, len(root))
        return [float(np.quantile((moments.loadings @ root @ draws).max(axis=0), 1 - self.kappa)) for moments in sets]


@dataclass(frozen=True)
class TestedSets:
    """Sets of moments, one of which holds, with their first-stage critical values and the test."""

    times: EventTimes
    sets: list[Moments]
    critical: list[float]
    test: InequalityTest

    def accept(self, theta: np.ndarray) -> np.ndarray:
        """Which effects theta (n,) some set allows: (n,)."""
        flags = [~_rejected(self.times, m, theta, c, self.test.conditional) for m, c in zip(self.sets, self.critical, strict=True)]
        accepted: np.ndarray = np.any(flags, axis=0)
        return accepted

    def bounds(self) -> tuple[float, float]:
        """Smallest and largest accepted effect; infinite when acceptance does not end."""
        reach, points = REACH * self.times.std_error, POINTS
        while True:
            grid = self.times.estimate + np.linspace(-reach, reach, points)
            found = self.accept(grid)
            if found.any() and not (found[0] or found[-1]):
                break
            if points >= WIDEST:
                return (-np.inf if found[0] or not found.any() else grid[found][0]), (
                    np.inf if found[-1] or not found.any() else grid[found][-1]
                )
            reach, points = 2 * reach, 2 * points
        first, last = np.flatnonzero(found)[[0, -1]]
        return self._refined(grid[first - 1], grid[first]), self._refined(grid[last + 1], grid[last])

    def _refined(self, outside: float, inside: float) -> float:
        """Find the accepted effect nearest to `outside`, to a hundred-millionth of the grid's step."""
        for _ in range(4):
            steps = np.linspace(outside, inside, 101)
            at = int(np.argmax(self.accept(steps)))
            outside, inside = steps[at - 1], steps[at]
        return float(inside)


def prepare_test(times: EventTimes, sets: list[Moments], test: InequalityTest) -> TestedSets:
    """Find the first-stage critical values of sets of moments."""
    return TestedSets(times, sets, test.first_stage(times, sets), test)


@lru_cache(maxsize=1)
def _standard_normals(seed: int, dimension: int) -> np.ndarray:
    """Draw (dimension, DRAWS) numbers, which every bound of an analysis shares."""
    draws = np.ascontiguousarray(np.random.default_rng(seed).standard_normal((DRAWS, dimension)).T)
    draws.setflags(write=False)
    return draws


def _rejected(times: EventTimes, moments: Moments, theta: np.ndarray, first_stage: float, alpha: float) -> np.ndarray:
    """Reject theta (n,) when the largest moment exceeds what a normal, cut off where another would be the largest, allows."""
    covariance = moments.loadings @ times.sigma @ moments.loadings.T
    variance = np.where(np.diag(covariance) > ROUNDING, np.diag(covariance), 0)
    value = (moments.loadings @ times.betahat - moments.offset)[:, None] - np.outer(moments.slope, theta)
    largest = value.argmax(axis=0)
    eta, eta_variance = value.max(axis=0), variance[largest]
    varies = eta_variance > 0
    rho = np.divide(covariance[:, largest], eta_variance, out=np.zeros_like(value), where=varies)
    # With the rest of the data held fixed, moment j overtakes the largest one where that takes the value `crossing`.
    crossing = np.divide(value - rho * eta, 1 - rho, out=np.zeros_like(value), where=np.abs(1 - rho) > ROUNDING)
    low = np.where(rho < 1 - ROUNDING, crossing, -np.inf).max(axis=0)
    high = np.minimum(np.where(rho > 1 + ROUNDING, crossing, np.inf).min(axis=0), first_stage)
    sd = np.sqrt(np.where(varies, eta_variance, 1))
    critical = np.maximum(0, sd * _truncated_quantile(1 - alpha, low / sd, high / sd))
    flags: np.ndarray = np.where(varies, eta > critical, eta > ROUNDING) | (eta > first_stage)
    return flags


def _truncated_quantile(p: float, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Quantile of a standard normal between low and high (n,), taken in the lower tail, where doubles keep their digits."""
    high = np.maximum(high, low)
    mirrored = low > 0
    a, b = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
    log_a, log_b = special.log_ndtr(a), special.log_ndtr(b)
    # log(Phi(a) + q (Phi(b) - Phi(a))) with Phi(b) factored out
    q = np.where(mirrored, 1 - p, p)
    log_p = log_b + np.log1p((1 - q) * np.expm1(np.minimum(log_a - log_b, 0)))
    x = np.clip(special.ndtri_exp(log_p), a, b)
    quantile: np.ndarray = np.where(mirrored, -x, x)
    return quantile
