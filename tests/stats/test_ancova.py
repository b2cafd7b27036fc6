import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import nsw_mixtape

from evalapp.stats.attrition.attrition_weights import attrition_weights
from evalapp.stats.experiments.ancova import ancova
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "ancova_r.json").read_text())
WEIGHTED = json.loads((Path(__file__).parent / "reference" / "ancova_weights_r.json").read_text())
SAME_FORMULA = 1e-9  # relative; the reference is printed to 15 digits
ROOT_OF_A_MATRIX = 1e-8  # relative; R takes clusters' roots by eigenvalues
OTHER_ROOT = 2e-3  # relative; with weights clubSandwich takes the matrix root in outcome units, ours after weighting, both unbiased
AS_PRINTED = 5e-4  # the design document gives three decimals
INDIVIDUAL = ("HC0", "HC1", "HC2", "HC3")
TRUE_EFFECT, DRAWS = 0.4, 400
FOUR_SE = 4 * (0.05 * 0.95 / DRAWS) ** 0.5  # a share's Monte Carlo error


def experiment():
    # Stored in eight bits and single precision, which arithmetic on the columns would overflow and round.
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True).drop(columns="data_id").astype(float)
    return d.assign(site=d.index * 7 % 41, before=d["re75"].where(d.index % 9 != 0))


def full(cov="small_sample", cluster=None):
    return ancova(experiment(), "re78", "treat", "before", covariates=["age"], strata="nodegree", cluster=cluster, cov=cov)


def trial(seed=0, n=40):
    rng = np.random.default_rng(seed)
    treat = rng.permutation(np.repeat([0, 1], n // 2))
    before = rng.standard_normal(n)
    return pd.DataFrame({"y": TRUE_EFFECT * treat + 0.6 * before + rng.standard_normal(n), "treat": treat, "before": before})


def test_the_job_training_experiment_has_its_published_standard_errors():
    published = {"classical": 632.853, "HC1": 670.824, "HC2": 670.997, "HC3": 672.682}
    for cov, std_error in published.items():
        result = ancova(experiment(), "re78", "treat", cov=cov)
        assert result.estimate == pytest.approx(1794.342, abs=AS_PRINTED)
        assert result.std_error == pytest.approx(std_error, abs=AS_PRINTED)
    assert (result.n, result.treated, result.control) == (445, 185, 260)


def test_every_individual_standard_error_is_rs():
    for cov, name in (("classical", "const"), *zip(INDIVIDUAL, INDIVIDUAL, strict=True)):
        plain, adjusted = ancova(experiment(), "re78", "treat", cov=cov), full(cov)
        assert plain.std_error == pytest.approx(REFERENCE["plain"]["se"][name], rel=SAME_FORMULA)
        assert adjusted.std_error == pytest.approx(REFERENCE["full"]["se"][name], rel=SAME_FORMULA)
        assert adjusted.estimate == pytest.approx(REFERENCE["full"]["estimate"], rel=SAME_FORMULA)
        assert adjusted.df == 445 - 6


def test_every_clustered_standard_error_is_rs():
    for cov in ("CR0", "CR1", "CR1S"):
        result = full(cov, "site")
        assert result.std_error == pytest.approx(REFERENCE["full"]["se"][cov], rel=SAME_FORMULA)
        assert (result.df, result.clusters) == (40, 41)


def test_the_default_is_rs_cr2_or_hc2_with_satterthwaites_degrees_of_freedom():
    clustered, alone = full(cluster="site"), full()
    assert clustered.std_error == pytest.approx(REFERENCE["full"]["se"]["CR2"], rel=SAME_FORMULA)
    assert clustered.df == pytest.approx(REFERENCE["full"]["cr2_df"], rel=SAME_FORMULA)
    assert clustered.p_value == pytest.approx(REFERENCE["full"]["cr2_p"], rel=SAME_FORMULA)
    assert alone.std_error == pytest.approx(REFERENCE["full"]["hc2_estimatr"], rel=SAME_FORMULA)
    assert alone.df == pytest.approx(REFERENCE["full"]["hc2_df"], rel=SAME_FORMULA)
    assert (clustered.covariance, alone.covariance) == ("CR2", "HC2")
    assert "few_assigned_clusters" in [caution.code for caution in clustered.cautions]


def test_several_follow_ups_are_pooled_as_in_r_and_clustered_by_person():
    d = experiment()
    later = d.assign(re78=d["re78"] + 0.1 * d["re74"] + 10 * d["age"])
    long = pd.concat([d.assign(wave=1, person=d.index), later.assign(wave=2, person=d.index)])
    result = ancova(long, "re78", "treat", "re75", wave="wave", cluster="person")
    assert result.estimate == pytest.approx(REFERENCE["pooled"]["estimate"], rel=SAME_FORMULA)
    assert result.std_error == pytest.approx(REFERENCE["pooled"]["se"], rel=SAME_FORMULA)
    assert result.df == pytest.approx(REFERENCE["pooled"]["df"], rel=SAME_FORMULA)


def test_a_missing_baseline_keeps_the_person_and_is_counted():
    result = full()
    said = {caution.code: caution.facts for caution in result.cautions}
    assert result.n == 445
    assert said["missing_indicator"] == {"variable": "before", "rows": 50, "of": 445}


def test_a_person_without_an_outcome_is_left_out_and_counted():
    d = experiment()
    d.loc[:9, "re78"] = np.nan
    result = ancova(d, "re78", "treat", "re75")
    assert result.estimate == ancova(d.iloc[10:], "re78", "treat", "re75").estimate
    assert result.cautions[0].facts == {"rows": 10, "of": 445}


def test_a_collinear_covariate_changes_nothing():
    d = experiment().assign(months=lambda d: 12 * d["age"], one=1.0)
    plain = ancova(d, "re78", "treat", covariates=["age"])
    doubled = ancova(d, "re78", "treat", covariates=["age", "months", "one"])
    assert doubled.estimate == pytest.approx(plain.estimate, rel=SAME_FORMULA)
    assert (doubled.std_error, doubled.df) == pytest.approx((plain.std_error, plain.df), rel=SAME_FORMULA)


def test_a_stratum_with_one_arm_is_said():
    d = trial().assign(stratum=[0] * 37 + [1, 2, 3])
    result = ancova(d, "y", "treat", strata="stratum")
    assert result.cautions[-1].facts == {"strata": 3, "rows": 3}
    alone = ancova(d.iloc[:37], "y", "treat")
    assert (result.estimate, result.std_error) == pytest.approx((alone.estimate, alone.std_error), rel=SAME_FORMULA)


@pytest.mark.parametrize(("treated", "code"), [([1, 0, 0, 0], "single_treated"), ([1, 1, 1, 0], "single_control")])
def test_one_person_in_an_arm_has_an_estimate_without_an_interval(treated, code):
    result = ancova(pd.DataFrame({"y": [1.0, 2, 4, 3], "treat": treated}), "y", "treat")
    assert np.isfinite(result.estimate)
    assert np.isnan(result.std_error)
    assert [caution.code for caution in result.cautions] == [code]


@pytest.mark.parametrize(("group", "code"), [([0, 1, 2, 2], "single_control_cluster"), ([0, 0, 1, 2], "single_treated_cluster")])
def test_one_group_in_an_arm_has_no_interval(group, code):
    frame = pd.DataFrame({"y": [1.0, 2, 4, 3], "treat": [1, 1, 0, 0], "group": group})
    result = ancova(frame, "y", "treat", cluster="group")
    assert np.isnan(result.p_value)
    assert code in [caution.code for caution in result.cautions]


@pytest.mark.parametrize("values", [[3.0] * 4, [1.0, 1.0, 2.0, 2.0]])
def test_outcomes_that_leave_no_noise_are_said(values):
    result = ancova(pd.DataFrame({"y": values, "treat": [0, 0, 1, 1]}), "y", "treat")
    assert np.isnan(result.std_error)
    assert [caution.code for caution in result.cautions] == ["exact_fit"]


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"treat": 2}, {}, "code it 0 or 1"),
        ({"treat": 1}, {}, "needs both arms"),
        ({"treat": [np.nan, *[0, 1] * 19, 1]}, {}, "missing in 1 rows"),
        ({"y": np.nan}, {}, "missing in every row"),
        ({"y": np.inf}, {}, "infinite"),
        ({"y": "much"}, {}, "not a number"),
        ({"stratum": lambda d: d["treat"]}, {"strata": "stratum"}, "determine the arm"),
        ({"stratum": range(40)}, {"strata": "stratum"}, "determine the arm"),
        ({"wave": 1}, {"wave": "wave"}, "as cluster"),
        ({"site": 1}, {"cluster": "site"}, "one cluster"),
        ({"site": 1}, {"cluster": "site", "cov": "HC2"}, "choose small_sample, CR0"),
        ({}, {"cov": "CR2"}, "choose small_sample, classical"),
        ({}, {"covariates": ["before"]}, "named twice"),
        ({}, {"covariates": ["height"]}, "not in the data"),
        ({"before": np.nan}, {}, "leave it out"),
        ({}, {"level": 95}, "between 0 and 1"),
    ],
)
def test_nonsense_is_refused_with_its_mend(change, arguments, words):
    with pytest.raises(StatsError, match=words):
        ancova(trial().assign(**change), "y", "treat", "before", **arguments)


def test_more_columns_than_rows_are_refused():
    wide = pd.DataFrame(np.random.default_rng(1).standard_normal((6, 6)), columns=list("abcdef")).assign(treat=[0, 1] * 3)
    with pytest.raises(StatsError, match=r"determine the arm|rows for"):
        ancova(wide, "a", "treat", covariates=list("bcdef"))


def test_the_interval_covers_the_true_effect_and_the_baseline_sharpens_it():
    results = [(ancova(trial(seed), "y", "treat", "before"), ancova(trial(seed), "y", "treat")) for seed in range(DRAWS)]
    covered = np.mean([adjusted.conf_low <= TRUE_EFFECT <= adjusted.conf_high for adjusted, _ in results])
    assert covered == pytest.approx(0.95, abs=FOUR_SE)
    sharpened = np.mean([adjusted.std_error for adjusted, _ in results]) / np.mean([plain.std_error for _, plain in results])
    assert sharpened == pytest.approx((1 / 1.36) ** 0.5, abs=0.04)  # residual SDs 1 and sqrt(1.36); 0.04 is the draws' own spread


def test_permuted_treatment_centres_the_estimate_on_zero():
    d, rng = trial(3), np.random.default_rng(3)
    estimates = [ancova(d.assign(treat=rng.permutation(d["treat"])), "y", "treat", "before").estimate for _ in range(DRAWS)]
    assert abs(np.mean(estimates)) < 4 * np.std(estimates) / DRAWS**0.5


def weighted(cov="small_sample", cluster=None):
    data = experiment()
    w = (data.index * 13 % 29 / 10 + 0.2).where(data.index % 10 != 3, 0.0)
    options = {"covariates": ["age"], "strata": "nodegree", "cluster": cluster, "cov": cov}
    return ancova(data.assign(w=w), "re78", "treat", "before", weights="w", **options)


def test_every_weighted_standard_error_is_rs():
    for cov in ("classical", *INDIVIDUAL):
        assert weighted(cov).std_error == pytest.approx(WEIGHTED["se"][cov], rel=SAME_FORMULA)
    for cov in ("CR0", "CR1", "CR1S"):
        assert weighted(cov, "site").std_error == pytest.approx(WEIGHTED["se"][cov], rel=SAME_FORMULA)


def test_the_weighted_default_is_rs_cr2_or_hc2_with_satterthwaites_degrees_of_freedom():
    clustered, alone = weighted(cluster="site"), weighted()
    assert (alone.n, alone.estimate) == (WEIGHTED["n"], pytest.approx(WEIGHTED["estimate"], rel=SAME_FORMULA))
    assert alone.control_mean == pytest.approx(WEIGHTED["control_mean"], rel=SAME_FORMULA)
    assert alone.std_error == pytest.approx(WEIGHTED["hc2_estimatr"], rel=SAME_FORMULA)
    assert alone.df == pytest.approx(WEIGHTED["hc2_df"], rel=ROOT_OF_A_MATRIX)
    assert clustered.std_error == pytest.approx(WEIGHTED["se"]["CR2"], rel=OTHER_ROOT)
    assert clustered.df == pytest.approx(WEIGHTED["cr2_df"], rel=OTHER_ROOT)


def test_weighted_cr2_is_its_definition():
    data = trial(5, 60).assign(site=lambda d: d.index % 11, w=lambda d: 0.3 + d.index % 5)
    roots = np.sqrt(data["w"].to_numpy())
    X = np.column_stack([data["treat"], np.ones(60), data["before"]]) * roots[:, None]
    bread = np.linalg.inv(X.T @ X)
    M = np.eye(60) - X @ bread @ X.T
    residuals = M @ (roots * data["y"].to_numpy())
    loadings = np.zeros((11, 60))
    for g in range(11):
        own = data["site"].to_numpy() == g
        values, vectors = np.linalg.eigh(M[np.ix_(own, own)])
        loadings[g, own] = (bread @ X[own].T @ vectors / np.sqrt(values) @ vectors.T)[0]
    W = loadings @ M @ loadings.T
    result = ancova(data, "y", "treat", "before", cluster="site", weights="w")
    assert result.std_error == pytest.approx(np.sqrt(((loadings @ residuals) ** 2).sum()), rel=SAME_FORMULA)
    assert result.df == pytest.approx(np.trace(W) ** 2 / np.trace(W @ W), rel=SAME_FORMULA)


def test_weights_of_attrition_need_no_dropping_of_rows_beforehand():
    data = trial(3, 200).assign(answered=lambda d: (d["before"] + d.index % 3 > 0).astype(int))
    data["y"] = data["y"].where(data["answered"] == 1)
    data["w"] = attrition_weights(data, "answered", "treat", ["before"]).weights
    result = ancova(data, "y", "treat", weights="w")
    dropped = ancova(data[data["w"] > 0], "y", "treat", weights="w")
    assert (result.estimate, result.std_error, result.n) == (dropped.estimate, dropped.std_error, dropped.n)
    assert [(c.code, c.facts["rows"]) for c in result.cautions] == [("incomplete_rows", int((data["answered"] == 0).sum()))]


def test_equal_weights_of_any_size_change_nothing():
    plain, equal = (ancova(trial().assign(w=w), "y", "treat", "before", weights=name) for w, name in ((1, None), (7.5, "w")))
    assert equal.estimate == pytest.approx(plain.estimate, rel=SAME_FORMULA)
    assert (equal.std_error, equal.df) == pytest.approx((plain.std_error, plain.df), rel=SAME_FORMULA)


def test_negative_weights_and_weights_of_nobody_are_refused():
    for w, fault in ((-1.0, "weights must not be negative"), (0.0, "no weight above zero")):
        with pytest.raises(StatsError, match=fault):
            ancova(trial().assign(w=w), "y", "treat", weights="w")
