import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from causaldata import nsw_mixtape

from evalapp.stats.experiments.balance import balance_table
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "balance_r.json").read_text())
SAME_FORMULA = 1e-9  # relative; the reference is printed to 15 digits
VARIABLES = ["age", "educ", "black", "re74"]


def experiment():
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True)
    return d.assign(site=d.index * 7 % 41)


def people(**columns):
    return pd.DataFrame({"treat": [0, 0, 0, 1, 1, 1], "age": [30.0, 40, 50, 35, 45, 58]} | columns)


def test_means_sds_and_welch_errors_are_rs():
    table = balance_table(experiment(), VARIABLES, "treat").table.set_index("variable")
    for line in REFERENCE["lines"]:
        ours = table.loc[line["variable"]]
        for column in ("mean_treated", "sd_treated", "mean_control", "sd_control", "difference"):
            assert ours[column] == pytest.approx(line[column], rel=SAME_FORMULA)
        assert ours["std_error"] == pytest.approx(line["welch_se"], rel=SAME_FORMULA)
        assert ours["std_error"] == pytest.approx(line["hc2_se"], rel=SAME_FORMULA)
        pooled = np.sqrt((line["sd_treated"] ** 2 + line["sd_control"] ** 2) / 2)
        assert ours["normalised_difference"] == pytest.approx(line["difference"] / pooled, rel=SAME_FORMULA)


def test_clustered_differences_within_strata_are_rs():
    result = balance_table(experiment(), VARIABLES, "treat", cluster="site", strata="nodegree")
    table = result.table.set_index("variable")
    for line in REFERENCE["lines"]:
        ours = table.loc[line["variable"]]
        assert ours["difference"] == pytest.approx(line["clustered_difference"], rel=SAME_FORMULA)
        assert ours["std_error"] == pytest.approx(line["cr2_se"], rel=SAME_FORMULA)
    assert result.clusters == 41
    assert result.cautions[0].code == "few_clusters"


def test_the_joint_test_is_rs_anova_and_when_clustered_rs_wald_test():
    plain = balance_table(experiment(), VARIABLES, "treat").joint
    assert plain.statistic == pytest.approx(REFERENCE["joint"]["f"], rel=SAME_FORMULA)
    assert plain.p_value == pytest.approx(REFERENCE["joint"]["p"], rel=SAME_FORMULA)
    assert (plain.df_num, plain.df_den, plain.n) == (4, 440, 445)
    clustered = balance_table(experiment(), VARIABLES, "treat", cluster="site").joint
    assert clustered.statistic == pytest.approx(REFERENCE["joint_clustered"]["f"], rel=SAME_FORMULA)
    assert clustered.p_value == pytest.approx(REFERENCE["joint_clustered"]["p"], rel=SAME_FORMULA)
    assert clustered.df_den == 40


def test_statsmodels_agrees_on_hc2_and_on_the_stratified_joint_test():
    d = experiment()
    ours = balance_table(d, VARIABLES, "treat", strata="nodegree")
    X = sm.add_constant(d[["treat", "nodegree"]].astype(float))
    hc2 = sm.OLS(d["educ"].astype(float), X).fit(cov_type="HC2")
    assert ours.table.set_index("variable").loc["educ", "std_error"] == pytest.approx(hc2.bse["treat"], rel=SAME_FORMULA)
    full = sm.OLS(d["treat"].astype(float), sm.add_constant(d[[*VARIABLES, "nodegree"]].astype(float))).fit()
    test = full.f_test(np.eye(6)[1:5])
    assert ours.joint.statistic == pytest.approx(float(test.fvalue), rel=SAME_FORMULA)
    assert (ours.joint.df_den, ours.joint.p_value) == (int(test.df_denom), pytest.approx(float(test.pvalue), rel=SAME_FORMULA))


def test_equal_arms_have_the_pooled_degrees_of_freedom():
    row = balance_table(people(), ["age"], "treat").table.iloc[0]
    assert row["df"] == pytest.approx(4)
    assert row["conf_low"] < row["difference"] < row["conf_high"]


def test_missing_answers_are_counted_and_never_filled():
    d = experiment()
    d.loc[d.index[:10], "educ"] = np.nan
    result = balance_table(d, VARIABLES, "treat")
    complete = balance_table(d.iloc[10:], VARIABLES, "treat")
    educ = result.table.set_index("variable").loc["educ"]
    assert (educ["missing"], educ["n_control"] + educ["n_treated"]) == (10, 435)
    assert educ["difference"] == complete.table.set_index("variable").loc["educ", "difference"]
    assert (result.joint.n, result.joint.statistic) == (435, pytest.approx(complete.joint.statistic))


def test_a_large_difference_is_said():
    result = balance_table(people(age=[30.0, 40, 50, 60, 70, 80]), ["age"], "treat")
    assert [(caution.code, caution.facts["variable"]) for caution in result.cautions] == [("imbalance", "age")]
    assert "age" in result.cautions[0].officer


def test_an_answer_everyone_gave_has_no_test_and_says_so():
    result = balance_table(people(same=7.3), ["age", "same"], "treat")
    row = result.table.iloc[1]
    assert (row["difference"], row["n_control"]) == (pytest.approx(0, abs=1e-12), 3)
    assert np.isnan(row["p_value"])
    assert {"no_variation", "joint_test_impossible"} <= {caution.code for caution in result.cautions}
    assert result.joint is None


def test_a_variable_that_is_the_stratum_has_no_test_but_keeps_its_normalised_difference():
    d = experiment()
    result = balance_table(d, ["nodegree", "age"], "treat", strata="nodegree")
    row = result.table.iloc[0]
    assert np.isnan(row["std_error"])
    assert row["normalised_difference"] < -0.25
    assert [caution.code for caution in result.cautions] == ["no_variation", "imbalance", "joint_test_impossible"]


@pytest.mark.parametrize("known", [[0, 1, 2, 3], [0, 1, 2], [3]])
def test_an_arm_with_fewer_than_two_answers_is_not_tested(known):
    values = pd.Series(np.nan, index=range(6))
    values[known] = np.arange(len(known)) + 1.0
    result = balance_table(people(rare=values), ["rare"], "treat")
    assert np.isnan(result.table.iloc[0]["p_value"])
    assert "too_few_answers" in [caution.code for caution in result.cautions]


def test_an_arm_of_one_cluster_is_not_tested():
    result = balance_table(people(site=[1, 2, 3, 4, 4, 4]), ["age"], "treat", cluster="site")
    assert np.isnan(result.table.iloc[0]["std_error"])
    assert {"too_few_answers", "few_clusters"} <= {caution.code for caution in result.cautions}


@pytest.mark.parametrize(
    ("data", "variables", "message"),
    [
        (people(treat=1), ["age"], "'treat' is 1 for everyone"),
        (people(treat=[0, 0, 0, 1, 1, 2]), ["age"], "'treat' holds 2; code it 0 or 1"),
        (people(treat=[0, 0, 0, 1, 1, None]), ["age"], "'treat' is missing for 1 rows"),
        (people(age=list("abcdef")), ["age"], "'age' holds 'a', which is not a number"),
        (people(), [], "at least one column"),
        (people(), ["age", "age"], "only once"),
        (people(), ["income"], "'income' is not in the data"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(data, variables, message):
    with pytest.raises(StatsError, match=message):
        balance_table(data, variables, "treat")
