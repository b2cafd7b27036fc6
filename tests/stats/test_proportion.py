import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.stats.proportion import proportion
from evalapp.stats.warnings import StatsError

CASES = json.loads((Path(__file__).parent / "reference" / "r_components.json").read_text())["wilson"]
EXACT = 1e-12


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['successes']} of {case['trials']}")
def test_the_interval_is_rs_score_interval(case):
    ours = proportion(case["successes"], case["trials"])
    assert (ours.conf_low, ours.conf_high) == pytest.approx((case["conf_low"], case["conf_high"]), abs=EXACT)


def test_ten_of_fifteen_is_two_thirds_with_a_wide_interval():
    ours = proportion(10, 15)
    assert [round(value, 3) for value in (ours.share, ours.conf_low, ours.conf_high)] == [0.667, 0.417, 0.848]
    assert (ours.successes, ours.trials) == (10, 15)


def test_none_and_all_have_an_interval_on_one_side_only():
    none, every = proportion(0, 8), proportion(8, 8)
    assert (none.conf_low, every.conf_high) == (0.0, 1.0)
    assert none.conf_high == pytest.approx(1 - every.conf_low, abs=EXACT)
    assert none.conf_high > 0.3


@given(st.integers(1, 500), st.data(), st.floats(0.5, 0.999))
def test_the_interval_holds_the_share_within_nought_and_one(trials, data, level):
    successes = data.draw(st.integers(0, trials))
    ours = proportion(successes, trials, level)
    assert 0 <= ours.conf_low <= ours.share <= ours.conf_high <= 1
    assert ours.conf_low < ours.conf_high


def test_counts_of_numpy_are_counts():
    assert proportion(np.int64(3), np.int64(4)).share == 0.75


@pytest.mark.parametrize(
    ("successes", "trials", "level", "message"),
    [
        (1, 0, 0.95, "at least one trial"),
        (5, 4, 0.95, "5 of 4"),
        (-1, 4, 0.95, "-1 of 4"),
        (0.5, 4, 0.95, "whole numbers"),
        (1, 2, 1.0, "level"),
    ],
)
def test_counts_that_form_no_share_are_refused(successes, trials, level, message):
    with pytest.raises(StatsError, match=message):
        proportion(successes, trials, level)
