import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import nsw_mixtape

from evalapp.stats.attrition.lee_bounds import lee_bounds
from evalapp.stats.warnings import StatsError

STATA, R = (
    json.loads((Path(__file__).parent / "reference" / name).read_text()) for name in ("lee_bounds_stata.json", "lee_bounds_r.json")
)
SAME_FORMULA = 1e-9  # relative; the references are printed to 15 digits
ONE_ANSWER = 0.01  # of an SD of the outcome: what one answer of hundreds, missed by Stata's threshold, can move
JACKKNIFE = 0.02  # relative; its own error with 445 people
EFFECT, DRAWS = 1.0, 300


def experiment():
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True).drop(columns="data_id").astype(float)
    answered = (d.index * 37 % 100 < 60 + 15 * d["treat"] + d["age"] // 10).astype(float)
    return d.assign(answered=answered, y=d["re78"].where(answered == 1), worked=(d["re75"] > 0).astype(int), site=d.index * 7 % 41)


def stata_sample(k):
    rng = np.random.default_rng(20260929 + k)
    n = 700 + 37 * k
    d = rng.integers(0, 2, n)
    rates = (0.8, 0.95) if k % 2 else (0.95, 0.8)
    s = rng.random(n) < np.where(d == 1, rates[1], rates[0])
    y = np.float32(np.exp(rng.normal(4 + 0.3 * d, 1.2, n))) if k <= 6 else rng.poisson(2 + d, n)
    return pd.DataFrame({"d": d, "y": np.where(s, y.astype(float), np.nan)})


def stata_cells():
    rng = np.random.default_rng(20260930)
    d, x, z = rng.integers(0, 2, 3000), rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)
    s = rng.uniform(size=3000) < 0.45 + 0.12 * x + 0.1 * d + 0.05 * z * d
    y = 1.0 + 0.6 * d + 0.8 * x - 0.3 * z + rng.normal(size=3000)
    return pd.DataFrame({"y": np.where(s, np.round(y, 6), np.nan), "d": d, "x": x, "z": z})


def attrition(seed=0, n=400, *, helps=True):
    """Some people answer only in one arm; they are the worse off, and the effect on the always-answering is known."""
    rng = np.random.default_rng(seed)
    treat, kind, cell = rng.permutation(np.repeat([0, 1], n // 2)), rng.random(n), rng.integers(0, 3, n)
    favoured = treat == (1 if helps else 0)
    answers = (kind < 0.6) | ((kind < 0.6 + 0.1 * (1 + cell)) & favoured)
    y = 2 * rng.standard_normal(n) + 1.5 * cell - 1.5 * (kind >= 0.6) + EFFECT * treat
    return pd.DataFrame({"y": np.where(answers, y, np.nan), "treat": treat, "cell": cell})


def four():
    return pd.DataFrame({"treat": [0, 0, 0, 1, 1, 1], "y": [1.0, 2, np.nan, 2, 3, 4]})


@pytest.mark.parametrize("k", ["7", "8"])
def test_bounds_and_standard_errors_are_statas_whichever_arm_answers_more(k):
    ours, stata = lee_bounds(stata_sample(int(k)), "y", "d"), STATA["samples"][k]
    assert (ours.lower, ours.upper) == pytest.approx((stata["lower"], stata["upper"]), rel=SAME_FORMULA)
    errors = (ours.lower_std_error, ours.upper_std_error)
    assert errors == pytest.approx((stata["se_lower"], stata["se_upper"]), rel=SAME_FORMULA)
    assert ours.cells.loc[0, "trimmed_share"] == pytest.approx(stata["trim"], rel=SAME_FORMULA)
    assert ours.cells.loc[0, "trimmed_arm"] == ("treated" if k == "7" else "control")


@pytest.mark.parametrize("k", list("123456"))
def test_where_stata_misses_the_threshold_by_rounding_the_bounds_are_an_answer_apart(k):
    sample = stata_sample(int(k))
    ours, stata = lee_bounds(sample, "y", "d"), STATA["samples"][k]
    apart = ONE_ANSWER * sample["y"].std()
    assert (ours.lower, ours.upper) == pytest.approx((stata["lower"], stata["upper"]), abs=apart)
    assert ours.lower_std_error == pytest.approx(stata["se_lower"], rel=ONE_ANSWER)


@pytest.mark.parametrize("cells", ["x", "x z"])
def test_tightened_bounds_are_statas(cells):
    ours, stata = lee_bounds(stata_cells(), "y", "d", tighten=cells.split()), STATA["tight"][cells]
    assert (ours.lower, ours.upper) == pytest.approx((stata["lower"], stata["upper"]), rel=SAME_FORMULA)
    assert len(ours.cells) == stata["cells"]


def test_the_papers_formulas_in_r_give_the_same_bounds_errors_and_interval():
    ours, plain = lee_bounds(experiment(), "y", "treat", "answered"), R["plain"]
    assert (ours.lower, ours.upper) == pytest.approx((plain["lower"], plain["upper"]), rel=SAME_FORMULA)
    assert (ours.lower_std_error, ours.upper_std_error) == pytest.approx((plain["se_lower"], plain["se_upper"]), rel=SAME_FORMULA)
    assert (ours.conf_low, ours.conf_high) == pytest.approx(tuple(plain["interval"]), rel=SAME_FORMULA)
    assert (ours.n, ours.answered) == (445, 306)


def test_errors_of_tightened_bounds_are_those_of_a_jackknife_in_r():
    ours, tight = lee_bounds(experiment(), "y", "treat", tighten=["nodegree", "worked"]), R["tight"]
    assert (ours.lower, ours.upper) == pytest.approx((tight["lower"], tight["upper"]), rel=SAME_FORMULA)
    assert (ours.lower_std_error, ours.upper_std_error) == pytest.approx(tuple(tight["jackknife"]), rel=JACKKNIFE)


def test_ten_people_give_the_bounds_had_by_hand():
    frame = pd.DataFrame({"treat": [1] * 5 + [0] * 5, "y": [1, 2, 3, 4, np.nan, 2, 4, np.nan, np.nan, np.nan]})
    ours, hand = lee_bounds(frame, "y", "treat"), R["hand"]
    assert (ours.lower, ours.upper) == (-1.5, 0.5)
    assert (ours.lower_std_error, ours.upper_std_error) == pytest.approx((hand["se_lower"], hand["se_upper"]), rel=SAME_FORMULA)
    assert ours.share_always == pytest.approx(0.4)
    assert "heavy_trimming" in [caution.code for caution in ours.cautions]


def test_naming_the_arms_the_other_way_round_turns_the_bounds():
    d = experiment()
    ours, turned = lee_bounds(d, "y", "treat"), lee_bounds(d.assign(treat=1 - d["treat"]), "y", "treat")
    assert (turned.lower, turned.upper) == pytest.approx((-ours.upper, -ours.lower), rel=SAME_FORMULA)
    assert (turned.conf_low, turned.conf_high) == pytest.approx((-ours.conf_high, -ours.conf_low), rel=SAME_FORMULA)
    assert set(turned.cells["trimmed_arm"]) == {"control"}


@pytest.mark.parametrize("helps", [True, False])
def test_planted_attrition_biases_the_difference_and_the_bounds_hold_the_truth(helps):
    draws = [attrition(seed, helps=helps) for seed in range(DRAWS)]
    plain = [lee_bounds(d, "y", "treat") for d in draws]
    tight = [lee_bounds(d, "y", "treat", tighten=["cell"]) for d in draws]
    assert abs(np.mean([r.unadjusted for r in plain]) - EFFECT) > 0.2
    for results in (plain, tight):
        assert np.mean([r.lower for r in results]) < EFFECT < np.mean([r.upper for r in results])
        assert np.mean([r.conf_low <= EFFECT <= r.conf_high for r in results]) > 0.93
    assert np.mean([t.upper - t.lower for t in tight]) < np.mean([p.upper - p.lower for p in plain])


@pytest.mark.parametrize("tighten", [(), ("cell",)])
def test_standard_errors_are_the_spread_of_the_bounds_over_draws(tighten):
    results = [lee_bounds(attrition(seed), "y", "treat", tighten=tighten) for seed in range(DRAWS)]
    for side in ("lower", "upper"):
        spread = np.std([getattr(r, side) for r in results])
        # An SD of 300 draws has an error of about 4 %.
        assert np.mean([getattr(r, f"{side}_std_error") for r in results]) == pytest.approx(spread, rel=0.16)


def test_clusters_of_one_give_the_unclustered_error_up_to_its_factor():
    d = experiment()
    alone, single = lee_bounds(d, "y", "treat"), lee_bounds(d.assign(i=d.index), "y", "treat", cluster="i")
    assert single.lower_std_error == pytest.approx(alone.lower_std_error * (445 / 444) ** 0.5, rel=SAME_FORMULA)
    clustered = lee_bounds(d, "y", "treat", cluster="site")
    assert clustered.clusters == 41
    assert "few_assigned_clusters" in [caution.code for caution in clustered.cautions]


def test_copies_of_everyone_do_not_narrow_clustered_errors():
    d = experiment()
    twice = pd.concat([d.assign(i=d.index)] * 2)
    once = lee_bounds(d.assign(i=d.index), "y", "treat", cluster="i")
    assert lee_bounds(twice, "y", "treat", cluster="i").upper_std_error == pytest.approx(once.upper_std_error, rel=2 / 200)  # n - 1


def test_equal_response_leaves_the_difference_in_means_and_says_so():
    result = lee_bounds(four(), "y", "treat", tighten=())
    assert result.cells.loc[0, "trimmed_arm"] == "treated"
    equal = lee_bounds(four().assign(y=[1.0, 2, np.nan, 2, np.nan, 4]), "y", "treat")
    assert equal.lower == equal.upper == equal.unadjusted == 1.5
    assert [caution.code for caution in equal.cautions] == ["equal_response"]


def test_complete_response_has_the_standard_error_of_a_difference_in_means():
    d = experiment()
    y, treat = d["re78"], d["treat"]
    result = lee_bounds(d, "re78", "treat")
    # Lee's variance divides the arm that would be trimmed by n and the other by n - 1.
    expected = (y[treat == 0].var() / 260 + y[treat == 1].var(ddof=0) / 185) ** 0.5
    assert result.lower_std_error == pytest.approx(expected, rel=SAME_FORMULA)
    assert result.conf_low < result.unadjusted < result.conf_high


def test_cells_that_answer_in_opposite_directions_are_said_mildly_or_strongly():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"treat": np.tile([0, 1], 200), "cell": np.repeat([0, 1], 200), "y": rng.standard_normal(400)})
    quiet = frame.assign(y=frame["y"].where(~frame.index.isin([0, 201])))
    assert [c.code for c in lee_bounds(quiet, "y", "treat", tighten=["cell"]).cautions] == ["response_direction_differs"]
    lost = (frame["treat"] == frame["cell"]) & (frame.index % 3 == 0)
    loud = lee_bounds(frame.assign(y=frame["y"].where(~lost)), "y", "treat", tighten=["cell"])
    assert [c.code for c in loud.cautions] == ["monotonicity_implausible", "heavy_trimming"]
    assert set(loud.cells["trimmed_arm"]) == {"treated", "control"}
    assert loud.lower < loud.upper


def test_rare_cells_are_merged_and_counted():
    d = experiment().assign(kind=lambda d: np.where(d.index < 6, d.index, 9))
    result = lee_bounds(d, "y", "treat", tighten=["kind"])
    merged = next(caution for caution in result.cautions if caution.code == "cells_merged")
    assert merged.facts["cells"] == 7
    assert result.cells["cell"].tolist() == ["everyone"]
    assert result.lower == pytest.approx(lee_bounds(d, "y", "treat").lower, rel=SAME_FORMULA)


def test_answers_that_do_not_vary_have_bounds_without_noise():
    result = lee_bounds(four().assign(y=[2.0, 2, np.nan, 3, 3, 3]), "y", "treat")
    assert (result.lower, result.upper) == (1, 1)
    assert "contrast_does_not_vary" in [caution.code for caution in result.cautions]


def test_one_assigned_group_has_no_interval():
    result = lee_bounds(four().assign(site=[1, 1, 2, 3, 3, 3]), "y", "treat", cluster="site")
    assert np.isnan(result.conf_low)
    assert "single_treated_cluster" in [caution.code for caution in result.cautions]


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"treat": 1}, {}, "needs both arms"),
        ({"y": [1.0, np.nan, np.nan, 2, 3, 4]}, {}, "at least two in each arm"),
        ({"s": 1}, {"answered": "s"}, "code those rows 0"),
        ({"s": [1, 1, np.nan, 1, 1, 1]}, {"answered": "s"}, "code no answer as 0"),
        ({"kind": [1, None, 1, 2, 2, 2]}, {"tighten": ["kind"]}, "missing values"),
        ({"y": "x"}, {}, "not a number"),
        ({}, {"tighten": ["y"]}, "named twice"),
        ({}, {"level": 2}, "between 0 and 1"),
    ],
)
def test_nonsense_is_refused_with_its_mend(change, arguments, words):
    with pytest.raises(StatsError, match=words):
        lee_bounds(four().assign(**change), "y", "treat", **arguments)
