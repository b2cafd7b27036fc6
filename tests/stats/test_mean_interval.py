import numpy as np
import pytest
from scipy import stats

from evalapp.stats.mean_interval import mean_interval
from evalapp.stats.warnings import StatsError

ROUNDING = 1e-12  # two routes through the same t quantile


def test_the_interval_is_students():
    answers = np.random.default_rng(1).normal(3, 2, 17)
    theirs = stats.ttest_1samp(answers, 0).confidence_interval(0.9)
    ours = mean_interval([*answers, np.nan], level=0.9)
    assert ours.n == 17
    assert (ours.conf_low, ours.conf_high) == pytest.approx((theirs.low, theirs.high), abs=ROUNDING)


def test_one_answer_has_a_mean_and_no_interval():
    one = mean_interval([4.0])
    assert (one.n, one.mean) == (1, 4.0)
    assert np.isnan([one.sd, one.conf_low, one.conf_high]).all()


def test_no_answer_has_nothing():
    assert mean_interval([]).n == 0
    assert np.isnan(mean_interval([np.nan]).mean)


def test_a_level_that_is_no_share_is_refused():
    with pytest.raises(StatsError, match="level"):
        mean_interval([1, 2], level=95)
