import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import nsw_mixtape

from evalapp.stats.attrition.attrition_weights import attrition_weights
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "attrition_weights_r.json").read_text())
SAME_FIT = 1e-8  # relative; both programs iterate until the logit moves by less than 1e-10
DRAWS = 300
TERMS = ["age", "educ", "black"]


def experiment():
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True).drop(columns="data_id").astype(float)
    return d.assign(answered=(d.index * 37 % 100 < 60 + 15 * d["treat"] + d["age"] // 10).astype(float))


def asked(seed=0, n=300):
    """Those with a high baseline answer less, treated or not, and have a high outcome."""
    rng = np.random.default_rng(seed)
    treat, x = rng.permutation(np.repeat([0, 1], n // 2)), rng.standard_normal(n)
    answered = rng.random(n) < 1 / (1 + np.exp(-(0.8 - (1.0 + 0.5 * treat) * x)))
    return pd.DataFrame(
        {"treat": treat, "x": x, "answered": answered.astype(int), "y": 1.0 * treat + 2 * x + rng.standard_normal(n)}
    )


def small(**columns):
    return pd.DataFrame({"treat": [0] * 6 + [1] * 6, "x": np.arange(12.0) % 5, "answered": [1, 1, 0, 1, 0, 1] * 2} | columns)


def test_probabilities_and_weights_are_those_of_rs_interacted_logit():
    ours = attrition_weights(experiment(), "answered", "treat", TERMS)
    assert ours.probability[:20].tolist() == pytest.approx(REFERENCE["probability"], rel=SAME_FIT)
    assert ours.weights[:20].tolist() == pytest.approx(REFERENCE["weights"], rel=SAME_FIT)
    assert ours.arms["effective_n"].tolist() == pytest.approx(REFERENCE["effective_n"], rel=SAME_FIT)
    assert ours.arms["largest_weight"].tolist() == pytest.approx(REFERENCE["largest"], rel=SAME_FIT)
    age = ours.balance.query("variable == 'age'")["mean_weighted"].tolist()
    assert age == pytest.approx(REFERENCE["weighted_age"], rel=SAME_FIT)


def test_weights_are_mean_one_among_answers_and_zero_elsewhere():
    d = experiment()
    weights = attrition_weights(d, "answered", "treat", TERMS).weights
    for arm in (0, 1):
        assert weights[(d["treat"] == arm) & (d["answered"] == 1)].mean() == pytest.approx(1)
    assert (weights[d["answered"] == 0] == 0).all()
    assert weights.index.equals(d.index)


def test_weighting_brings_those_who_answered_closer_to_everyone():
    balance = attrition_weights(asked(), "answered", "treat", ["x"]).balance
    assert (balance["gap_before"] < -0.2).all()
    assert (balance["gap_after"].abs() < balance["gap_before"].abs() / 2).all()
    assert balance["mean_all"].tolist() == pytest.approx(asked().groupby("treat")["x"].mean().tolist())


def test_weighted_means_recover_the_effect_that_the_answers_alone_miss():
    plain, weighted = [], []
    for seed in range(DRAWS):
        d = asked(seed)
        w = attrition_weights(d, "answered", "treat", ["x"]).weights
        means = [np.average(d["y"][d["treat"] == arm], weights=w[d["treat"] == arm]) for arm in (0, 1)]
        answers = d[d["answered"] == 1].groupby("treat")["y"].mean()
        plain.append(answers[1] - answers[0])
        weighted.append(means[1] - means[0])
    assert np.mean(plain) < 0.9
    assert abs(np.mean(weighted) - 1) < 4 * np.std(weighted) / DRAWS**0.5


def test_effective_size_is_the_answers_when_all_weigh_the_same():
    result = attrition_weights(
        small(x=[1.0, 2, 1, 2, 3, 3, 1, 2, 1, 2, 3, 3], answered=[1, 1, 0, 0, 1, 0] * 2), "answered", "treat", ["x"]
    )
    assert (result.arms["effective_n"] <= result.arms["answered"] + 1e-9).all()
    constant = attrition_weights(small(x=1.0), "answered", "treat", ["x"])
    assert constant.arms["effective_n"].tolist() == pytest.approx([4, 4])
    assert constant.balance["gap_before"].tolist() == [0, 0]


def test_a_cap_limits_the_largest_weight_and_is_said():
    d = asked(3)
    free, capped = (attrition_weights(d, "answered", "treat", ["x"], cap=cap) for cap in (None, 2.0))
    assert (capped.arms["largest_weight"] < free.arms["largest_weight"]).all()
    assert (capped.arms["effective_n"] > free.arms["effective_n"]).all()
    assert (free.arms["capped"] == 0).all()
    said = [caution.facts["capped"] for caution in capped.cautions if caution.code == "weights_capped"]
    assert said == capped.arms["capped"].tolist()


def test_weights_that_lean_on_few_people_are_said():
    d = asked(1, n=400)
    d["answered"] = (np.random.default_rng(1).random(400) < 1 / (1 + np.exp(-(-1 - 3 * d["x"])))).astype(int)
    codes = [caution.code for caution in attrition_weights(d, "answered", "treat", ["x"], cap=None).cautions]
    assert "extreme_weights" in codes


def test_an_arm_where_everyone_answered_needs_no_weights():
    result = attrition_weights(small(answered=[1] * 6 + [1, 1, 0, 1, 0, 1]), "answered", "treat", ["x"])
    assert (result.weights[:6] == 1).all()
    assert [(caution.code, caution.facts["arm"]) for caution in result.cautions] == [("everyone_answered", 0), ("few_dropouts", 1)]


def test_arms_may_have_names_and_gaps_are_marked():
    x = np.arange(40.0) % 7
    x[[3, 8, 25, 30]] = np.nan
    frame = pd.DataFrame({"arm": ["later", "now"] * 20, "x": x, "answered": (np.arange(40) % 11 % 3 > 0).astype(int)})
    result = attrition_weights(frame, "answered", "arm", ["x"])
    assert result.arms["arm"].tolist() == ["later", "now"]
    assert set(result.balance["variable"]) == {"x", "x missing"}
    assert result.cautions[0].facts == {"variable": "x", "rows": 4, "of": 40}


def test_a_kind_that_all_answered_weighs_alike_and_one_that_never_did_is_said():
    frame = pd.DataFrame(
        {"treat": np.repeat([0, 1], 30), "kind": np.tile([0, 1, 2], 20), "answered": np.tile([1, 0, 1, 1, 1, 1], 10)}
    )
    frame = frame.assign(a=(frame["kind"] == 1) * 1, b=(frame["kind"] == 2) * 1)
    result = attrition_weights(frame, "answered", "treat", ["a", "b"])
    assert result.weights[frame["kind"] == 2].nunique() == 1
    assert result.probability[frame["kind"] == 1].to_numpy() == pytest.approx(0.5)
    never = frame.assign(answered=frame["answered"].where(frame["kind"] != 2, 0))
    said = {c.facts["arm"]: c.facts["people"] for c in attrition_weights(never, "answered", "treat", ["a", "b"]).cautions
            if c.code == "nobody_alike_answered"}  # fmt: skip
    assert said == {0: 10, 1: 10}


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"answered": [0] * 6 + [1, 0] * 3}, {}, "arm without answers"),
        ({"answered": [1, 1, 1, 0, 0, 0] * 2, "x": [1.0, 2, 3, 4, 5, 6] * 2}, {}, "fewer or coarser covariates"),
        ({"answered": np.nan}, {}, "code no answer as 0"),
        ({"treat": [None, *[0, 1] * 5, 1]}, {}, "missing values"),
        ({"x": "tall"}, {}, "not a number"),
        ({}, {"covariates": []}, "No covariates"),
        ({}, {"covariates": ["x", "x"]}, "named twice"),
        ({}, {"cap": 1.0}, "above 1"),
        (
            {f"x{k}": np.arange(12.0) ** k for k in range(2, 8)},
            {"covariates": [f"x{k}" for k in range(2, 8)]},
            "fewer covariates|coarser",
        ),
    ],
)
def test_nonsense_is_refused_with_its_mend(change, arguments, words):
    with pytest.raises(StatsError, match=words):
        attrition_weights(small(**change), "answered", "treat", **({"covariates": ["x"]} | arguments))
