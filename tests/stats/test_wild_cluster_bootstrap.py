import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.resampling.clustered_regression import clustered_regression
from evalapp.stats.resampling.wild_cluster_bootstrap import (
    POINTS,
    WildClusterBootstrap,
    bootstrap_test,
    every_sign,
    wild_cluster_bootstrap,
)
from evalapp.stats.warnings import StatsError

FOLDER = Path(__file__).parent / "reference"
REFERENCE = json.loads((FOLDER / "wild_cluster_bootstrap.json").read_text())
SAME_ALGEBRA = 1e-9  # relative; both sides solve the same least squares in another order
BISECTION = 1e-7  # an interval's end is where a step function steps; the direct search below stops at this width


def mpdta(states=None):
    m = pd.read_csv(FOLDER / "mpdta.csv").rename(columns={"first.treat": "cohort"})
    m = m.assign(treated=((m["cohort"] > 0) & (m["year"] >= m["cohort"])).astype(float), state=m["countyreal"] // 1000)
    return m if states is None else m[m["state"].isin(np.sort(m["state"].unique())[:states])]


def villages(clusters, seed, size=6, effect=0.0):
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), size)
    treat = (cluster % 2).astype(float)
    age = rng.normal(size=len(cluster)) + cluster / clusters
    y = effect * treat + age + rng.normal(size=clusters)[cluster] + rng.normal(size=len(cluster))
    return pd.DataFrame({"y": y, "treat": treat, "age": age, "village": cluster})


def boot(data, **arguments):
    return wild_cluster_bootstrap(data, "y", "treat", "village", **({"distribution": "rademacher"} | arguments))


def peer_weights(kind, clusters, draws):
    """The draws of the reference's seed 1, as that program makes them."""
    rng = np.random.default_rng(1)
    points = [-1, 1] if kind == "rademacher" else POINTS["webb"]
    return rng.choice(points, size=clusters * draws, replace=True).reshape(clusters, draws).astype(float)


@pytest.mark.parametrize("case", REFERENCE["wildboottest"], ids=lambda c: f"{c['states']}-{c['kind']}-{c['B']}")
def test_draw_by_draw_the_statistics_are_wildboottests(case):
    effects = {"absorb": ["countyreal", "year"]} if case["effects"] else {"covariates": ["lpop"]}
    regression, _ = clustered_regression(
        mpdta(case["states"]), "lemp", "treated", "state", effects.get("covariates", ()), effects.get("absorb", ()), None
    )
    enumerated = case["draws"] == 2 ** case["states"]
    included = enumerated and case["impose_null"]
    blocks = every_sign(case["states"]) if enumerated else iter([peer_weights(case["kind"], case["states"], case["draws"])])
    test = bootstrap_test(regression, blocks, impose_null=case["impose_null"], data_included=included)
    d = mpdta(case["states"])
    # The peer counts every county's effect, we do not count effects nested in clusters; the factor is the same for every draw.
    peer_parameters = 1 + d["countyreal"].nunique() + d["year"].nunique() - 1 if case["effects"] else 3
    rescale = np.sqrt((regression.n - peer_parameters) / (regression.n - regression.parameters))
    assert regression.estimate / np.sqrt(regression.variance) * rescale == pytest.approx(case["t"], rel=SAME_ALGEBRA)
    assert test.p_value_without_ties(0.0) == case["larger"] / case["draws"]
    assert test.p_value(0.0) == (case["larger"] + case["same"] + (not included)) / (case["draws"] + (not included))
    ours = np.abs(test.statistics(0.0)) * rescale
    assert np.quantile(ours, [0.25, 0.5, 0.75, 0.9]) == pytest.approx(case["quantiles"], rel=SAME_ALGEBRA)


def test_enumerated_with_absorbed_effects_the_p_value_is_pyfixests():
    expected = REFERENCE["pyfixest"]
    result = wild_cluster_bootstrap(mpdta(8), "lemp", "treated", "state", absorb=["countyreal", "year"], distribution="rademacher")
    assert result.p_value == expected["p"]
    assert (result.draws, result.enumerated, result.clusters) == (256, True, 8)
    assert result.estimate == pytest.approx(expected["estimate"], rel=SAME_ALGEBRA)
    assert "signs_enumerated" in [caution.code for caution in result.cautions]


def test_estimate_and_standard_error_are_those_of_the_two_way_regression():
    for weights in (None, "lpop"):
        ours = wild_cluster_bootstrap(mpdta(), "lemp", "treated", "state", absorb=["countyreal", "year"], weights=weights, draws=9)
        theirs = twfe(mpdta(), "lemp", "countyreal", "year", "treated", cluster="state", weights=weights, cov="cr1")
        assert ours.estimate == pytest.approx(theirs.estimate, rel=SAME_ALGEBRA)
        assert ours.std_error == pytest.approx(theirs.std_error, rel=SAME_ALGEBRA)


def direct_p(data, r, clusters):
    """Re-estimate every enumerated draw by ordinary least squares, with the null r imposed."""
    X = np.column_stack([data["treat"], np.ones(len(data)), data["age"]])
    y, code = data["y"].to_numpy(), data["village"].to_numpy()
    restricted = sm.OLS(y - r * X[:, 0], X[:, 1:]).fit()
    fitted = restricted.fittedvalues + r * X[:, 0]

    def t(outcome):
        fit = sm.OLS(outcome, X).fit(cov_type="cluster", cov_kwds={"groups": code})
        return abs((fit.params[0] - r) / fit.bse[0])

    signs = np.concatenate(list(every_sign(clusters)), axis=1)
    drawn = np.array([t(fitted + restricted.resid * v[code]) for v in signs.T])
    return float(np.mean(drawn > t(y) * (1 + SAME_ALGEBRA)))


def test_p_values_and_both_ends_of_the_interval_are_those_of_refitting_every_draw():
    data = villages(7, seed=4, effect=1.0)
    result = boot(data, covariates=["age"], null=0.5)
    assert result.p_value == direct_p(data, 0.5, 7)
    width = result.conf_high - result.conf_low
    assert np.isfinite(width)
    for end, outward in ((result.conf_low, -1), (result.conf_high, 1)):
        assert direct_p(data, end - outward * BISECTION * width, 7) > 0.05
        assert direct_p(data, end + outward * BISECTION * width, 7) <= 0.05


def test_the_unrestricted_interval_is_symmetric_and_made_of_the_drawn_statistics():
    result = boot(villages(9, seed=1), impose_null=False)
    critical = np.sort(np.abs(result.statistics))[::-1][int(0.05 * result.draws)]
    assert result.conf_high - result.estimate == pytest.approx(critical * result.std_error, rel=BISECTION)
    assert result.estimate - result.conf_low == pytest.approx(critical * result.std_error, rel=BISECTION)


def test_an_effect_at_an_end_of_the_interval_has_a_p_value_at_the_level():
    data = villages(20, seed=2, effect=0.5)
    result = boot(data, covariates=["age"], draws=1999)
    assert boot(data, covariates=["age"], draws=1999, null=result.conf_low).p_value == pytest.approx(0.05, abs=2 / 1999)


def test_webb_weights_below_twelve_clusters_and_signs_from_there_on():
    assert wild_cluster_bootstrap(villages(11, 0), "y", "treat", "village", draws=99).distribution == "webb"
    assert wild_cluster_bootstrap(villages(12, 0), "y", "treat", "village", draws=99).distribution == "rademacher"
    assert (POINTS["webb"].mean(), (POINTS["webb"] ** 2).mean()) == (0, pytest.approx(1))


def test_drawn_and_enumerated_signs_agree_within_the_error_of_drawing():
    data = villages(10, seed=3, effect=0.8)
    exact, drawn = boot(data, draws=1024), boot(data, draws=1023, seed=5)
    assert (exact.enumerated, drawn.enumerated) == (True, False)
    four_errors = 4 * np.sqrt(exact.p_value * (1 - exact.p_value) / 1023)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=four_errors)


def test_one_treated_cluster_is_said_and_gets_a_hardly_informative_interval():
    data = villages(8, seed=6).assign(treat=lambda d: (d["village"] == 3).astype(float))
    result = boot(data)
    assert "bootstrap_few_treated_clusters" in [caution.code for caution in result.cautions]
    assert result.conf_high - result.conf_low > 20 * result.std_error


def test_the_most_extreme_data_have_a_p_value_between_two_numbers_never_just_zero():
    result = boot(villages(4, seed=0, effect=50.0))
    assert (result.p_value, result.p_value_with_ties) == (0, 2 / 16)
    sentences = [caution.econometrician for caution in result.cautions if caution.code == "bootstrap_p_between"]
    assert "0.1250" in sentences[0]
    assert "bootstrap_too_few_clusters" in [caution.code for caution in result.cautions]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), shift=st.floats(-1e3, 1e3), scale=st.floats(0.01, 100))
def test_row_order_labels_shift_and_scale_do_not_matter(seed, shift, scale):
    data = villages(7, seed)
    before = boot(data, covariates=["age"])
    shuffled = data.sample(frac=1, random_state=seed)
    names = np.random.default_rng(seed).permutation(list("abcdefg"))
    other = shuffled.assign(y=shift + scale * shuffled["y"], village=names[shuffled["village"]])
    after = boot(other, covariates=["age"])
    assert (after.p_value, after.p_value_with_ties) == (before.p_value, before.p_value_with_ties)
    assert after.statistic == pytest.approx(before.statistic, rel=1e-6)
    ends = [before.conf_low, before.conf_high]
    assert [after.conf_low, after.conf_high] == pytest.approx(np.multiply(ends, scale), rel=1e-6, abs=1e-6 * scale)


def test_under_the_null_the_valid_p_value_rejects_no_more_often_than_it_says():
    p = [boot(villages(8, seed)).p_value_with_ties for seed in range(400)]
    three_errors = 3 * np.sqrt(0.1 * 0.9 / 400)
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=three_errors)


def test_permuting_treatment_among_clusters_centres_the_estimate_on_zero():
    data, rng = villages(10, seed=5, effect=3.0), np.random.default_rng(0)
    estimates = []
    for _ in range(200):
        arm = rng.permutation(np.arange(10) % 2).astype(float)
        estimates.append(boot(data.assign(treat=arm[data["village"]]), draws=9).estimate)
    assert np.mean(estimates) == pytest.approx(0, abs=3 * np.std(estimates) / np.sqrt(200))


def test_every_caution_reads_as_a_sentence():
    for data in (villages(4, seed=0, effect=50.0), villages(13, seed=0)):
        for caution in boot(data).cautions:
            assert caution.officer.endswith(".")
            assert "%" not in caution.officer + caution.econometrician


def test_covariates_that_say_nothing_new_change_nothing():
    data = villages(8, seed=3).assign(third=1 / 3, again=lambda d: 5 - 2 * d["age"], person=lambda d: np.arange(len(d)) // 2)
    for absorb in ([], ["person"]):
        data["treat"] = (np.arange(len(data)) * 7 % 5 > 2).astype(float)
        plain = boot(data, covariates=["age"], absorb=absorb)
        padded = boot(data, covariates=["age", "third", "again"], absorb=absorb)
        assert padded.std_error == pytest.approx(plain.std_error, rel=SAME_ALGEBRA)
        assert padded.p_value == plain.p_value


def test_missing_rows_are_left_out_and_counted():
    data = villages(12, seed=1)
    data.loc[[0, 5], "age"] = np.nan
    result = boot(data, covariates=["age"], draws=99)
    assert result.n == len(data) - 2
    assert result.cautions[0].facts == {"rows": 2, "of": len(data)}


def test_thousands_of_effects_across_clusters_are_refused_before_memory_is():
    data = villages(50, seed=0, size=100).assign(person=lambda d: np.arange(len(d)) % 2501)
    with pytest.raises(StatsError, match="cluster so that the largest effect is nested"):
        boot(data, absorb=["person"])


@pytest.mark.parametrize(
    ("change", "arguments", "message"),
    [
        ({"treat": 1.0}, {}, "'treat' is determined by the other"),
        ({"y": 3.0}, {}, "'y' is determined by the other"),
        ({"treat": lambda d: d["age"]}, {"covariates": ["age"]}, "'treat' is determined by the other"),
        ({}, {"absorb": ["village"]}, "'treat' is determined by the other"),
        ({"village": 1}, {}, "fewer than two clusters"),
        ({"y": np.nan}, {}, "fewer than two clusters"),
        ({"y": "much"}, {}, "'y' holds 'much', which is not a number"),
        ({"village": np.nan}, {}, "'village' has 36 missing values"),
        ({"y": lambda d: 2 * d["treat"] + d["village"] % 2}, {}, "leaves no noise"),
        ({"village": lambda d: d["village"] % 2}, {}, "leaves no noise"),
        ({}, {"covariates": ["treat"]}, "named twice"),
        ({}, {"distribution": "mammen"}, "choose rademacher or webb"),
        ({}, {"draws": 0}, "draws is 0; give a whole number from 1"),
        ({}, {"draws": 99.5}, "draws is 99.5; give a whole number from 1"),
        ({}, {"seed": -1}, "seed is -1; give a whole number from 0"),
        ({}, {"null": "none"}, "null is 'none'; give a finite number"),
        ({}, {"level": None}, "level is None"),
        ({}, {"null": np.nan}, "null is nan"),
        ({}, {"level": 95}, "level is 95"),
        ({"id": range(36)}, {"absorb": ["id"]}, "is determined by the other"),
        ({"one": range(36), "two": range(36)}, {"absorb": ["one", "two"]}, "is determined by the other"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(change, arguments, message):
    with pytest.raises(StatsError, match=message):
        boot(villages(6, seed=0).assign(**change), **arguments)


def test_weight_zero_leaves_a_row_out_after_rows_without_an_outcome_and_is_counted():
    data = villages(10, seed=6).assign(w=lambda d: np.where(d.index % 4 == 0, 0.0, 1.0 + d.index % 3))
    data.loc[data.index % 8 == 0, "y"] = np.nan
    result, dropped = (boot(rows, weights="w", draws=99) for rows in (data, data[data["w"] > 0]))
    assert (result.estimate, result.std_error, result.p_value) == (dropped.estimate, dropped.std_error, dropped.p_value)
    counts = {c.code: c.facts["rows"] for c in result.cautions if "rows" in c.facts}
    assert counts == {"incomplete_rows": int((data.index % 8 == 0).sum()), "zero_weight": int((data.index % 8 == 4).sum())}


def test_the_words_promise_no_p_value_that_holds_with_any_number_of_clusters():
    said = WildClusterBootstrap.__doc__ or ""
    assert "however few" not in said
    assert "8.8 %" in said
