import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.experiments.assignment import AssignmentProcedure
from evalapp.stats.resampling.randomization_inference import randomization_inference
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "randomization_inference.json").read_text())
SAME_FORMULA = 1e-10  # relative; sums in another order
ROUNDING = 1e-9  # two refits of mirrored assignments differ by this much, relatively, and are one number


def people(n=12, seed=0, effect=0.0):
    rng = np.random.default_rng(seed)
    age = rng.normal(size=n)
    treat = rng.permutation(np.arange(n) % 2)
    y = age + effect * treat + rng.normal(size=n)
    return pd.DataFrame({"id": [f"p{i}" for i in range(n)], "treat": treat, "age": age, "y": y, "site": np.arange(n) // 4})


def procedure(data, **columns):
    return AssignmentProcedure.as_assigned(data["id"], data["treat"], **{name: data[column] for name, column in columns.items()})


def infer(data, how=None, **arguments):
    return randomization_inference(data, "y", "treat", "id", how or procedure(data), **arguments)


def frame(y, arm):
    return pd.DataFrame({"id": range(len(y)), "y": np.array(y, dtype=float), "treat": arm})


def test_two_equal_arms_have_the_exact_p_value_of_rs_permutation_tests():
    y = REFERENCE["treated"] + REFERENCE["control"]
    result = infer(frame(y, [1] * 7 + [0] * 7), statistic="difference")
    assert result.p_value == pytest.approx(REFERENCE["two_sample"]["p"], rel=SAME_FORMULA)
    assert result.p_value == pytest.approx(REFERENCE["two_sample"]["coin_p"], rel=SAME_FORMULA)
    assert (result.draws, result.enumerated) == (3432, True)
    assert result.estimate == pytest.approx(np.mean(y[:7]) - np.mean(y[7:]))


def test_uneven_arms_and_blocks_have_rs_exact_p_values():
    uneven = REFERENCE["uneven"]
    assert infer(frame(uneven["y"], uneven["arm"]), statistic="difference").p_value == pytest.approx(uneven["p"], rel=SAME_FORMULA)
    blocked = REFERENCE["blocked"]
    data = frame(blocked["y"], blocked["arm"]).assign(block=blocked["block"])
    result = infer(data, procedure(data, strata="block"), statistic="difference")
    assert (result.p_value, result.draws) == (pytest.approx(blocked["p"], rel=SAME_FORMULA), 6**3)


def test_darwins_pairs_give_fishers_1726_of_32768():
    differences = np.array(REFERENCE["darwin"]["differences"])
    data = frame(np.r_[differences, 0 * differences], np.repeat([1, 0], 15)).assign(pair=np.tile(np.arange(15), 2))
    result = infer(data, procedure(data, strata="pair"), statistic="difference", draws=40_000)
    assert result.p_value == 1726 / 32768 == REFERENCE["darwin"]["p"]
    assert result.possible == 32768


def direct(data, covariates, r, assignments, **fit):
    """Regress, one assignment at a time, what the sharp null says that assignment would have shown."""
    y = data["y"] - r * data["treat"]
    statistics = []
    for assignment in [data["treat"].to_numpy(), *assignments]:
        X = sm.add_constant(np.column_stack([assignment, *(data[c] for c in covariates)]).astype(float))
        result = sm.OLS(y, X).fit(**fit)
        statistics.append((result.params.iloc[1], result.tvalues.iloc[1]))
    return np.abs(statistics)


@pytest.mark.parametrize(("statistic", "column"), [("ancova", 0), ("t", 1)])
@pytest.mark.parametrize("r", [0.0, 0.7])
def test_each_statistic_is_that_of_refitting_each_assignment(statistic, column, r):
    data = people(n=8, seed=1, effect=1.0)
    how = procedure(data)
    result = infer(data, how, covariates=["age"], statistic=statistic, null=r)
    refitted = direct(data, ["age"], r, how.every(), cov_type="HC1")[:, column]
    assert np.abs(result.statistics) == pytest.approx(refitted[1:], rel=1e-8)
    assert result.p_value == np.mean(refitted[1:] >= refitted[0] * (1 - ROUNDING))


def test_clustered_assignments_are_refitted_with_clustered_errors():
    data = people(n=32, seed=2).assign(site=np.arange(32) // 4, treat=(np.arange(32) // 4) % 2)
    how = procedure(data, clusters="site")
    result = infer(data, how, covariates=["age"])
    groups = {"cov_type": "cluster", "cov_kwds": {"groups": data["site"]}}
    refitted = direct(data, ["age"], 0, how.every(), **groups)[:, 1]
    assert np.abs(result.statistics) == pytest.approx(refitted[1:], rel=1e-8)
    assert (result.assigned, result.draws) == (8, 70)


def test_strata_effects_enter_the_ancova():
    data = people(n=12, seed=3)
    how = procedure(data, strata="site")
    result = infer(data, how, statistic="ancova")
    dummies = pd.get_dummies(data["site"], dtype=float)
    fit = sm.OLS(data["y"], pd.concat([data["treat"].astype(float), dummies], axis=1)).fit()
    assert result.estimate == pytest.approx(fit.params["treat"], rel=SAME_FORMULA)


@pytest.mark.parametrize("statistic", ["ancova", "t"])
def test_the_p_value_crosses_the_level_at_both_ends_of_the_interval(statistic):
    data = people(n=10, seed=4, effect=1.0)
    result = infer(data, covariates=["age"], statistic=statistic)
    width = result.conf_high - result.conf_low
    for end, outward in ((result.conf_low, -1), (result.conf_high, 1)):
        inside, outside = (
            infer(data, covariates=["age"], statistic=statistic, null=end + s * 1e-6 * width) for s in (-outward, outward)
        )
        assert inside.p_value > 0.05 >= outside.p_value


def test_drawn_and_enumerated_p_values_agree_within_the_error_of_drawing():
    data = people(n=12, seed=5, effect=1.2)
    exact, drawn = infer(data), infer(data, draws=900, seed=1)
    assert (exact.enumerated, drawn.enumerated) == (True, False)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=4 * np.sqrt(exact.p_value * (1 - exact.p_value) / 900))


def test_permuting_treatment_centres_the_estimate_on_zero():
    data = people(n=10, seed=6, effect=5.0)
    result = infer(data, statistic="difference")
    assert result.statistics.mean() == pytest.approx(0, abs=ROUNDING)
    assert len(result.statistics) == 252


def test_the_test_rejects_as_often_as_it_says():
    p = np.array([infer(people(n=20, seed=seed), covariates=["age"], draws=199, seed=seed).p_value for seed in range(400)])
    assert np.mean(p <= 0.1) == pytest.approx(0.1, abs=3 * np.sqrt(0.1 * 0.9 / 400))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e3, 1e3), scale=st.floats(0.01, 100))
def test_row_order_labels_shift_and_scale_do_not_matter(seed, shift, scale):
    data = people(n=8, seed=seed)
    before = infer(data, covariates=["age"])
    other = data.assign(id=np.random.default_rng(seed).permutation(data["id"]), y=shift + scale * data["y"])
    after = infer(other.sample(frac=1, random_state=seed), procedure(other), covariates=["age"])
    assert after.p_value == before.p_value
    assert after.estimate == pytest.approx(scale * before.estimate, rel=1e-6, abs=1e-8 * scale)


def test_covariates_that_say_nothing_new_change_nothing():
    data = people(n=10, seed=2).assign(third=1 / 3, again=lambda d: 5 - 2 * d["age"])
    plain, padded = infer(data, covariates=["age"]), infer(data, covariates=["age", "third", "again"])
    assert (padded.p_value, padded.statistic) == (plain.p_value, pytest.approx(plain.statistic, rel=SAME_FORMULA))


def test_the_sharp_null_is_said_and_too_few_assignments_are_too():
    result = infer(people(n=4, seed=1), statistic="difference")
    codes = [caution.code for caution in result.cautions]
    assert codes == ["sharp_null", "assignments_enumerated", "too_few_assignments", "interval_unbounded"]
    assert (result.conf_low, result.conf_high) == (-np.inf, np.inf)
    assert "by exactly 0 for each and every person" in result.cautions[0].officer


def test_who_did_not_answer_is_left_out_after_the_whole_draw_is_replayed():
    data = people(n=10, seed=7)
    data.loc[[0, 3], "y"] = np.nan
    result = infer(data, statistic="difference")
    assert (result.n, result.assigned, result.draws) == (8, 10, 252)
    assert "incomplete_rows" in [caution.code for caution in result.cautions]


def test_assignments_that_leave_nobody_to_compare_count_against_an_effect():
    data = people(n=8, seed=8)
    data.loc[[0, 1, 2, 3], "y"] = np.nan
    data["treat"] = [0, 1, 0, 1, 0, 1, 0, 1]
    result = infer(data, statistic="difference")
    facts = next(caution.facts for caution in result.cautions if caution.code == "undefined_assignments")
    assert facts == {"count": 2, "draws": 70}
    assert np.isinf(result.statistics).sum() == 2
    assert all("%" not in caution.officer + caution.econometrician for caution in result.cautions)


def test_complete_stratified_and_clustered_draws_keep_their_counts():
    rng = np.random.default_rng(0)
    complete = AssignmentProcedure(tuple(range(9)), 4)
    assert set(complete.draw(rng, 200).sum(axis=1)) == {4}
    strata = tuple("aaabbbbcc")
    stratified = AssignmentProcedure(tuple(range(9)), {"a": 1, "b": 2, "c": 1}, strata=strata).draw(rng, 200)
    for label, treated in (("a", 1), ("b", 2), ("c", 1)):
        assert set(stratified[:, [s == label for s in strata]].sum(axis=1)) == {treated}
    clustered = AssignmentProcedure(tuple(range(9)), 2, clusters=strata).draw(rng, 200)
    assert all(len({row[i] for i in range(9) if strata[i] == c}) == 1 for row in clustered for c in "abc")


def test_every_assignment_is_enumerated_once_and_drawn_equally_often():
    how = AssignmentProcedure(tuple(range(6)), {"a": 1, "b": 2}, strata=tuple("aabbbb"))
    everything = {tuple(row) for row in how.every()}
    assert len(everything) == len(how.every()) == how.possible == 12
    drawn = pd.Series([tuple(row) for row in how.draw(np.random.default_rng(1), 6000)]).value_counts()
    assert set(drawn.index) == everything
    assert drawn.to_numpy() == pytest.approx(500, abs=4 * np.sqrt(500))


def test_the_imbalance_is_the_mahalanobis_distance_between_the_arms():
    X = np.random.default_rng(2).normal(size=(10, 3))
    how = AssignmentProcedure(tuple(range(10)), 5, covariates=tuple(map(tuple, X)), max_imbalance=2.0)
    assignment = how.draw(np.random.default_rng(0), 1)
    gap = X[assignment[0] == 1].mean(axis=0) - X[assignment[0] == 0].mean(axis=0)
    assert how.imbalance(assignment)[0] == pytest.approx(2.5 * gap @ np.linalg.solve(np.cov(X.T), gap), rel=SAME_FORMULA)


def test_rerandomised_draws_meet_the_criterion_and_the_test_replays_it():
    data = people(n=10, seed=9)
    how = replace(procedure(data), covariates=tuple((age,) for age in data["age"]), max_imbalance=0.5)
    drawn = how.draw(np.random.default_rng(3), 500)
    assert how.imbalance(drawn).max() <= 0.5
    everything = how.every()
    assert {tuple(row) for row in drawn} <= {tuple(row) for row in everything}
    data["treat"] = everything[7]
    result = infer(data, how)
    assert (result.draws, result.possible) == (len(everything), 252)
    unlucky = next(row for row in procedure(data).every() if how.imbalance(row[None])[0] > 0.5)
    with pytest.raises(StatsError, match="no assignment the procedure can draw"):
        infer(data.assign(treat=unlucky), how)


def test_a_criterion_that_accepts_nothing_is_refused():
    how = AssignmentProcedure(tuple(range(6)), 3, covariates=tuple((2.0**i,) for i in range(6)), max_imbalance=1e-9)
    with pytest.raises(StatsError, match="accepts hardly any assignment; raise it"):
        how.draw(np.random.default_rng(0), 10)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"units": ()}, "units are empty"),
        ({"units": (1, 1, 2, 3)}, "name one twice"),
        ({"units": (1, 2, 3, np.nan)}, "missing label"),
        ({"treated": 5}, "5 of 4 cannot be treated"),
        ({"treated": 1.5}, "1.5 of 4 cannot be treated"),
        ({"treated": {"a": 1}}, "treated must be a number without strata"),
        ({"strata": tuple("aabb")}, "treated must be a number without strata, and a number for each stratum"),
        ({"strata": tuple("aab"), "treated": {"a": 1, "b": 1}}, "strata has 3 entries for 4 units"),
        ({"strata": tuple("aabb"), "treated": {"a": 1}}, "name every stratum"),
        ({"strata": tuple("aabb"), "clusters": tuple("xyyz"), "treated": {"a": 1, "b": 1}}, "cluster lies in two strata"),
        ({"units": ([1], [2], [3], [4])}, "hold a list"),
        ({"max_imbalance": 1.0}, "belong together"),
        ({"covariates": ((1.0,), (1.0, 2.0), (3.0,), (4.0,)), "max_imbalance": 1.0}, "the same number of numbers"),
        ({"covariates": (("a",), ("b",), ("c",), ("d",)), "max_imbalance": 1.0}, "other than numbers"),
        ({"covariates": ((1 / 3,),) * 4, "max_imbalance": 1.0}, "finite numbers that vary"),
        ({"covariates": ((np.nan,),) * 4, "max_imbalance": 1.0}, "finite numbers that vary"),
        ({"covariates": ((1.0,), (2.0,), (3.0,), (5.0,)), "max_imbalance": 0.0}, "above zero"),
    ],
)
def test_an_impossible_procedure_is_refused(arguments, message):
    with pytest.raises(StatsError, match=message):
        AssignmentProcedure(**({"units": (1, 2, 3, 4), "treated": 2} | arguments))


def test_an_assignment_without_an_arm_for_everyone_is_refused():
    with pytest.raises(StatsError, match="a 0 or 1 for each unit"):
        AssignmentProcedure.as_assigned([1, 2, 3], [0, 1, np.nan])


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"id": "p1"}, {}, "unit 'p1' stands twice"),
        ({"id": list("abcdefghijkl")}, {}, "unit 'a' was not part of the draw"),
        ({"treat": 1}, {}, "no assignment the procedure can draw"),
        ({"treat": 2}, {}, "'treat' holds 2; code it 0 or 1"),
        ({"treat": np.nan}, {}, "'treat' is missing for unit 'p0'"),
        ({"y": "rich"}, {}, "'y' holds 'rich', which is not a number"),
        ({"y": 5.0}, {}, "'y' does not vary"),
        ({"y": np.nan}, {}, "no unit has a value"),
        ({"y": lambda d: 3.0 * d["treat"]}, {}, "no noise left"),
        ({"y": lambda d: 3.0 * d["treat"]}, {"statistic": "ancova"}, "no noise left"),
        ({"age": lambda d: d["treat"]}, {"covariates": ["age"]}, "'treat' does not vary beside covariates"),
        ({}, {"covariates": ["age"], "statistic": "difference"}, "difference in means has no covariates"),
        ({}, {"covariates": ["height"]}, "'height' is not in the data"),
        ({}, {"statistic": "rank"}, "choose difference, ancova or t"),
        ({}, {"draws": 0}, "draws is 0"),
        ({}, {"null": np.inf}, "null is inf; give a finite number"),
        ({}, {"level": 95}, "level is 95"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(change, arguments, message):
    data = people()
    with pytest.raises(StatsError, match=message):
        infer(data.assign(**change), procedure(data), **arguments)


def test_someone_of_the_draw_who_is_not_in_the_data_is_named():
    data = people()
    with pytest.raises(StatsError, match="missing for unit 'p0'; give the arm of everyone"):
        infer(data.iloc[1:], procedure(data))
