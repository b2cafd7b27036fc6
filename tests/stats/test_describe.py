import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.describe import describe
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
EXACT = 1e-12
PEOPLE = pd.DataFrame(
    {"profit": [1.0, 2.0, 4.0, np.nan, 9.0], "open": [True, False, True, True, False], "arm": ["b", "a", "b", "a", None]}
)


def test_statistics_are_rs():
    theirs = json.loads((REFERENCE / "r_components.json").read_text())["describe"]
    survey = pd.read_csv(REFERENCE / "calibrated_baseline_131.csv")
    row = describe(pd.DataFrame({"firm_age": 2018 - survey["firm_start_year"]}), ["firm_age"]).table.iloc[0]
    assert (row["n"], row["missing"]) == (131, 0)
    for name in ("mean", "sd", "min", "p25", "median", "p75", "max"):
        assert row[name] == pytest.approx(theirs[name], abs=EXACT)


def test_quartiles_are_interpolated():
    row = describe(PEOPLE, ["profit"]).table.iloc[0]
    assert (row["p25"], row["median"], row["p75"]) == (1.75, 3.0, 5.25)
    assert row["sd"] == pytest.approx(np.std([1, 2, 4, 9], ddof=1), abs=EXACT)


def test_missing_values_are_counted_for_each_variable():
    table = describe(PEOPLE, ["profit", "open"]).table
    assert list(table["n"]) == [4, 5]
    assert list(table["missing"]) == [1, 0]


def test_only_zero_one_variables_have_a_share():
    table = describe(PEOPLE, ["profit", "open"]).table
    assert table["share"].isna().tolist() == [True, False]
    assert table["share"].iloc[1] == 0.6


def test_groups_stand_beside_each_other_and_people_without_one_are_counted():
    description = describe(PEOPLE, ["open", "profit"], by="arm")
    assert list(zip(description.table["variable"], description.table["group"], strict=True)) == [
        ("open", "a"),
        ("open", "b"),
        ("profit", "a"),
        ("profit", "b"),
    ]
    assert list(description.table["n"]) == [2, 2, 1, 2]
    assert list(description.table["missing"]) == [0, 0, 1, 0]
    assert [caution.code for caution in description.cautions] == ["single_observation", "group_missing"]
    assert description.cautions[1].facts == {"rows": 1, "by": "arm"}


def test_a_variable_nobody_answered_is_said_to_be_empty():
    description = describe(PEOPLE.assign(profit=np.nan), ["profit"])
    assert [caution.code for caution in description.cautions] == ["no_observation"]
    assert description.table["n"].iloc[0] == 0
    assert "Nobody answered profit" in description.cautions[0].officer


def test_numbered_groups_are_ordered_as_numbers():
    data = pd.DataFrame({"x": range(6), "wave": [10, 2, 10, 2, 1, 1]})
    assert list(describe(data, ["x"], by="wave").table["group"]) == [1, 2, 10]


@pytest.mark.parametrize(
    ("data", "variables", "by", "message"),
    [
        (PEOPLE, ["arm"], None, "Column 'arm', row 0: 'b' is not a number"),
        (PEOPLE, ["income"], None, "'income' is not in the data"),
        (PEOPLE, [], None, "list of column names"),
        (PEOPLE, "profit", None, "list of column names"),
        (PEOPLE, ["open"], "wave", "'wave' is not in the data"),
        (PEOPLE, ["open"], "open", "described itself"),
        (PEOPLE.assign(arm=None), ["open"], "arm", "empty"),
        (PEOPLE.head(0), ["profit"], None, "no rows"),
        (PEOPLE.assign(profit=[1, 2, -np.inf, 3, 4]), ["profit"], None, "row 2: .*not finite"),
        (PEOPLE.assign(profit=pd.Timestamp("2018-01-01")), ["profit"], None, "not a number"),
    ],
)
def test_columns_that_cannot_be_described_are_refused_by_name(data, variables, by, message):
    with pytest.raises(StatsError, match=message):
        describe(data, variables, by)
