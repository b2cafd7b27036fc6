import json
from pathlib import Path

import numpy as np
import pytest
from causaldata import nsw_mixtape

from evalapp.stats.experiments.outcome_kinds import logged, winsorise
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "outcome_kinds_r.json").read_text())
SAME_FORMULA = 1e-12  # relative


def earnings():
    return nsw_mixtape.load_pandas().data["re78"].to_numpy(dtype=float)


def test_winsorising_moves_the_largest_values_to_rs_quantile():
    result = winsorise(earnings())
    assert result.high == pytest.approx(REFERENCE["q99"], rel=SAME_FORMULA)
    assert result.values.max() == result.high
    assert (result.changed, result.values.mean()) == (REFERENCE["changed"], pytest.approx(REFERENCE["mean"], rel=SAME_FORMULA))


def test_both_tails_can_be_moved_and_missing_values_stay():
    result = winsorise([*earnings(), np.nan], 0.95, both_tails=True)
    assert (result.low, result.high) == pytest.approx((REFERENCE["q05"], REFERENCE["q95"]), rel=SAME_FORMULA)
    assert np.isnan(result.values[-1])
    losses = winsorise([-100.0, *range(99)], 0.95, both_tails=True)
    assert losses.low > -100
    assert losses.changed == 10


def test_values_within_the_limits_are_untouched():
    y = earnings()
    result = winsorise(y)
    assert (result.values[y <= result.high] == y[y <= result.high]).all()


def test_with_zeros_a_change_of_unit_makes_the_logged_effect_any_size():
    rng = np.random.default_rng(0)
    works = rng.random((2, 5000)) < np.array([[0.5], [0.7]])
    y = works * np.exp(rng.standard_normal((2, 5000)))
    won, millions = (np.diff(logged(unit * y, "log1p").values.mean(axis=1))[0] for unit in (1e6, 1.0))
    # Chen and Roth: the effect grows by (change in the share above zero) * log(unit).
    share = np.diff(works.mean(axis=1))[0]
    assert won - millions == pytest.approx(share * np.log(1e6), rel=0.1)


@pytest.mark.parametrize("kind", ["log1p", "asinh"])
def test_logged_zeros_carry_a_caution_and_other_values_none(kind):
    assert [caution.code for caution in logged([0.0, 1, np.nan], kind).cautions] == ["log_of_zeros"]
    assert logged([0.0, 1, np.nan], kind).cautions[0].facts == {"zeros": 1, "of": 2, "kind": kind}
    assert logged([2.0, 1, np.nan], kind).cautions == ()


def test_asinh_takes_losses_and_log1p_refuses_them():
    assert logged([-1.0, 1.0], "asinh").values.sum() == pytest.approx(0, abs=SAME_FORMULA)
    with pytest.raises(StatsError, match="use levels"):
        logged([-1.0, 1.0], "log1p")


@pytest.mark.parametrize(
    ("values", "quantile", "words"),
    [
        ([1, 2], 1.0, "0.99"),
        ([1, 2], 0.2, "0.99"),
        ([np.inf], 0.9, "infinite"),
        ([np.nan], 0.9, "none at all"),
        (["a"], 0.9, "numbers"),
    ],
)
def test_nonsense_is_refused_with_its_mend(values, quantile, words):
    with pytest.raises(StatsError, match=words):
        winsorise(values, quantile)


def test_unknown_scales_and_infinite_values_are_refused():
    with pytest.raises(StatsError, match="log1p or asinh"):
        logged([1.0], "sqrt")
    for value, fault in ((np.inf, "infinite"), ("1", "other than numbers")):
        with pytest.raises(StatsError, match=fault):
            logged([value], "asinh")
