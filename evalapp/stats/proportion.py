"""A share with the counts behind it and an interval that holds for small numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from numbers import Integral

from scipy import stats

from evalapp.stats.columns import refuse_level
from evalapp.stats.warnings import StatsError


@dataclass(frozen=True)
class Proportion:
    """`successes` of `trials`, their `share` (0 to 1) and its interval `conf_low`, `conf_high` at `level`."""

    successes: int
    trials: int
    share: float
    conf_low: float
    conf_high: float
    level: float


def proportion(successes: int, trials: int, level: float = 0.95) -> Proportion:
    """Give the share of people of whom something is true, and the shares with which so many could well have been counted.

    Parameters
    ----------
    successes : people of whom it is true
    trials : people asked
    level : of the interval

    Returns
    -------
    Proportion

    Raises
    ------
    StatsError
        Unless both are whole numbers, with at least one trial and no more successes than trials.

    Missing values and weights
    --------------------------
    Count only people who answered; they count equally.

    Notes
    -----
    Wilson's score interval: (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n). It never leaves 0 to 1, and
    has positive width at 0 and at n.

    Assumes
    -------
    People answer independently with one probability.

    Source
    ------
    Wilson (1927), "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
    Association 22, page 210.

    Checked against
    ---------------
    R 4.2.2 prop.test without continuity correction: tests/stats/reference/r_components.json.
    """
    refuse_level(level)
    counts: tuple[object, ...] = (successes, trials)
    if not all(isinstance(count, Integral) for count in counts):
        raise StatsError("%(successes)r of %(trials)r are no counts; give whole numbers.", successes=successes, trials=trials)
    if trials < 1 or not 0 <= successes <= trials:
        raise StatsError(
            "%(successes)s of %(trials)s is no share; give at least one trial and between 0 and all of them as successes.",
            successes=successes,
            trials=trials,
        )
    p, n = successes / trials, int(trials)
    z = float(stats.norm.ppf((1 + level) / 2))
    centre, half = p + z**2 / (2 * n), z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # Exact at the ends, where rounding would leave a trace of probability outside.
    low = (centre - half) / (1 + z**2 / n) if successes else 0.0
    high = (centre + half) / (1 + z**2 / n) if successes < trials else 1.0
    return Proportion(int(successes), n, p, low, high, level)
