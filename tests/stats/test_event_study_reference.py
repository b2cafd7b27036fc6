"""The event study against pyfixest, diff-diff and its own definition."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.fixed_effects.event_study import event_study
from evalapp.stats.fixed_effects.two_way import twfe

REFERENCE = Path(__file__).parent / "reference"
# The peers' numbers are stored with twelve digits; diff-diff iterates to about 1e-11.
STORED = 1e-10
# Two closed forms of the same number differ by rounding only.
ROUNDING = 1e-11
PEERS = json.loads((REFERENCE / "event_study_peers.json").read_text())
VARIANTS = {
    "whole": {},
    "gaps": {},
    "weights": {"weights": "weight"},
    "cluster": {"cluster": "cluster"},
    "covariate": {"covariates": ["x"]},
    "everything": {"weights": "weight", "cluster": "cluster", "covariates": ["x"]},
}


@pytest.fixture(scope="module")
def mpdta():
    data = pd.read_csv(REFERENCE / "mpdta.csv").rename(columns={"first.treat": "cohort"})
    data["weight"], data["cluster"] = 1 + data.countyreal % 5, data.countyreal % 211
    data["x"] = data.lpop * (data.year - 2003) / 4 + (data.countyreal * data.year % 11) / 11
    return data


def estimate(data, variant, method):
    if variant in ("gaps", "everything"):
        data = data[(data.countyreal + data.year) % 7 != 0]
    return event_study(data, "lemp", "countyreal", "year", "cohort", method=method, **VARIANTS[variant])


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("method", ["sun_abraham", "dynamic_twfe"])
def test_regressions_equal_pyfixest(mpdta, variant, method):
    found, expected = estimate(mpdta, variant, method), PEERS[variant][method]
    assert found.table["event_time"].tolist() == expected["event_time"]
    np.testing.assert_allclose(found.table["estimate"], expected["estimate"], rtol=0, atol=STORED)
    np.testing.assert_allclose(found.table["std_error"], expected["std_error"], rtol=0, atol=STORED)
    np.testing.assert_allclose(found.covariance, expected["covariance"], rtol=0, atol=STORED)
    np.testing.assert_allclose([found.overall.estimate, found.overall.std_error], expected["overall"], rtol=0, atol=STORED)
    assert found.pretest.statistic == pytest.approx(expected["F"], abs=STORED)
    assert found.n == expected["N"]
    assert found.standard_errors == "cr1"


def test_sun_abraham_equals_pyfixests_own_average(mpdta):
    found, expected = estimate(mpdta, "whole", "sun_abraham"), PEERS["pyfixest_aggregate"]
    np.testing.assert_allclose(found.table["estimate"], expected["estimate"], rtol=0, atol=STORED)
    np.testing.assert_allclose(found.table["std_error"], expected["std_error"], rtol=0, atol=STORED)
    assert found.table.set_index("event_time")["estimate"][0] == pytest.approx(-0.0199, abs=5e-5)


@pytest.mark.parametrize("variant", VARIANTS)
def test_leads_of_the_imputation_equal_pyfixest(mpdta, variant):
    found, expected = estimate(mpdta, variant, "imputation"), PEERS[variant]["leads"]
    leads = found.table[found.table["event_time"] < 0]
    assert leads["event_time"].tolist() == expected["event_time"]
    np.testing.assert_allclose(leads["estimate"], expected["estimate"], rtol=0, atol=STORED)
    np.testing.assert_allclose(leads["std_error"], expected["std_error"], rtol=0, atol=STORED)
    assert found.pretest.statistic == pytest.approx(expected["F"], abs=STORED)


@pytest.mark.parametrize("variant", ["whole", "gaps", "cluster", "covariate"])
def test_the_imputation_equals_diff_diff(mpdta, variant):
    found, expected = estimate(mpdta, variant, "imputation"), PEERS[variant]["imputation"]
    effects = found.table[found.table["event_time"] >= 0]
    np.testing.assert_allclose([found.overall.estimate, found.overall.std_error], expected["overall"], rtol=0, atol=STORED)
    np.testing.assert_allclose(effects["estimate"], expected["estimate"], rtol=0, atol=STORED)
    np.testing.assert_allclose(effects["std_error"], expected["std_error"], rtol=0, atol=STORED)


def test_the_imputation_on_mpdta_gives_the_published_numbers(mpdta):
    overall = estimate(mpdta, "whole", "imputation").overall
    assert overall.estimate == pytest.approx(-0.04771, abs=5e-6)
    assert overall.std_error == pytest.approx(0.01322, abs=5e-6)


def test_the_imputation_equals_its_definition_with_weights_and_gaps(mpdta):
    """Dense dummies: estimate v'y, standard error from v e with treated residuals centred by cohort and period with weights v^2."""
    found = estimate(mpdta, "everything", "imputation")
    data = mpdta[(mpdta.countyreal + mpdta.year) % 7 != 0].reset_index(drop=True)
    treated = ((data.cohort > 0) & (data.year >= data.cohort)).to_numpy()
    kept = ~treated | data.countyreal.isin(data.countyreal[~treated]).to_numpy()
    data, treated = data[kept].reset_index(drop=True), treated[kept]
    design = pd.get_dummies(data[["countyreal", "year"]].astype(str), dtype=float).to_numpy()
    design = np.column_stack([design, data.x])
    w, y = data.weight.to_numpy(float), data.lemp.to_numpy()
    a = np.where(treated, w, 0) / w[treated].sum()
    X0, w0 = design[~treated], w[~treated]
    v = a.copy()
    v[~treated] = -(w0[:, None] * X0) @ np.linalg.pinv(X0.T @ (w0[:, None] * X0)) @ (design.T @ a)
    b = np.linalg.lstsq(np.sqrt(w0)[:, None] * X0, np.sqrt(w0) * y[~treated], rcond=None)[0]
    e = pd.Series(y - design @ b)
    cells = data[treated].groupby(["cohort", "year"]).groups
    for rows in cells.values():
        e[rows] -= np.average(e[rows], weights=v[rows] ** 2)
    score = pd.Series(v * e).groupby(data.cluster).sum()
    assert found.overall.estimate == pytest.approx(v @ y, abs=1e-8)
    assert found.overall.std_error == pytest.approx(np.sqrt((score**2).sum()), abs=1e-8)


def test_sun_abraham_without_covariates_averages_the_group_time_effects(mpdta):
    found = estimate(mpdta, "whole", "sun_abraham")
    other = att_gt(mpdta, "lemp", "countyreal", "year", "cohort", base_period="universal", inference="classical")
    table = other.aggregate("dynamic").table.set_index("event_time").drop(index=-1)
    np.testing.assert_allclose(found.table["estimate"], table["att"], rtol=0, atol=ROUNDING)


def test_with_few_clusters_and_one_cohort_it_is_twfe_with_cr2():
    rng = np.random.default_rng(3)
    data = pd.DataFrame({"unit": np.repeat(np.arange(24), 2), "time": np.tile([1, 2], 24)})
    data["cohort"] = np.where(data.unit < 9, 2, 0)
    data["d"] = ((data.cohort > 0) & (data.time == 2)).astype(float)
    data["y"] = rng.normal(size=48) * np.where(data.unit < 9, 3, 1)
    found = event_study(data, "y", "unit", "time", "cohort")
    other = twfe(data, "y", "unit", "time", "d", cov="cr2").table.iloc[0]
    row = found.table.iloc[0]
    assert found.standard_errors == "cr2"
    for column in ("estimate", "std_error", "df", "p_value", "conf_low"):
        assert row[column] == pytest.approx(other[column], abs=1e-9)
