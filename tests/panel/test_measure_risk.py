"""Classes of equal quasi-identifiers are counted as R and published examples count them; withholding leaves nobody at risk."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.panel.microdata.measure_risk import class_sizes, measure_diversity, measure_risk
from evalapp.panel.microdata.suppress_values import suppress_values
from evalapp.surveys.exports.labelled_columns import PROTECTED

REFERENCE = Path(__file__).parent / "reference"
QUASI = ("sex", "age", "years", "region", "cohort")
ROUNDING = 1e-14  # R takes the mean of a few hundred shares
PATIENTS = pd.DataFrame(
    {
        "zip": ["13053", "13068", "13068", "13053", "14853", "14853", "14850", "14850", "13053", "13053", "13068", "13068"],
        "age": [28, 29, 21, 23, 50, 55, 47, 49, 31, 37, 36, 35],
        "condition": ["heart", "heart", "virus", "virus", "cancer", "heart", "virus", "virus", *["cancer"] * 4],
    }
)


@pytest.fixture(scope="module")
def counted_by_r():
    return pd.read_csv(REFERENCE / "class_sizes_r.csv"), json.loads((REFERENCE / "class_sizes_r.json").read_text())


def test_classes_are_those_that_r_counts(counted_by_r):
    people, r = counted_by_r
    risk = measure_risk(people, QUASI)
    assert (risk.classes, risk.smallest, risk.at_risk, risk.unique) == (r["classes"], r["smallest"], r["at_risk"], r["unique"])
    assert risk.chance_share == pytest.approx(r["chance_share"], abs=ROUNDING)
    coarse = measure_risk(people, ("sex", "cohort"))
    assert {name: getattr(coarse, name) for name in r["coarse"]} == r["coarse"]


def test_what_sets_people_apart_is_what_r_counts(counted_by_r):
    people, r = counted_by_r
    risk = measure_risk(people, QUASI)
    assert {each.name: each.without for each in risk.contributions} == r["without"]
    assert {each.name: each.alone for each in risk.contributions} == r["alone"]
    pairs = {"+".join(each.names): each.at_risk for each in risk.combinations}
    assert pairs.items() <= r["pairs"].items()
    assert sorted(pairs.values(), reverse=True) == sorted((n for n in r["pairs"].values() if n), reverse=True)[: len(pairs)]


def test_answers_within_classes_are_as_different_as_r_counts(counted_by_r):
    people, r = counted_by_r
    (item,) = measure_diversity(people, QUASI, ["item"])
    assert {name: getattr(item, name) for name in r["item"]} == r["item"]


def test_the_published_records_are_4_anonymous_once_generalised_and_one_class_is_not_diverse():
    assert measure_risk(PATIENTS, ("zip", "age"), 5).unique == 12
    ages = pd.cut(PATIENTS["age"], [0, 29, 39, 99], labels=["<30", "3*", ">=40"]).astype(str)
    general = PATIENTS.assign(zip=PATIENTS["zip"].str[:3], age=ages)
    risk = measure_risk(general, ("zip", "age"), 5)
    assert (risk.classes, risk.smallest, risk.at_risk) == (3, 4, 12)
    (condition,) = measure_diversity(general, ("zip", "age"), ["condition"])
    assert (condition.least, condition.classes_below, condition.people_below) == (1, 1, 4)
    (condition,) = measure_diversity(general, ("zip", "age"), ["condition"], least=3)
    assert (condition.classes_below, condition.people_below) == (2, 8)


def test_missing_values_are_a_category_of_their_own_as_in_the_example_of_sdcmicro():
    people = pd.DataFrame({"region": ["A"] * 5, "status": [None, "married", "married", None, None], "age": ["5"] * 5})
    assert class_sizes(people, ("region", "status", "age")).tolist() == [3, 2, 2, 3, 3]
    people = pd.DataFrame(
        {
            "sex": ["f", "f", "f", "m", "m", "f", "f"],
            "occupation": [None, None, None, "teacher", "teacher", "nurse", "nurse"],
            "answer": [1, 0, 2, 1, 0, 0, 1],
        }
    )
    (answer,) = measure_diversity(people, ("sex", "occupation"), ["answer"], least=3)
    assert (answer.least, answer.classes_below, answer.people_below) == (2, 2, 4)


def test_without_quasi_identifiers_everybody_is_in_one_class_and_nobody_is_no_error():
    assert measure_risk(PATIENTS, (), 5).smallest == 12
    assert measure_risk(PATIENTS.iloc[:0], ("zip",), 5).at_risk == 0


people_frames = st.integers(1, 60).flatmap(
    lambda n: st.fixed_dictionaries(
        {name: st.lists(st.sampled_from(values), min_size=n, max_size=n) for name, values in (
            ("a", ["x", "y", None]), ("b", [1.0, 2.0, 3.0, 4.0]), ("c", ["p", "q"]), ("d", [0.0, 1.0, None]),
        )}
    ).map(pd.DataFrame)
)  # fmt: skip
NAMES = ("a", "b", "c", "d")
FRAMES = settings(max_examples=40, deadline=None)  # a count by hand takes longer than the usual deadline


def brute_force(people, names):
    rows = [tuple("missing" if pd.isna(value) else value for value in row) for row in people[list(names)].itertuples(index=False)]
    return [sum(row == other for other in rows) for row in rows]


@FRAMES
@given(people_frames)
def test_a_count_by_hand_gives_the_same(people):
    for size in range(1, len(NAMES) + 1):
        for names in combinations(NAMES, size):
            assert class_sizes(people, names).tolist() == brute_force(people, names)


@FRAMES
@given(people_frames, st.randoms(use_true_random=False))
def test_neither_the_order_of_people_nor_the_names_of_values_matter(people, random):
    order = list(range(len(people)))
    random.shuffle(order)
    renamed = people.iloc[order].map(lambda value: None if pd.isna(value) else f"other {value}")
    assert measure_risk(renamed, NAMES, 5) == measure_risk(people, NAMES, 5)
    first, second = suppress_values(people, NAMES, 5), suppress_values(renamed, NAMES, 5)
    assert first.withheld == second.withheld
    assert set(first.left_out) == set(second.left_out)


@FRAMES
@given(people_frames, st.integers(2, 6))
def test_after_withholding_no_class_is_below_k_and_nothing_else_has_changed(people, k):
    found = suppress_values(people, NAMES, k)
    assert not (class_sizes(found.people, NAMES) < k).any()
    assert len(found.people) + len(found.left_out) == len(people)
    assert len(found.left_out) < k
    before = people.loc[found.people.index, list(NAMES)].astype(object)
    kept = found.people[list(NAMES)] != PROTECTED
    same = (before == found.people[list(NAMES)]) | (before.isna() & found.people[list(NAMES)].isna())
    assert same.to_numpy()[kept.to_numpy()].all()


@FRAMES
@given(people_frames)
def test_whoever_was_hidden_already_loses_nothing(people):
    hidden = class_sizes(people, NAMES) >= 5
    found = suppress_values(people, NAMES, 5).people
    assert not (found.loc[people.index[hidden]] == PROTECTED).any(axis=None)


def test_one_value_of_one_person_is_withheld_where_that_is_enough():
    people = pd.DataFrame({"sex": ["f"] * 10, "region": ["seoul"] * 5 + ["busan"] * 4 + ["jeju"]})
    found = suppress_values(people, ("sex", "region"), 5)
    assert dict(found.withheld) == {"region": 5}
    assert found.left_out == ()
    assert (found.people["region"] == PROTECTED).tolist() == [False] * 5 + [True] * 5


def test_many_people_are_counted_and_hidden_in_seconds():
    random = np.random.default_rng(1)
    people = pd.DataFrame({name: random.integers(0, 6, 5_000).astype(float) for name in ("a", "b", "c", "d", "e", "f")})
    assert measure_risk(suppress_values(people, list(people), 5).people, list(people)).at_risk == 0
