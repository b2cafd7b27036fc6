import numpy as np
import pandas as pd
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


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        (["a"], "other than numbers"),
        (["1", "2"], "other than numbers"),
        ([1, "2", None], "other than numbers"),
        (np.array(["2026-01-01"], dtype="datetime64[D]"), "other than numbers"),
        ([1j], "other than numbers"),
        ([[1, 2], [3]], "other than numbers"),
        ([1.0, np.inf], "infinite"),
        ([1e200, 1.0], "whose square"),
        ([[1.0, 2.0], [3.0, 4.0]], "2 dimensions"),
        (3.0, "0 dimensions"),
    ],
)
def test_what_is_no_list_of_numbers_is_refused_with_its_mend(values, fault):
    with pytest.raises(StatsError, match=fault):
        mean_interval(values)


def test_missing_answers_of_every_kind_are_left_out():
    assert mean_interval([1, None, 3]).mean == 2
    assert mean_interval(pd.Series([1, None, 3], dtype="Int64")).n == 2
    assert mean_interval([True, False]).mean == 0.5
