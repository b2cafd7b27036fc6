import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.scales.nested_models import nested_models, stars
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
SAME_FORMULA = 1e-8  # relative; the sandwich is a closed form, R and statsmodels solve by different decompositions


@pytest.fixture(scope="module")
def r_reference():
    return json.loads((REFERENCE / "r_components.json").read_text())["regression"]


@pytest.fixture(scope="module")
def survey():
    raw = pd.read_csv(REFERENCE / "calibrated_baseline_131.csv").set_index("study_id")
    member = (raw[["kwp_member", "kwp_mother", "kwp_father"]] == "yes").any(axis=1)
    items = [f"difficulty_{name}" for name in ("sales", "supplies", "recruitment", "marketing")]
    columns = {
        "party_background": member,
        "market_experience": raw["market_experience"] == "yes",
        "firm_age": 2018 - raw["firm_start_year"],
        "female": raw["gender"] == "female",
        "age_decades": (2018 - raw["birth_year"]) / 10,
        "prc_exposure": raw["china_stay"].isin(["4-5", "over 5"]),
        "university": raw["education_north"] == "university",
        "years_south": 2018 - raw["arrival_year"],
        "previous_firm": raw["previous_firm"] == "yes",
        "sole_proprietor": raw["employees_max"] == 0,
        "service_industry": raw["industry"].isin(["retail", "catering", "individual services", "entertainment"]),
        "item_mean": raw[items].mean(axis=1),
    }
    return pd.DataFrame(columns)


CONTROLS = [
    "female",
    "age_decades",
    "prc_exposure",
    "university",
    "years_south",
    "previous_firm",
    "sole_proprietor",
    "service_industry",
]


def _codes(result):
    assert all(caution.officer and caution.econometrician for caution in result.cautions)
    return [caution.code for caution in result.cautions]


@pytest.mark.parametrize("robust", ["classical", "HC0", "HC1", "HC2", "HC3"])
def test_every_robust_type_is_rs_sandwich(survey, r_reference, robust):
    result = nested_models(survey, "item_mean", controls=CONTROLS, robust=robust)
    last, theirs = result.table[result.table["model"] == 5], r_reference["robust"][robust]
    for column in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"):
        assert list(last[column]) == pytest.approx(theirs[column], rel=SAME_FORMULA)
    fit = result.fits.iloc[-1]
    assert fit["f"] == pytest.approx(theirs["f"], rel=SAME_FORMULA)
    assert fit["f_p_value"] == pytest.approx(theirs["f_p_value"], rel=SAME_FORMULA)
    for name in ("r_squared", "r_squared_adjusted", "df_residual", "n"):
        assert fit[name] == pytest.approx(r_reference[name], rel=SAME_FORMULA)


def test_two_blocks_make_five_models(survey):
    table = nested_models(survey, "item_mean", controls=["female"]).table
    terms = table.groupby("model")["term"].apply(lambda own: list(own)[1:])
    assert list(terms) == [
        ["party_background", "market_experience"],
        ["party_background", "market_experience", "female"],
        ["firm_age"],
        ["firm_age", "female"],
        ["party_background", "market_experience", "firm_age", "female"],
    ]


def test_one_block_makes_two_models_and_without_controls_one(survey):
    assert len(nested_models(survey, "item_mean", blocks=[["firm_age"]], controls=["female"]).fits) == 2
    assert len(nested_models(survey, "item_mean", blocks=[["firm_age"]]).fits) == 1


def test_all_models_share_their_complete_cases(survey):
    gaps = survey.assign(female=survey["female"].astype(float).mask(survey.index == "NE-0001"))
    result = nested_models(gaps, "item_mean", controls=["female"])
    assert (result.fits["n"] == 130).all()
    assert (result.n, result.rows) == (130, 131)
    assert result.cautions[0].code == "incomplete_cases"


def test_stars_stand_below_the_three_conventional_levels():
    assert [stars(p) for p in (0.0099, 0.01, 0.049, 0.05, 0.099, 0.1)] == ["***", "**", "**", "*", "*", ""]


def test_stars_of_the_table_follow_its_p_values(survey):
    table = nested_models(survey, "item_mean", controls=CONTROLS).table
    assert list(table["stars"]) == [stars(p) for p in table["p_value"]]
    assert set(table["stars"]) > {""}


def test_a_wider_level_gives_wider_intervals(survey):
    narrow, wide = (nested_models(survey, "item_mean", level=level).table for level in (0.9, 0.99))
    assert (wide["conf_low"] < narrow["conf_low"]).all()
    assert (wide["conf_high"] > narrow["conf_high"]).all()


def test_a_constant_regressor_is_left_out_and_named(survey):
    result = nested_models(survey.assign(female=1), "item_mean", controls=["female"])
    assert "female" not in set(result.table["term"])
    assert [(caution.code, caution.facts["term"]) for caution in result.cautions] == [("constant_term", "female")]


def test_an_exact_combination_is_left_out_and_its_parts_named(survey):
    both = survey["party_background"].astype(int) + survey["market_experience"].astype(int)
    result = nested_models(survey.assign(both=both), "item_mean", controls=["both"])
    dropped = [caution for caution in result.cautions if caution.code == "collinear_term"]
    assert [caution.facts["model"] for caution in dropped] == [2, 5]
    assert dropped[0].facts["others"] == "party_background, market_experience"
    plain = nested_models(survey, "item_mean").table
    ours = result.table[result.table["model"] == 2]
    assert list(ours["estimate"]) == pytest.approx(list(plain[plain["model"] == 1]["estimate"]), rel=SAME_FORMULA)


def test_a_calendar_year_is_no_copy_of_the_intercept(survey):
    result = nested_models(survey.assign(start=2018 - survey["firm_age"]), "item_mean", blocks=[["start"]])
    age = nested_models(survey, "item_mean", blocks=[["firm_age"]])
    assert result.cautions == ()
    assert result.table["estimate"].iloc[1] == pytest.approx(-age.table["estimate"].iloc[1], rel=1e-6)  # years lose digits


def test_leverage_and_few_degrees_of_freedom_are_cautioned(survey):
    few = survey.head(9).assign(firm_age=[1, 2, 1, 2, 1, 2, 1, 2, 60])
    assert _codes(nested_models(few, "item_mean", blocks=[["firm_age"]])) == ["high_leverage", "few_residual_df"]


def test_a_person_who_alone_fixes_a_coefficient_is_named(survey):
    alone = survey.assign(university=survey.index == "NE-0007")
    with pytest.raises(StatsError, match="Row 'NE-0007' alone fixes a coefficient of university, so HC3"):
        nested_models(alone, "item_mean", controls=["university"])
    result = nested_models(alone, "item_mean", controls=["university"], robust="HC1")
    assert "high_leverage" in _codes(result)


def test_collinear_columns_never_reach_the_sandwich_as_noise(survey):
    copy = survey.assign(copy=survey["age_decades"] * 3 + 1e-13)
    result = nested_models(copy, "item_mean", blocks=[["age_decades", "copy"]])
    assert list(result.table["term"]) == ["intercept", "age_decades"]
    assert np.isfinite(result.table["std_error"]).all()


def test_two_people_with_a_dummy_each_leave_no_joint_test(survey):
    lone = survey.assign(first=survey.index == "NE-0001", second=survey.index == "NE-0002")
    result = nested_models(lone, "item_mean", blocks=[["first", "second"]], robust="HC1")
    assert result.fits[["f", "f_p_value"]].isna().all(axis=None)
    assert _codes(result) == ["high_leverage", "joint_test_undefined"]
    assert np.isfinite(result.table["std_error"]).all()


def test_groups_that_answer_alike_give_a_difference_without_an_error():
    groups = pd.DataFrame({"a": [1] * 5 + [0] * 10, "b": [0] * 10 + [1] * 5, "y": [3] * 5 + [2] * 5 + [1, 2, 3, 4, 5]})
    result = nested_models(groups, "y", blocks=[["a", "b"]])
    assert result.table["std_error"].isna().tolist() == [True, True, False]
    assert result.table["stars"].iloc[1] == ""
    assert [caution.facts["term"] for caution in result.cautions if caution.code == "exact_coefficient"] == ["intercept", "a"]


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({}, {"robust": "HC4"}, "robust is 'HC4'"),
        ({}, {"level": 0}, "level"),
        ({"item_mean": 3}, {}, "'item_mean' does not vary"),
        ({"item_mean": np.nan}, {}, "does not vary among the 0 complete rows"),
        ({"firm_age": 2}, {}, "Model 2 has no regressor"),
        ({"firm_age": "old"}, {}, "Column 'firm_age', row 'NE-0001': 'old' is not a number"),
        ({"item_mean": lambda d: d["firm_age"] * 2.0 + 1}, {}, "Model 2: firm_age determine 'item_mean' exactly"),
        ({}, {"controls": ["firm_age"]}, "'firm_age' is named twice"),
        ({}, {"controls": ["item_mean"]}, "named twice"),
        ({}, {"controls": "female"}, "list of columns"),
        ({}, {"blocks": []}, "list of lists"),
        ({}, {"blocks": ["firm_age"]}, "list of lists"),
        ({}, {"controls": ["nobody"]}, "'nobody' is not in the data"),
    ],
)
def test_models_that_cannot_be_fitted_are_refused_by_name(survey, change, options, message):
    with pytest.raises(StatsError, match=message):
        nested_models(survey.assign(**change), "item_mean", **options)


def test_more_coefficients_than_people_are_refused(survey):
    with pytest.raises(StatsError, match="coefficients for 6 complete rows"):
        nested_models(
            survey.head(6), "item_mean", blocks=[["firm_age", "age_decades", "years_south"]], controls=["female", "university"]
        )
