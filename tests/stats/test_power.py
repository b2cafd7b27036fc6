import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ttest_ind
from statsmodels.stats.power import TTestIndPower

from evalapp.stats.experiments.power import minimum_detectable_effect
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "power_r.json").read_text())
ROOT_SEARCH = 1e-9  # relative; R's searches stop at 1e-12
PWR_ROOT = 1e-4  # pwr's search stops there
EXACT = 1e-12
DRAWS = 2000


def post(treated, control, **arguments):
    return minimum_detectable_effect(treated, control, design="post", pre=0, **arguments)


def mckenzie(design, m, r, rho):
    """Variance of the estimate per 2 sigma^2 / n, as his equations read."""
    return {
        "post": (1 + (r - 1) * rho) / r,
        "did": (1 - rho) * (r + m) / (r * m),
        "ancova": (1 + (r - 1) * rho) / r - m * rho**2 / (1 + (m - 1) * rho),
    }[design]


def test_equal_arms_need_the_effect_that_rs_power_t_test_gives():
    for case in REFERENCE["equal"]:
        assert post(case["n"], case["n"]).effect == pytest.approx(case["delta"], rel=ROOT_SEARCH)
    for case in REFERENCE["more"]:
        ours = post(case["n"], case["n"], power=case["power"], level=case["level"])
        assert ours.effect == pytest.approx(case["delta"], rel=ROOT_SEARCH)


def test_unequal_arms_need_the_effect_that_r_gives():
    for case in REFERENCE["unequal"]:
        ours = post(*case["n"]).effect
        assert ours == pytest.approx(case["d"], rel=ROOT_SEARCH)
        assert ours == pytest.approx(case["pwr"], rel=PWR_ROOT)


def test_statsmodels_finds_the_same_power_at_the_effect():
    for treated, control in ((12, 12), (20, 40), (80, 51)):
        effect = post(treated, control, power=0.85).effect
        power = TTestIndPower().power(effect, treated, 0.05, ratio=control / treated)
        assert power == pytest.approx(0.85, rel=1e-7)  # its noncentral t comes from another library


@pytest.mark.parametrize(("m", "r", "rho"), [(1, 1, 0.5), (1, 3, 0.25), (2, 2, 0.7), (3, 1, 0.0), (1, 4, -0.1)])
def test_variance_factors_are_mckenzies(m, r, rho):
    table = minimum_detectable_effect(80, 80, pre=m, post=r, autocorrelation=rho).table.set_index("design")
    for design in ("post", "did", "ancova"):
        assert table.loc[design, "variance_factor"] == pytest.approx(mckenzie(design, m, r, rho), rel=EXACT)
        std_error = (2 / 80 * mckenzie(design, m, r, rho)) ** 0.5
        assert table.loc[design, "std_error"] == pytest.approx(std_error, rel=EXACT)
    assert table.loc["ancova", "variance_factor"] <= table["variance_factor"].min() + EXACT


def test_at_half_autocorrelation_changes_are_no_better_than_follow_ups_alone():
    table = minimum_detectable_effect(80, 80, autocorrelation=0.5).table.set_index("design")
    assert table.loc["did", "effect"] == pytest.approx(table.loc["post", "effect"], rel=EXACT)
    assert table.loc["ancova", "variance_factor"] == pytest.approx(0.75)


def test_the_effect_grows_with_the_outcomes_spread_and_with_attrition():
    plain = minimum_detectable_effect(60, 60)
    assert minimum_detectable_effect(60, 60, sd=250_000).effect == pytest.approx(250_000 * plain.effect, rel=EXACT)
    lossy = minimum_detectable_effect(60, 60, attrition=(0.1, 0.25))
    assert (lossy.treated, lossy.control, lossy.df) == (54, 45, 96)
    assert lossy.effect == pytest.approx(minimum_detectable_effect(54, 45).effect, rel=EXACT)


def test_groups_inflate_the_variance_by_the_design_effect():
    ours = post(200, 200, cluster_size=20, icc=0.05)
    assert ours.std_error == pytest.approx((2 / 200 * (1 + 19 * 0.05)) ** 0.5, rel=EXACT)
    assert (ours.df, ours.treated) == (18, 10)
    alone = post(200, 200, cluster_size=20)
    assert alone.std_error == pytest.approx(post(200, 200).std_error, rel=EXACT)
    assert alone.effect > post(200, 200).effect  # fewer degrees of freedom


def test_groups_that_stay_alike_make_the_baseline_worth_more():
    lasting, passing = (
        minimum_detectable_effect(200, 200, cluster_size=20, icc=0.1, cluster_autocorrelation=c) for c in (0.9, 0.1)
    )
    r = 20 * 0.1 / (1 + 19 * 0.1)
    expected = 1 - (r * 0.9 + (1 - r) * 0.5) ** 2
    assert lasting.table.set_index("design").loc["ancova", "variance_factor"] == pytest.approx(expected, rel=EXACT)
    assert lasting.effect < passing.effect


def test_attrition_makes_groups_smaller_not_fewer():
    ours = post(200, 200, cluster_size=20, icc=0.05, attrition=0.5)
    assert (ours.treated, ours.df) == (10, 18)
    assert ours.std_error == pytest.approx((2 / 100 * (1 + 9 * 0.05)) ** 0.5, rel=EXACT)


def test_simulated_trials_find_the_effect_as_often_as_promised():
    rng = np.random.default_rng(4)
    effect = post(15, 30).effect
    y = rng.standard_normal((45, DRAWS))
    found = np.mean(ttest_ind(y[:15] + effect, y[15:]).pvalue < 0.05)
    assert found == pytest.approx(0.8, abs=4 * (0.16 / DRAWS) ** 0.5)


def test_few_groups_and_large_effects_are_said():
    codes = [caution.code for caution in minimum_detectable_effect(40, 40, cluster_size=10, icc=0.1).cautions]
    assert codes == ["very_few_assigned_clusters", "only_large_effects"]
    assert minimum_detectable_effect(2000, 2000).cautions == ()
    assert [c.code for c in minimum_detectable_effect(5000, 5000, cluster_size=250).cautions] == ["few_assigned_clusters"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"treated": 0}, "treated is 0"),
        ({"treated": 1, "control": 1}, "no degrees of freedom"),
        ({"sd": 0}, "sd is 0"),
        ({"sd": np.nan}, "sd is nan"),
        ({"icc": 1.0, "cluster_size": 5}, "icc is 1.0"),
        ({"icc": 0.1}, "people per group"),
        ({"cluster_size": 90}, "cluster_size is 90"),
        ({"attrition": 1.0}, "attrition is"),
        ({"autocorrelation": 1.0}, "autocorrelation is 1.0"),
        ({"autocorrelation": -0.6, "post": 2}, "correlated so negatively"),
        ({"cluster_autocorrelation": 2.0}, "cluster_autocorrelation is 2.0"),
        ({"pre": 0}, "ancova needs one of each"),
        ({"post": 0}, "needs"),
        ({"design": "magic"}, "choose post, did or ancova"),
        ({"power": 1.0}, "power is 1.0"),
        ({"power": 0.04}, "no more than the test's size"),
        ({"level": 0}, "between 0 and 1"),
    ],
)
def test_nonsense_is_refused_with_its_mend(arguments, words):
    with pytest.raises(StatsError, match=words):
        minimum_detectable_effect(**({"treated": 80, "control": 80} | arguments))


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        *(({name: "1"}, f"{name} is '1'; give a number") for name in ("treated", "control", "sd", "cluster_size", "icc", "power")),
        *(({name: "1"}, f"{name} is '1'; give a number") for name in ("autocorrelation", "cluster_autocorrelation")),
        *(({name: value}, f"{name} is .*give a whole number") for name in ("pre", "post") for value in ("1", 1.5)),
        *(({"attrition": lost}, "attrition is .*give shares") for lost in ("0.1", (0.1,), [0.1, "0.2"], None)),
        ({"level": "0.95"}, "level is '0.95'"),
        ({"autocorrelation": None}, "autocorrelation is None"),
    ],
)
def test_what_is_no_number_is_refused_by_name(arguments, fault):
    with pytest.raises(StatsError, match=fault):
        minimum_detectable_effect(**({"treated": 80, "control": 80} | arguments))
