"""Derived variables follow the paper's definitions, and a question not asked gives no value."""

import json
from pathlib import Path

import pandas as pd
import pytest

from evalapp.panel.variables import VARIABLES, derive_variables

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "stats" / "reference"
BASELINE = HERE.parent.parent / "config" / "programmes" / "pi_demo" / "baseline.csv"
LAST_DIGIT = 0.011  # the paper prints two digits, some of them rounded the other way
PRINTED = {"age": 0.06, "years_north": 0.06, "years_south": 0.06, "employees": 0.06, "firm_age": 0.06}  # printed with one digit


def survey():
    raw = pd.read_csv(BASELINE, dtype=str)
    texts = raw.apply(lambda column: column.str.lower().str.replace(r"[ \-]", "_", regex=True))
    return texts.assign(survey_year=2018)


@pytest.mark.parametrize(("name", "printed"), sorted(json.loads((REFERENCE / "paper_tables.json").read_text())["table1"].items()))
def test_table_1_comes_out_as_printed(name, printed):
    column = "employees" if name.startswith("employees") else name
    found = derive_variables(survey())[column]
    tolerance = PRINTED.get(column, LAST_DIGIT)
    assert found.mean() == pytest.approx(printed["mean"], abs=tolerance)
    assert found.std() == pytest.approx(printed["sd"], abs=tolerance)


def one(**answers):
    return derive_variables(pd.DataFrame([{"survey_year": 2018, **answers}])).iloc[0]


def test_a_parent_in_the_party_is_a_party_background_and_not_knowing_is_not():
    assert one(kwp_member="no", kwp_mother="dont_know", kwp_father="yes")["party_background"] == 1
    assert one(kwp_member="no", kwp_mother="dont_know", kwp_father="dont_know")["party_background"] == 0
    assert pd.isna(one(gender="female")["party_background"])


def test_exposure_to_china_is_more_than_three_years_and_living_there_at_least_one():
    answers = {stay: one(china_stay=stay) for stay in ("never", "under_1", "1_3", "4_5", "over_5")}
    assert [answers[s]["lived_prc"] for s in answers] == [0, 0, 1, 1, 1]
    assert [answers[s]["prc_exposure"] for s in answers] == [0, 0, 0, 1, 1]


def test_a_question_that_was_not_asked_gives_no_value_anywhere():
    assert one().drop("employees").isna().all()


def test_a_refusal_is_missing_and_not_a_no():
    assert pd.isna(one(gender=".r")["female"])
    assert pd.isna(one(profit_krw=".d")["profit_krw"])


def test_the_firm_above_150_is_left_out_of_firm_size_only():
    large = one(employees_max="162")
    assert pd.isna(large["employees"])
    assert large["sole_proprietor"] == 0


def test_a_trait_needs_two_of_its_three_items():
    assert one(pi_self_starting_1=4, pi_self_starting_2=5)["pi_self_starting"] == 4.5
    assert pd.isna(one(pi_self_starting_1=4)["pi_self_starting"])


def test_every_variable_is_named_once_and_explained():
    assert all(name == variable.name and variable.label and variable.definition for name, variable in VARIABLES.items())
