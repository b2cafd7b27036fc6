"""The published tables of the survey of 131 entrepreneurs, from synthetic answers calibrated to them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.describe import describe
from evalapp.stats.scales.components import difficulty_components, item_means
from evalapp.stats.scales.nested_models import nested_models

REFERENCE = Path(__file__).parent / "reference"
PAPER = json.loads((REFERENCE / "paper_tables.json").read_text())
SURVEY_YEAR = 2018
LAST_DIGIT = 0.0101  # two printed decimals, rounded or cut off in print
LAST_DIGIT_OF_YEARS = 0.0501  # one printed decimal
LOADING = 0.01  # two printed decimals of a calibration that is itself rounded
SHARE = 3e-4  # two printed decimals of a percentage, through the same calibration
COEFFICIENT = 0.02  # the calibration meets the printed coefficients and errors only so far
SAME_STORY = 0.75  # of a standard error: item means ignore the cross-loadings that score weights use
ITEMS = ["financing", "competition", "sales", "supplies", "recruitment", "quality_control", "marketing", "regulations"]
ANCHORS = {"internal": ["sales", "supplies", "recruitment", "marketing"], "external": ["financing", "competition", "regulations"]}
CONTROLS = ["female", "age", "prc_exposure", "university", "years_south", "previous_firm", "sole_proprietor", "service_industry"]
PRINTED = {"const": "intercept", "party": "party_background", "market": "market_experience"}
BORDERLAND = ["North Pyongan", "Chagang", "Ryanggang", "North Hamgyong"]
SERVICES = ["retail", "catering", "individual services", "entertainment"]


@pytest.fixture(scope="module")
def raw():
    return pd.read_csv(REFERENCE / "calibrated_baseline_131.csv").rename(columns=lambda name: name.removeprefix("difficulty_"))


@pytest.fixture(scope="module")
def derived(raw):
    columns = {
        "age": SURVEY_YEAR - raw["birth_year"],
        "female": raw["gender"] == "female",
        "borderland": raw["birth_province"].isin(BORDERLAND),
        "years_north": raw["left_year"] - raw["birth_year"],
        "party_background": (raw[["kwp_member", "kwp_mother", "kwp_father"]] == "yes").any(axis=1),
        "market_experience": raw["market_experience"] == "yes",
        "university": raw["education_north"] == "university",
        "lower_class": raw["living_standard_north"] >= 4,
        "lived_prc": ~raw["china_stay"].isin(["never", "under 1"]),
        "prc_exposure": raw["china_stay"].isin(["4-5", "over 5"]),
        "years_south": SURVEY_YEAR - raw["arrival_year"],
        "previous_firm": raw["previous_firm"] == "yes",
        "employees": raw["employees_max"].where(raw["employees_max"] <= 150),
        "sole_proprietor": raw["employees_max"] == 0,
        "firm_age": SURVEY_YEAR - raw["firm_start_year"],
        "service_industry": raw["industry"].isin(SERVICES),
    }
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def components(raw):
    return difficulty_components(raw, ITEMS, anchors=ANCHORS, bounds=(1, 5))


@pytest.mark.parametrize("printed", PAPER["table1"])
def test_table_1_comes_out_as_printed(derived, printed):
    name = printed.split(" ")[0]
    row = describe(derived, [name]).table.iloc[0]
    one_decimal = name in {"age", "years_north", "years_south", "employees", "firm_age"}
    assert row["mean"] == pytest.approx(PAPER["table1"][printed]["mean"], abs=LAST_DIGIT_OF_YEARS if one_decimal else LAST_DIGIT)
    assert row["sd"] == pytest.approx(PAPER["table1"][printed]["sd"], abs=LAST_DIGIT)


def test_table_2_loadings_come_out_with_the_sign_turned(components):
    for item, (internal, external) in PAPER["table2"]["loadings"].items():
        assert -components.loadings.loc[item, "internal"] == pytest.approx(internal, abs=LOADING)
        assert -components.loadings.loc[item, "external"] == pytest.approx(external, abs=LOADING)


def test_the_printed_proportions_of_variance_are_the_unrotated_ones(components):
    printed = np.array(PAPER["table2"]["variance_percent"]) / 100
    assert np.abs(components.variance_unrotated["proportion"] - printed).max() < SHARE
    assert components.variance_unrotated["cumulative"].iloc[-1] == pytest.approx(0.6532, abs=SHARE)
    assert list(components.variance_rotated["proportion"].round(3)) == [0.369, 0.284]


def test_alphas_and_n_come_out_as_printed(components):
    assert [round(components.alpha[name].raw, 2) for name in ("internal", "external")] == PAPER["table2"]["cronbach_alpha"]
    assert components.n == 131
    assert list(components.dropped.index) == [PAPER["table2"]["dropped"]]


def _models(derived, outcome, robust):
    data = derived.assign(outcome=outcome, age=derived["age"] / 10)
    return nested_models(data, "outcome", controls=CONTROLS, robust=robust)


def _gaps(result, printed, sign):
    table = result.table.set_index(["model", "term"])
    gaps = []
    for model, rows in enumerate(printed, start=1):
        for name, values in rows.items():
            if name == "r2":
                gaps.append(result.fits["r_squared"].iloc[model - 1] - values)
            else:
                ours = table.loc[(model, PRINTED.get(name, name))]
                gaps += [sign * ours["estimate"] - values[0], ours["std_error"] - values[1]]
    return np.abs(gaps)


@pytest.mark.parametrize(("score", "table", "sign"), [("internal", "table3_internal", -1), ("external", "table4_external", 1)])
def test_tables_3_and_4_come_out_with_hc1_and_one_orientation(derived, components, score, table, sign):
    assert _gaps(_models(derived, components.scores[score], "HC1"), PAPER[table], sign).max() < COEFFICIENT


@pytest.mark.parametrize("robust", ["classical", "HC0", "HC3"])
def test_no_other_common_robust_type_fits_table_4(derived, components, robust):
    assert _gaps(_models(derived, components.scores["external"], robust), PAPER["table4_external"], 1).max() > COEFFICIENT


@pytest.mark.parametrize(("name", "term"), [("internal", "party_background"), ("external", "market_experience")])
def test_plain_item_means_tell_the_same_story(raw, derived, components, name, term):
    by_score, by_mean = (
        _models(derived, outcome[name], "HC1").table.set_index(["model", "term"]).loc[(5, term)]
        for outcome in (components.scores, item_means(raw, ANCHORS))
    )
    assert np.sign(by_score["estimate"]) == np.sign(by_mean["estimate"])
    assert abs(by_score["statistic"] - by_mean["statistic"]) < SAME_STORY
