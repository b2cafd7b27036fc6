import json
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from linearmodels.datasets import jobtraining
from scipy.stats import t as student_t

from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.simulation.programme_spec import ProgrammeSpec
from evalapp.stats.simulation.simulate import simulate_programme
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
PYFIXEST = json.loads((REFERENCE / "two_way_pyfixest.json").read_text())
SAME_FORMULA = 1e-8  # relative; both programs remove the effects iteratively when the panel is unbalanced
AS_PRINTED = 5e-5  # four decimals
ROUNDING = 1e-10


def mpdta():
    m = pd.read_csv(REFERENCE / "mpdta.csv").rename(columns={"first.treat": "cohort"})
    m["treated"] = ((m.cohort > 0) & (m.year >= m.cohort)).astype(float)
    m["trend"] = m.lpop * (m.year - 2003)
    m["state"] = m.countyreal // 1000
    return m


def test_the_two_way_estimate_and_its_error_on_mpdta_are_fixests():
    result = twfe(mpdta(), "lemp", "countyreal", "year", "treated")
    assert result.estimate == pytest.approx(-0.03655, abs=5e-6)
    assert result.std_error == pytest.approx(0.0132652, abs=5e-8)
    assert result.estimate == pytest.approx(PYFIXEST["plain"]["estimate"], rel=ROUNDING)
    assert result.std_error == pytest.approx(PYFIXEST["plain"]["std_error"], rel=ROUNDING)
    assert result.r_squared == pytest.approx(PYFIXEST["plain"]["r2"], rel=ROUNDING)
    assert result.r_squared_within == pytest.approx(PYFIXEST["plain"]["r2_within"], rel=ROUNDING)
    assert (result.n, result.units, result.periods, result.clusters, result.cautions) == (2500, 500, 5, 500, ())
    assert result.table["p_value"].iloc[0] == pytest.approx(2 * student_t.sf(abs(result.estimate / result.std_error), 499))


@pytest.mark.parametrize(
    "case", PYFIXEST["cases"], ids=lambda c: "-".join(str(c[k]) for k in ("sample", "weights", "cov", "time_effects"))
)
def test_every_covariance_matches_pyfixest(case):
    m = mpdta()
    if case["sample"] == "unbalanced":
        m = m[(m.countyreal + 7 * m.year) % 9 != 0]
    cov = {"county": "cr1", "state": "cr1"}.get(case["cov"], case["cov"])
    cluster = "state" if case["cov"] == "state" else None
    result = twfe(
        m.sample(frac=1, random_state=3),
        "lemp",
        "countyreal",
        "year",
        "treated",
        covariates=["trend"],
        cluster=cluster,
        weights=case["weights"],
        time_effects=case["time_effects"],
        cov=cov,
    )
    assert result.n == case["n"]
    assert result.table["estimate"].tolist() == pytest.approx(case["estimates"], rel=SAME_FORMULA)
    assert result.table["std_error"].tolist() == pytest.approx(case["std_errors"], rel=SAME_FORMULA)


def test_job_training_grants_come_out_as_in_wooldridge():
    terms = ("d88", "d89", "grant", "grant_1")
    result = twfe(jobtraining.load(), "lscrap", "fcode", "year", regressors=terms, time_effects=False, cov="classical")
    assert result.table["term"].tolist() == list(terms)
    assert result.table["estimate"].tolist() == pytest.approx([-0.0802, -0.2472, -0.2523, -0.4216], abs=AS_PRINTED)
    assert result.table["std_error"].tolist() == pytest.approx([0.1095, 0.1332, 0.1506, 0.2102], abs=AS_PRINTED)
    assert (result.n, result.units) == (162, 54)
    assert [caution.code for caution in result.cautions] == ["incomplete_rows"]


def cr2_by_definition(m, X_terms, cluster, weights):
    """Every unit and period dummy written out, every cluster's block of I - H inverted by its own generalised root."""
    root_weights = np.sqrt(weights)
    D = pd.get_dummies(m[["countyreal", "year"]].astype(str)).to_numpy(float)
    X = np.column_stack([m[X_terms].to_numpy(float), D]) * root_weights[:, None]
    M = np.linalg.pinv(X.T @ X, rcond=1e-10, hermitian=True)
    y = m["lemp"].to_numpy() * root_weights
    e = y - X @ (M @ (X.T @ y))
    residual_maker = np.eye(len(m)) - X @ M @ X.T
    P = np.zeros((len(m), m[cluster].nunique()))
    for g, label in enumerate(sorted(m[cluster].unique())):
        inside = (m[cluster] == label).to_numpy()
        values, vectors = np.linalg.eigh(residual_maker[np.ix_(inside, inside)])
        root = vectors @ np.diag(np.where(values > 1e-9, np.maximum(values, 1e-9) ** -0.5, 0)) @ vectors.T
        P[inside, g] = root @ (X[inside] @ M[:, 0])
    omega = P.T @ residual_maker @ P
    return np.sqrt(((P.T @ e) ** 2).sum()), np.trace(omega) ** 2 / (omega**2).sum()


@pytest.mark.parametrize("weights", [None, "lpop"])
def test_cr2_with_effects_removed_first_is_cr2_by_definition(weights):
    m = mpdta()
    m = m[m.state.isin(sorted(m.state.unique())[:14])].reset_index(drop=True)
    m = m[(m.countyreal + 7 * m.year) % 9 != 0]
    std_error, df = cr2_by_definition(m, ["treated", "trend"], "state", m[weights].to_numpy() if weights else np.ones(len(m)))
    result = twfe(m, "lemp", "countyreal", "year", "treated", covariates=["trend"], cluster="state", weights=weights)
    assert result.covariance == "cr2"
    assert result.std_error == pytest.approx(std_error, rel=SAME_FORMULA)
    assert result.table["df"].iloc[0] == pytest.approx(df, rel=SAME_FORMULA)


def test_few_clusters_are_said_and_get_bias_reduced_errors():
    result = twfe(mpdta(), "lemp", "countyreal", "year", "treated", cluster="state")
    assert [caution.code for caution in result.cautions] == ["few_clusters"]
    assert (result.covariance, result.clusters) == ("cr2", 29)
    assert result.table["df"].iloc[0] < result.clusters - 1


def test_few_treated_among_many_clusters_are_said_and_get_bias_reduced_errors():
    panel = simulate_programme(ProgrammeSpec((4,), (2,), 80, 2)).panel
    result = twfe(panel, "profit_krw", "study_id", "wave", "treated")
    assert [caution.code for caution in result.cautions] == ["few_treated_clusters"]
    assert result.covariance == "cr2"


def test_a_single_treated_cluster_gets_an_estimate_but_no_error():
    panel = simulate_programme(ProgrammeSpec((1,), (2,), 60, 2)).panel
    result = twfe(panel, "profit_krw", "study_id", "wave", "treated")
    assert np.isfinite(result.estimate)
    assert result.table[["std_error", "p_value", "conf_low"]].isna().all(axis=None)
    assert "single_treated_cluster" in [caution.code for caution in result.cautions]


def test_incomplete_rows_and_people_seen_once_are_counted_not_hidden():
    m = mpdta()
    m.loc[m.index[0], "lemp"] = np.nan
    once = m["countyreal"].eq(m["countyreal"].iloc[-1]) & m["year"].gt(2003)
    result = twfe(m[~once], "lemp", "countyreal", "year", "treated")
    assert {caution.code: caution.facts["rows"] for caution in result.cautions} == {"incomplete_rows": 1, "seen_once": 1}
    assert (result.n, result.units) == (2494, 499)


def test_the_order_of_rows_and_the_kind_of_labels_do_not_matter():
    m = mpdta()
    renamed = m.assign(countyreal="c" + m["countyreal"].astype(str), year=pd.to_datetime(m["year"].astype(str) + "-01-01"))
    shuffled = twfe(renamed.sample(frac=1, random_state=1), "lemp", "countyreal", "year", "treated")
    assert shuffled.estimate == pytest.approx(-0.03654893667406, rel=1e-9)
    assert shuffled.std_error == pytest.approx(PYFIXEST["plain"]["std_error"], rel=1e-9)


@pytest.mark.parametrize(
    ("covariates", "absorbed"), [(["trend", "lpop"], "lpop"), (["lpop", "trend"], "lpop"), (["trend", "double"], "double")], ids=str
)
def test_a_regressor_the_effects_absorb_is_named(covariates, absorbed):
    m = mpdta().assign(double=lambda d: 2 * d.trend - d.treated)
    with pytest.raises(StatsError, match=f"'{absorbed}' is absorbed"):
        twfe(m, "lemp", "countyreal", "year", "treated", covariates=covariates)


def test_a_constant_and_a_hidden_constant_are_absorbed_too():
    m = mpdta().assign(one=1.0, untreated=lambda d: 1 - d.treated)
    with pytest.raises(StatsError, match="'one' is absorbed"):
        twfe(m, "lemp", "countyreal", "year", "treated", covariates=["one"])
    with pytest.raises(StatsError, match="'untreated' is absorbed"):
        twfe(m, "lemp", "countyreal", "year", "treated", covariates=["untreated"])


def broken(**columns):
    return mpdta().assign(**columns)


@pytest.mark.parametrize(
    ("panel", "arguments", "message"),
    [
        (broken, {"covariates": ["age"]}, "'age' is not in the data"),
        (broken, {"covariates": ["treated"]}, "'treated' is named twice"),
        (lambda: broken(lemp="low"), {}, "'lemp' holds 'low', which is not a number"),
        (lambda: broken(lemp=np.inf), {}, "'lemp' holds an infinite value"),
        (lambda: broken(lemp=lambda d: d.lemp * 1e200), {}, "'lemp' reaches 1.04427e.201, whose square"),
        (lambda: broken(lemp=lambda d: d.lemp * 1e-200), {}, "'lemp' reaches 1.04427e-199, whose square"),
        (lambda: broken(lemp=3.0), {}, "'lemp' never changes within a unit"),
        (lambda: broken(lemp=np.nan), {}, "No unit has two complete rows"),
        (lambda: broken(year=2003), {}, "stands twice"),
        (lambda: broken(w=-1.0), {"weights": "w"}, "weights must not be negative"),
        (broken, {"level": 95}, "level is 95"),
        (broken, {"cov": "hac"}, "cov is 'hac'"),
        (lambda: broken(one=1), {"cluster": "one"}, "All rows are in one cluster"),
        (lambda: broken().iloc[:0], {}, "no rows"),
        (lambda: broken().iloc[:5], {}, "No unit has two complete rows"),
        (lambda: broken().iloc[[0, 1, 5, 6]], {"covariates": ["trend"]}, "4 complete rows for 5 coefficients"),
        (lambda: broken(countyreal=np.nan), {}, "'countyreal' has 2500 missing"),
        (lambda: broken(site=lambda d: d.year % 2), {"cluster": "site", "cov": "cr2"}, "needs each unit in one cluster"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(panel, arguments, message):
    with pytest.raises(StatsError, match=message):
        twfe(panel(), "lemp", "countyreal", "year", "treated", **arguments)


def test_no_term_is_refused():
    with pytest.raises(StatsError, match="name a treatment or regressors"):
        twfe(mpdta(), "lemp", "countyreal", "year")


def test_an_exact_fit_gives_the_effect_and_a_caution_instead_of_a_zero_error():
    m = mpdta()
    m["lemp"] = m["countyreal"] % 7 + m["year"] - 2000 + 2.0 * m["treated"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = twfe(m, "lemp", "countyreal", "year", "treated")
    assert result.estimate == pytest.approx(2, abs=ROUNDING)
    assert "exact_fit" in [caution.code for caution in result.cautions]
    assert np.isnan(result.std_error)


def test_weight_zero_leaves_a_row_out_after_rows_without_an_outcome_and_is_counted():
    m = mpdta()
    m["w"] = m["lpop"].where(m["countyreal"] % 7 > 0, 0.0)
    unanswered = (m["w"] == 0) & (m["year"] == 2005)
    m.loc[unanswered, "lemp"] = np.nan
    result, dropped = (twfe(data, "lemp", "countyreal", "year", "treated", weights="w") for data in (m, m[m["w"] > 0]))
    pd.testing.assert_frame_equal(result.table, dropped.table)
    zero = int((m["w"] == 0).sum() - unanswered.sum())
    counted = [(c.code, c.facts["rows"]) for c in result.cautions][:2]
    assert counted == [("incomplete_rows", int(unanswered.sum())), ("zero_weight", zero)]


def test_weights_that_let_nobody_count_are_refused():
    with pytest.raises(StatsError, match="'w' has no weight above zero"):
        twfe(broken(w=0.0), "lemp", "countyreal", "year", "treated", weights="w")
