import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from causaldata import nsw_mixtape

from evalapp.stats.experiments.level_ratio import level_ratio
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "level_ratio_r.json").read_text())
WEIGHTED = json.loads((Path(__file__).parent / "reference" / "level_ratio_weights_r.json").read_text())
SAME_FIT = 1e-9  # relative
LAST_WEIGHTS = 1e-7  # relative; R's weights are those of the iteration before the last
OTHER_ROOT = 2e-4  # relative; clubSandwich takes the matrix root in outcome units, ours after weighting, both unbiased
OTHER_WEIGHTED_ROOT = 3e-3  # relative; the same, and with weights the two roots differ more
DRAWS = 300


def experiment():
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True).drop(columns="data_id").astype(float)
    return d.assign(site=d.index * 7 % 41)


def shop(seed=0, n=120, ratio=1.5):
    rng = np.random.default_rng(seed)
    treat = rng.permutation(np.repeat([0, 1], n // 2))
    sold = np.exp(rng.standard_normal(n)) * (rng.random(n) < 0.7) * np.where(treat == 1, ratio, 1)
    return pd.DataFrame({"sales": 1000 * sold, "treat": treat})


def test_the_ratio_is_that_of_the_mean_levels_zeros_included():
    d = experiment()
    means = d.groupby("treat")["re78"].mean()
    result = level_ratio(d, "re78", "treat")
    assert result.ratio == pytest.approx(means[1] / means[0], rel=SAME_FIT)
    assert result.change == pytest.approx(1794.342 / means[0], rel=1e-6)  # the effect is printed to seven digits
    assert (result.n, result.zeros) == (445, (d["re78"] == 0).sum())


def test_hc2_and_its_degrees_of_freedom_are_rs():
    ours, r = level_ratio(experiment(), "re78", "treat"), REFERENCE["plain"]
    assert ours.log_ratio == pytest.approx(r["log_ratio"], rel=SAME_FIT)
    assert (ours.std_error, ours.df, ours.p_value) == pytest.approx((r["se"], r["df"], r["p"]), rel=LAST_WEIGHTS)


def test_clustered_errors_within_strata_are_rs_but_for_the_matrix_root():
    ours = level_ratio(experiment(), "re78", "treat", covariates=["age"], strata="nodegree", cluster="site")
    r = REFERENCE["clustered"]
    assert ours.log_ratio == pytest.approx(r["log_ratio"], rel=SAME_FIT)
    assert (ours.std_error, ours.df) == pytest.approx((r["se"], r["df"]), rel=OTHER_ROOT)
    assert ours.covariance == "CR2"


def weighted(**options):
    d = experiment().assign(w=lambda d: (d.index * 13 % 29 / 10 + 0.2).where(d.index % 10 != 3, 0.0))
    return level_ratio(d, "re78", "treat", weights="w", **options)


@pytest.mark.parametrize(("name", "options"), [("plain", {}), ("adjusted", {"covariates": ["age"], "strata": "nodegree"})])
def test_weighted_hc2_and_its_degrees_of_freedom_are_rs(name, options):
    ours, r = weighted(**options), WEIGHTED[name]
    assert (ours.n, ours.log_ratio) == (WEIGHTED["n"], pytest.approx(r["log_ratio"], rel=SAME_FIT))
    assert (ours.std_error, ours.df) == pytest.approx((r["se"], r["df"]), rel=LAST_WEIGHTS)


def test_weighted_clustered_errors_within_strata_are_rs_but_for_the_matrix_root():
    ours, r = weighted(covariates=["age"], strata="nodegree", cluster="site"), WEIGHTED["clustered"]
    assert ours.log_ratio == pytest.approx(r["log_ratio"], rel=SAME_FIT)
    assert (ours.std_error, ours.df) == pytest.approx((r["se"], r["df"]), rel=OTHER_WEIGHTED_ROOT)


@pytest.mark.parametrize("cluster", [None, "site"])
@pytest.mark.parametrize("kind", ["freq_weights", "var_weights"])
def test_weighted_ratios_are_statsmodels_with_the_variance_of_the_definition(cluster, kind):
    d = shop().assign(w=lambda d: 0.3 + d.index % 5, site=lambda d: d.index % 11, age=lambda d: 20.0 + d.index * 7 % 31)
    X = np.column_stack([d["treat"], np.ones(len(d)), d["age"]]).astype(float)
    # In units of the mean, which statsmodels' stopping rule fits.
    y, w = (d["sales"] / d["sales"].mean()).to_numpy(), d["w"].to_numpy()
    fit = sm.GLM(y, X, family=sm.families.Poisson(), **{kind: w}).fit(tol=1e-14, maxiter=200)
    mu = fit.fittedvalues
    Z = np.sqrt(w * mu)[:, None] * X
    bread = np.linalg.inv(Z.T @ Z)
    M = np.eye(len(d)) - Z @ bread @ Z.T
    group = d.index.to_numpy() if cluster is None else d["site"].to_numpy()
    loadings = np.zeros((group.max() + 1, len(d)))
    for g in np.unique(group):
        own = group == g
        values, vectors = np.linalg.eigh(M[np.ix_(own, own)])
        loadings[g, own] = (bread @ Z[own].T @ vectors / np.sqrt(values) @ vectors.T)[0]
    scores, W = loadings @ (np.sqrt(w / mu) * (y - mu)), loadings @ M @ loadings.T
    ours = level_ratio(d, "sales", "treat", covariates=["age"], cluster=cluster, weights="w")
    assert ours.log_ratio == pytest.approx(fit.params[0], rel=SAME_FIT)
    assert ours.std_error == pytest.approx(np.sqrt((scores**2).sum()), rel=SAME_FIT)
    assert ours.df == pytest.approx(np.trace(W) ** 2 / np.trace(W @ W), rel=SAME_FIT)


def test_the_weighted_ratio_is_that_of_the_weighted_means_and_equal_weights_change_nothing():
    d = shop().assign(w=lambda d: 0.3 + d.index % 5)
    means = [np.average(arm["sales"], weights=arm["w"]) for _, arm in d.groupby("treat")]
    assert level_ratio(d, "sales", "treat", weights="w").ratio == pytest.approx(means[1] / means[0], rel=SAME_FIT)
    plain, equal = level_ratio(d, "sales", "treat"), level_ratio(d.assign(w=7.5), "sales", "treat", weights="w")
    assert (equal.ratio, equal.std_error, equal.df) == pytest.approx((plain.ratio, plain.std_error, plain.df), rel=SAME_FIT)


def test_the_unit_of_money_does_not_matter():
    d = shop()
    won, thousands = level_ratio(d, "sales", "treat"), level_ratio(d.assign(sales=d["sales"] / 1000), "sales", "treat")
    assert (won.ratio, won.std_error) == pytest.approx((thousands.ratio, thousands.std_error), rel=SAME_FIT)


def test_the_interval_covers_the_true_ratio():
    results = [level_ratio(shop(seed), "sales", "treat") for seed in range(DRAWS)]
    covered = np.mean([r.conf_low <= 1.5 <= r.conf_high for r in results])
    assert covered == pytest.approx(0.95, abs=4 * (0.05 * 0.95 / DRAWS) ** 0.5)


def test_too_little_variation_is_said():
    result = level_ratio(pd.DataFrame({"sales": [2.0, 2, 3, 3], "treat": [0, 0, 1, 1]}), "sales", "treat")
    assert result.ratio == pytest.approx(1.5)
    assert np.isnan(result.p_value)
    assert [caution.code for caution in result.cautions] == ["not_estimated"]


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"sales": lambda d: d["sales"] - 5000}, {}, "use levels"),
        ({"sales": lambda d: d["sales"] * d["treat"]}, {}, "0 for every control"),
        ({"sales": 0.0}, {}, "0 for every treated"),
        ({"kind": lambda d: d.index // 60, "sales": lambda d: d["sales"] * (d.index < 60)}, {"strata": "kind"}, "merge it"),
        ({"treat": 3}, {}, "code it 0 or 1"),
        ({"w": 0.0}, {"weights": "w"}, "no weight above zero"),
    ],
)
def test_nonsense_is_refused_with_its_mend(change, arguments, words):
    with pytest.raises(StatsError, match=words):
        level_ratio(shop().assign(**change), "sales", "treat", **arguments)


def test_an_interval_beyond_what_a_computer_can_hold_is_open_without_a_warning():
    gap = np.nan
    data = pd.DataFrame(
        {
            "y": [0.0, 35.0, 0.0, 1.0, 0.0, 30.0],
            "treat": [0, 0, 0, 0, 1, 1],
            "before": [gap, gap, 2.0, 10.0, gap, 0.0],
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = level_ratio(data, "y", "treat", covariates=["before"])
    assert result.conf_low < result.ratio
    assert result.conf_high == np.inf
