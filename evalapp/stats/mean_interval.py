"""The mean of a sample with its margin of error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from evalapp.stats.columns import number_array, refuse_level
from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True)
class MeanInterval:
    """Mean and SD (n - 1) of `n` answers, and the mean's interval; NaN where there are too few answers for it."""

    n: int
    mean: float
    sd: float
    conf_low: float
    conf_high: float


def mean_interval(values: ArrayLike, level: float = 0.95) -> MeanInterval:
    """Give the mean of the answers that are there, and the means that the people they come from could well have.

    Parameters
    ----------
    values : (n,) numbers, missing as NaN
    level : of the interval

    Returns
    -------
    MeanInterval

    Raises
    ------
    StatsError
        For a level outside 0 to 1, text, infinities, or values in more than one column.

    Missing values and weights
    --------------------------
    Missing values are left out and `n` counts the rest; no weights.

    Notes
    -----
    mean -+ t(n - 1) sd / sqrt(n).

    Assumes
    -------
    Independent answers.

    Source
    ------
    Student (1908), Biometrika 6(1), 1-25.

    Checked against
    ---------------
    scipy 1.17 ttest_1samp's interval, in tests/stats/test_mean_interval.py.
    """
    refuse_level(level)
    answers = number_array(values)
    if answers.ndim != 1:
        raise StatsError(
            "The argument 'values' has %(dimensions)s dimensions; give one list of numbers, or one column.", dimensions=answers.ndim
        )
    answers = answers[~np.isnan(answers)]
    n = answers.size
    mean = float(answers.mean()) if n else np.nan
    sd = float(answers.std(ddof=1)) if n > 1 else np.nan
    half = float(stats.t.ppf((1 + level) / 2, n - 1)) * sd / np.sqrt(n) if n > 1 else np.nan
    return MeanInterval(n, mean, sd, mean - half, mean + half)
