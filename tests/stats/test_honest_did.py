"""Honest inference against R's HonestDiD, against linear programmes, and against nonsense."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.fixed_effects.event_study import event_study
from evalapp.stats.sensitivity.honest_did import METHODS, honest_did
from evalapp.stats.sensitivity.honest_flci import fixed_length_interval, shortest_estimator
from evalapp.stats.sensitivity.honest_inference import InequalityTest, prepare_test
from evalapp.stats.sensitivity.honest_sets import EventTimes, curvature_before, relative_magnitudes, smoothness
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
R = json.loads((REFERENCE / "honest_did_r.json").read_text())
# R's numbers are stored with ten digits.
STORED = 1e-9
# R simulates the folded normal quantile with a million draws: 0.0023 of a standard error here.
FOLDED = 6e-5
# As printed in R's README: three digits.
PRINTED = 6e-4
# A scaled problem stops at the same relative precision.
RELATIVE = 1e-5


def times(example, l_vec=None):
    data = R[example]
    post = len(data["betahat"]) - data["pre"]
    l_vec = np.eye(post)[0] if l_vec is None else np.asarray(l_vec)
    return EventTimes(np.array(data["betahat"]), np.array(data["sigma"]), data["pre"], l_vec)


def on_rs_grid(found, points, centre_reach):
    """First and last accepted point of R's grid."""
    reach = centre_reach + 20 * found.times.std_error
    grid = np.linspace(-reach, reach, points)
    accepted = grid[found.accept(grid)]
    return accepted[0], accepted[-1]


def conditional(example, sets, kappa=0.0):
    return prepare_test(example, sets, InequalityTest(0.05, kappa, 0))


def test_the_interval_under_parallel_trends_equals_r():
    found = honest_did(R["bc"]["betahat"], R["bc"]["sigma"], R["bc"]["pre"], bounds=[0])
    np.testing.assert_allclose([found.conf_low, found.conf_high], R["bc"]["original"], rtol=0, atol=STORED)


@pytest.mark.parametrize("row", R["bc"]["conditional_smoothness"]["rows"])
def test_the_conditional_test_of_smoothness_equals_r(row):
    M, low, high = row
    found = conditional(times("bc"), smoothness(times("bc"), M))
    np.testing.assert_allclose(on_rs_grid(found, 1000, M), [low, high], rtol=0, atol=STORED)


def test_the_conditional_test_of_an_average_effect_equals_r():
    average = times("bc", [0.25] * 4)
    M, low, high = R["bc"]["conditional_smoothness_average"]["rows"][0]
    # The set identified under parallel trends: mean of M s (s + 1) / 2 over four periods.
    found = on_rs_grid(conditional(average, smoothness(average, M)), 100, M * 5)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=STORED)


def test_the_conditional_test_of_relative_magnitudes_equals_r():
    Mbar, low, high = R["bc"]["conditional_relative_magnitudes"]["rows"][0]
    found = on_rs_grid(conditional(times("bc"), relative_magnitudes(times("bc"), Mbar)), 200, 0)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=STORED)


def test_the_hybrid_of_smoothness_equals_r():
    M, low, high = R["bc"]["hybrid_smoothness"]["rows"][0]
    found = on_rs_grid(conditional(times("bc"), smoothness(times("bc"), M), 0.005), 200, M)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=STORED)


def test_the_hybrid_of_relative_magnitudes_equals_r_but_for_its_draws():
    Mbar, low, high = R["bc"]["hybrid_relative_magnitudes"]["rows"][0]
    step = 40 * times("bc").std_error / 199
    found = on_rs_grid(conditional(times("bc"), relative_magnitudes(times("bc"), Mbar), 0.005), 200, 0)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=step + STORED)


@pytest.mark.parametrize("row", R["medicaid"]["hybrid_relative_magnitudes"])
def test_the_medicaid_example_equals_rs_readme(row):
    Mbar, low, high = row
    found = on_rs_grid(conditional(times("medicaid"), relative_magnitudes(times("medicaid"), Mbar), 0.005), 1000, 0)
    np.testing.assert_allclose(found, [low, high], rtol=0, atol=PRINTED)


def test_at_twice_the_drift_before_the_medicaid_effect_no_longer_differs_from_zero():
    data = R["medicaid"]
    found = honest_did(data["betahat"], data["sigma"], data["pre"], bounds=[2])
    assert found.table["conf_low"][0] == pytest.approx(-0.0011, abs=1e-4)
    assert 1.9 < found.breakdown < 2


@pytest.mark.parametrize(("example", "tolerance"), [("bc", FOLDED), ("medicaid", PRINTED)])
def test_fixed_length_intervals_equal_r(example, tolerance):
    data = R[example]
    bounds = [row[0] for row in data["fixed_length"]]
    found = honest_did(data["betahat"], data["sigma"], data["pre"], restriction="smoothness", bounds=bounds)
    expected = [row[1:] for row in data["fixed_length"]]
    np.testing.assert_allclose(found.table[["conf_low", "conf_high"]], expected, rtol=0, atol=tolerance)


def test_without_curvature_only_rs_simulated_quantile_stands_between_us():
    data, quantile = R["bc"], R["folded_normal_quantile"]
    found = honest_did(data["betahat"], data["sigma"], data["pre"], restriction="smoothness", bounds=[0]).table.iloc[0]
    ours = (found["conf_high"] - found["conf_low"]) / 2 * quantile["r_million_draws"] / quantile["exact"]
    _, low, high = data["fixed_length"][0]
    assert ours == pytest.approx((high - low) / 2, abs=1e-8)


def test_the_default_curvature_equals_r():
    assert curvature_before(times("bc")) == pytest.approx(R["bc"]["curvature_before"], abs=STORED)


def test_closed_form_vertices_solve_the_linear_programme():
    """The largest moment is the least eta with y - X tau <= eta sd for some effects with l'tau = theta."""
    example, Mbar, theta = times("bc", [0.5, 0.0, 0.2, 0.3]), 0.7, 0.05
    before = np.diff(np.insert(example.betahat, 4, 0))[:4]
    D = np.delete(np.diff(np.eye(9), axis=0), 4, axis=1)
    for s, sign, moments in zip(np.repeat(range(4), 2), [1, -1] * 4, relative_magnitudes(example, Mbar), strict=True):
        A = np.vstack([D[4:] - Mbar * sign * D[s], -D[4:] - Mbar * sign * D[s]])
        sd = np.sqrt(np.diag(A @ example.sigma @ A.T))
        solved = optimize.linprog(
            [1, 0, 0, 0, 0],
            A_ub=-np.column_stack([sd, A[:, 4:]]),
            b_ub=-(A @ example.betahat),
            A_eq=[[0, *example.l_vec]],
            b_eq=[theta],
            bounds=[(None, None)] * 5,
        )
        eta = (moments.loadings @ example.betahat - moments.slope * theta - moments.offset).max()
        assert eta == pytest.approx(solved.fun, abs=1e-9)
        assert before[s] == pytest.approx(D[s] @ example.betahat)


@pytest.mark.parametrize("l_vec", [[0.3, 0.7], [-1.0, 0.2]])
def test_the_fixed_length_estimator_has_the_bias_it_says_and_no_neighbour_is_better(l_vec):
    example, M, level = times("medicaid", l_vec), 0.004, 0.9
    low, high = fixed_length_interval(example, M, level)
    D2 = np.delete(np.diff(np.eye(8), 2, axis=0), 5, axis=1)

    def half(weights):
        """Half length whose worst bias comes from a linear programme over drifts."""
        worst = optimize.linprog(-weights, A_ub=np.vstack([D2, -D2]), b_ub=np.full(12, M), bounds=[(-1, 1)] * 7)
        sd = np.sqrt(weights @ example.sigma @ weights)
        return np.sqrt(stats.ncx2.ppf(level, 1, (worst.fun / sd) ** 2)) * sd

    v, _ = shortest_estimator(example, M, level)
    assert half(v) == pytest.approx((high - low) / 2, rel=1e-8)
    rng, slopes = np.random.default_rng(1), np.arange(-5.0, 0)
    for size in np.repeat([1e-4, 1e-2, 0.3], 15):
        step = size * rng.normal(size=5)
        step -= slopes * (slopes @ step) / (slopes @ slopes)
        assert half(v + np.append(step, [0, 0])) >= half(v) * (1 - 1e-9)


@settings(max_examples=4, deadline=None)
@given(scale=st.floats(1e-6, 1e6), restriction=st.sampled_from(["relative_magnitudes", "smoothness"]))
def test_intervals_scale_with_the_outcome(scale, restriction):
    data, bound = R["bc"], 0.1
    plain = honest_did(data["betahat"], data["sigma"], 4, restriction=restriction, bounds=[bound])
    stretched_bound = bound if restriction == "relative_magnitudes" else bound * scale
    betahat, sigma = np.array(data["betahat"]) * scale, np.array(data["sigma"]) * scale**2
    stretched = honest_did(betahat, sigma, 4, restriction=restriction, bounds=[stretched_bound])
    np.testing.assert_allclose(stretched.table.iloc[0, 1:] / scale, plain.table.iloc[0, 1:], rtol=RELATIVE)


def test_weaker_restrictions_give_wider_intervals_that_break_where_they_say():
    data = R["bc"]
    for restriction in ("relative_magnitudes", "smoothness"):
        found = honest_did(data["betahat"], data["sigma"], 4, restriction=restriction)
        # Lower bounds need not fall at first: a bound of zero extrapolates another line than a small one.
        assert (np.diff(found.table["conf_high"]) > 0).all()
        around = honest_did(
            data["betahat"], data["sigma"], 4, restriction=restriction, bounds=[found.breakdown * 0.999, found.breakdown * 1.001]
        ).table
        assert around["conf_low"][0] > 0 >= around["conf_low"][1]


def test_the_true_effect_is_covered_when_the_drift_obeys_the_restriction():
    rng, example = np.random.default_rng(5), times("medicaid")
    drift = np.array([-0.05, -0.04, -0.03, -0.02, -0.01, 0.01, 0.02]) * 0.8
    held = 0
    for _ in range(400):
        betahat = drift + rng.multivariate_normal(np.zeros(7), example.sigma)
        draw = EventTimes(betahat, example.sigma, 5, example.l_vec)
        held += conditional(draw, relative_magnitudes(draw, 1.0)).accept(np.zeros(1))[0]
    # Three binomial standard errors below 95 %.
    assert held / 400 > 0.95 - 3 * np.sqrt(0.95 * 0.05 / 400)


def test_a_single_period_on_each_side_works():
    found = honest_did([0.1, 1.0], [[0.01, 0.002], [0.002, 0.02]], 1)
    assert np.isfinite(found.table.to_numpy()).all()
    assert 0 < found.breakdown < np.inf
    flat = honest_did([0.1, 1.0], [[0.01, 0.002], [0.002, 0.02]], 1, restriction="smoothness")
    assert np.isfinite(flat.table.to_numpy()).all()


def test_an_effect_that_is_not_there_has_nothing_to_break():
    found = honest_did([0.0, 0.1], [[0.01, 0.0], [0.0, 0.02]], 1)
    assert found.breakdown == 0
    assert [caution.code for caution in found.cautions] == ["honest_nothing_to_break"]


@pytest.fixture(scope="module")
def mpdta():
    return pd.read_csv(REFERENCE / "mpdta.csv")


def test_group_time_effects_and_event_studies_can_be_passed_as_they_are(mpdta):
    columns = ("lemp", "countyreal", "year", "first.treat")
    aggregate = att_gt(mpdta, *columns, base_period="universal", inference="classical").aggregate("dynamic")
    study = event_study(mpdta, *columns)
    one, other = honest_did(aggregate, bounds=[1]), honest_did(study, bounds=[1])
    kept = aggregate.table["event_time"] != -1
    bare = honest_did(aggregate.table["att"][kept].to_list(), aggregate.covariance[np.ix_(kept, kept)], 3, bounds=[1])
    assert one.estimate == pytest.approx(other.estimate, abs=1e-12) == pytest.approx(-0.0199, abs=5e-5)
    pd.testing.assert_frame_equal(one.table, bare.table)


def test_few_degrees_of_freedom_carry_a_caution():
    rng = np.random.default_rng(0)
    data = pd.DataFrame({"unit": np.repeat(np.arange(16), 5), "time": np.tile(np.arange(5), 16)})
    data["cohort"], data["y"] = np.where(data.unit < 6, 3, 0), rng.normal(size=80)
    found = honest_did(event_study(data, "y", "unit", "time", "cohort"))
    assert "honest_normal_reference" in [caution.code for caution in found.cautions]


SQUARE = [[1.0, 0.0], [0.0, 1.0]]


@pytest.mark.parametrize(
    ("arguments", "options", "fault"),
    [
        (([1.0, 2.0],), {}, "covariance"),
        (([1.0, 2.0], [[1.0]], 1), {}, "1 by 1"),
        (([1.0, np.nan], SQUARE, 1), {}, "missing"),
        (([1.0, "a"], SQUARE, 1), {}, "not a number"),
        (([1.0, 2.0], SQUARE, 0), {}, "before the reference"),
        (([1.0, 2.0], SQUARE, 2), {}, "before the reference"),
        (([1.0, 2.0], [[1.0, 2.0], [2.0, 1.0]], 1), {}, "positive semi-definite"),
        (([1.0, 2.0], [[0.0, 0.0], [0.0, 1.0]], 1), {}, "zero variance"),
        (([1.0, 2.0], SQUARE, 1), {"l_vec": [0.0]}, "l_vec"),
        (([1.0, 2.0], SQUARE, 1), {"l_vec": [1.0, 1.0]}, "l_vec"),
        (([1.0, 2.0], SQUARE, 1), {"bounds": [-1.0]}, "bounds"),
        (([1.0, 2.0], SQUARE, 1), {"bounds": []}, "bounds"),
        (([1.0, 2.0], SQUARE, 1), {"restriction": "none"}, "restriction"),
        (([1.0, 2.0], SQUARE, 1), {"method": "fixed_length"}, "method"),
        (([1.0, 2.0], SQUARE, 1), {"level": 95}, "level"),
    ],
)
def test_nonsense_is_refused_by_name(arguments, options, fault):
    with pytest.raises(StatsError, match=fault):
        honest_did(*arguments, **options)


def test_analyses_that_cannot_be_used_are_refused_by_name(mpdta):
    columns = ("lemp", "countyreal", "year", "first.treat")
    with pytest.raises(StatsError, match="universal"):
        honest_did(att_gt(mpdta, *columns).aggregate("dynamic"))
    with pytest.raises(StatsError, match="dynamic"):
        honest_did(att_gt(mpdta, *columns).aggregate("group"))
    with pytest.raises(StatsError, match="imputation"):
        honest_did(event_study(mpdta, *columns, method="imputation"))
    with pytest.raises(StatsError, match="leave them out"):
        honest_did(event_study(mpdta, *columns), pre=3)


def test_the_words_name_the_methods_that_each_restriction_allows():
    said = " ".join((honest_did.__doc__ or "").split())
    for restriction, methods in METHODS.items():
        assert f'"{methods[0]}" (default of {restriction}' in said
        assert [name for name in methods if f'"{name}"' not in said] == []
    assert "and only" not in said
    assert "fixed_length" not in METHODS["relative_magnitudes"]


def test_a_seed_that_starts_no_random_numbers_is_refused():
    with pytest.raises(StatsError, match="seed is -1"):
        honest_did([0.1, 0.5], [[1.0, 0.0], [0.0, 1.0]], 1, seed=-1)
