"""The doubts beside a main estimate."""

import numpy as np
import pandas as pd
import pytest

from evalapp.analysis.estimation.check_effects import carried_by_one, write_q_values
from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.stats import adjust_pvalues, two_by_two


def panel(outlier):
    rng = np.random.default_rng(4)
    people = pd.DataFrame({"id": range(20), "g": [2] * 10 + [0] * 10, "base": rng.normal(0, 1, 20)})
    rounds = [people.assign(t=t, y=people["base"] + rng.normal(0, 0.1, 20) - 0.5 * (t == 2) * (people["g"] > 0)) for t in (1, 2)]
    frame = pd.concat(rounds, ignore_index=True)
    frame.loc[(frame["id"] == 0) & (frame["t"] == 2), "y"] += outlier
    return frame.assign(trained=(frame["g"] > 0).astype(int))


def estimate(frame):
    return two_by_two(frame, "y", "id", "t", "trained").estimate


def doubts(frame):
    return carried_by_one(frame, "y", estimate(frame), estimate, unit="id", time="t", cohort="g")


def test_an_effect_that_one_person_carries_says_so():
    found = doubts(panel(outlier=30))
    assert [caution.code for caution in found] == ["one_person_carries"]
    assert found[0].facts["without"].startswith("-0.")


def test_an_effect_that_everyone_shares_does_not():
    assert doubts(panel(outlier=0)) == []


def test_q_values_are_those_of_the_library_and_name_how_many_outcomes():
    sheet, p_values = ResultSheet(), {"a": 0.001, "b": 0.04, "c": 0.5}
    write_q_values(sheet, p_values, {"family": "effects"})
    theirs = adjust_pvalues(p_values, method="sharpened").table.set_index("hypothesis")["adjusted"]
    assert {row["outcome"]: row["value"] for row in sheet.rows} == pytest.approx(theirs.to_dict())
    assert all('"many_outcomes"' in row["warning"] for row in sheet.rows)


def test_one_outcome_is_no_family():
    sheet = ResultSheet()
    write_q_values(sheet, {"a": 0.01, "b": float("nan")}, {"family": "effects"})
    assert sheet.rows == []
