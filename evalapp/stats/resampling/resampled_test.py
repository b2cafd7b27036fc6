"""A test by resampling, as a function of the effect it supposes, and the interval that its inversion gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from evalapp.stats.columns import LARGEST_SCALE, refuse_level, refuse_seed
from evalapp.stats.warnings import StatsError

# Two squared statistics closer than this, relatively, are one number met twice: enumeration meets the data themselves.
SAME_STATISTIC = 1e-9
# Below this share of the largest squared numerator a numerator is rounding, and so is what a vanishing denominator makes of it.
ROUNDING = 1e-24
# An interval that reaches further than 2 ** FURTHEST spreads of the resampled estimates is unbounded.
FURTHEST = 20
# Halvings of the last bracket: no end is then further from its place than floating-point numbers can tell.
HALVINGS = 50


def refuse_settings(null: object, draws: object, seed: object, level: object) -> None:
    """Refuse settings of a resampled test from which nothing can be drawn."""
    if not isinstance(null, Real) or not -LARGEST_SCALE <= float(null) < np.inf:
        raise StatsError("null is %(null)r; give a finite number in outcome units.", null=null)
    if not isinstance(draws, Integral) or int(draws) < 1:
        raise StatsError("draws is %(draws)r; give a whole number from 1.", draws=draws)
    refuse_seed(seed)
    refuse_level(level)


@dataclass(frozen=True)
class ResampledTest:
    """The squared statistic of the data and of B resamples at a supposed effect r.

    The data: (estimate - r)^2 / variance. Resample b: (a0 - a1 r)^2 / (d0 - 2 d1 r + d2 r^2).
    numerator: (2, B), rows a0, a1, in outcome units. denominator: (3, B), rows d0, d1, d2, in squared outcome units; all of it 0,
    numerator too, where a resample has no statistic.
    data_included: whether the data are one of the resamples, as they are when every possibility is enumerated.
    """

    estimate: float
    variance: float
    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]
    data_included: bool

    def p_value(self, r: float) -> float:
        """Share of resamples, the data among them, at least as large as the data: never 0.

        Where the resamples are the assignments that a known draw could have given, a true null is rejected no more often than said.
        """
        larger, same = self._compare(r)
        data = 0 if self.data_included else 1
        return (data + larger + same) / (data + len(self.numerator[0]))

    def p_value_without_ties(self, r: float) -> float:
        """Share of resamples strictly larger than the data, which is 0 when the data are the most extreme."""
        return self._compare(r)[0] / len(self.numerator[0])

    def statistics(self, r: float) -> NDArray[np.float64]:
        """Signed statistics (B,) at r; infinite where a resample has no noise or no statistic, so that it always counts as large."""
        numerator = self.numerator[0] - self.numerator[1] * r
        sizes = np.sqrt(self._denominators(r))
        return np.asarray(np.divide(numerator, sizes, out=np.copysign(np.inf, numerator), where=sizes > 0))

    def interval(self, p_value: Callable[[float], float], level: float) -> tuple[float, float]:
        """Collect the effects around the estimate with p above 1 - level; an end is infinite where none is rejected."""
        alpha = round(1 - level, 12)
        return self._end(-1, p_value, alpha), self._end(1, p_value, alpha)

    def _end(self, direction: int, p_value: Callable[[float], float], alpha: float) -> float:
        step = direction * float(np.sqrt(((self.numerator[0] - self.numerator[1] * self.estimate) ** 2).mean()))
        inside, outside = self.estimate, self.estimate + step
        for _ in range(FURTHEST):
            if p_value(outside) <= alpha:
                break
            step *= 2
            inside, outside = outside, self.estimate + step
        else:
            return float(direction * np.inf)
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if p_value(middle) <= alpha else (middle, outside)
        return inside

    def _compare(self, r: float) -> tuple[int, int]:
        """How many resamples are larger than the data in absolute value, and how many equal them or have no statistic."""
        resampled = (self.numerator[0] - self.numerator[1] * r) ** 2
        # Multiplied out, so that a resample without noise needs no division.
        data = self._denominators(r) * ((self.estimate - r) ** 2 / self.variance)
        larger_of_two = np.maximum(resampled, data)
        same = np.abs(resampled - data) <= np.maximum(SAME_STATISTIC * larger_of_two, ROUNDING * resampled.max())
        return int(np.count_nonzero((resampled > data) & ~same)), int(np.count_nonzero(same))

    def _denominators(self, r: float) -> NDArray[np.float64]:
        d0, d1, d2 = self.denominator
        return np.asarray(np.maximum(d0 - 2 * d1 * r + d2 * r**2, 0))
