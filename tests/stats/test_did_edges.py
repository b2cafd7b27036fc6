"""Awkward panels: gaps in time, nobody or everybody treated, cohorts outside the periods, separation; against a port of R's did."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.group_time import GroupTimeEffects, att_gt

REFERENCE = Path(__file__).parent / "reference"
SAME = 1e-9  # the programs share formulas; what is left is the stopping rule of the logit
CONTROL = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}


@cache
def stored() -> dict:
    return json.loads((REFERENCE / "did_mpdta_edges.json").read_text(encoding="utf-8"))["results"]


@cache
def edges() -> dict[str, pd.DataFrame]:
    data = pd.read_csv(REFERENCE / "mpdta.csv")
    cohort = data["first.treat"]
    always = data.assign(**{"first.treat": cohort.replace(2004, 2003)})
    return {
        "gap_between_periods": data[data["year"] != 2005],
        "gap_at_a_cohort": data[data["year"] != 2006],
        "no_never_treated": data[cohort > 0],
        "always_treated": always,
        "no_never_and_always_treated": always[cohort > 0],
        "treated_after_last_period": data[data["year"] < 2007],
        "separation": data.assign(lpop=data["lpop"] + 100 * (cohort == 2006)),
    }


def estimate(key: str) -> GroupTimeEffects:
    case, control, method, covariate, base, anticipation = key.split("|")
    return att_gt(
        edges()[case], "lemp", "countyreal", "year", "first.treat",
        covariates=() if covariate == "none" else (covariate,), control_group=CONTROL[control], method=method,
        base_period=base, anticipation=int(anticipation.removeprefix("ant")), inference="classical",
    )  # fmt: skip


@pytest.mark.parametrize("case", sorted({key.split("|")[0] for key in stored()}))
def test_awkward_panels_equal_the_port_of_r_in_every_setting(case: str) -> None:
    for key in (key for key in stored() if key.startswith(case + "|")):
        effects, reference = estimate(key), stored()[key]
        cells = np.array([reference["group"], reference["time"], reference["att"], reference["se"]], dtype=float).T
        np.testing.assert_allclose(effects.table[["group", "time", "att", "std_error"]], cells, rtol=0, atol=SAME, err_msg=key)
        for kind, numbers in reference["overall"].items():
            overall = effects.aggregate(kind).overall
            np.testing.assert_allclose([overall.estimate, overall.std_error], numbers, rtol=0, atol=SAME, err_msg=f"{key} {kind}")


def test_a_cohort_anticipating_in_the_last_period_is_no_control_there() -> None:
    plain, anticipating = estimate("treated_after_last_period|nevertreated|dr|none|varying|ant0"), estimate(
        "treated_after_last_period|nevertreated|dr|none|varying|ant1"
    )  # fmt: skip
    assert "treated_after_last_period" in {caution.code for caution in plain.cautions}
    assert 2007 in anticipating.table["group"].tolist()


def test_separated_cells_say_so() -> None:
    table = estimate("separation|nevertreated|dr|lpop|varying|ant0").table
    assert (table.loc[table["group"] == 2006, "warning"] == "overlap_failed").all()
    assert table.loc[table["group"] != 2006, "att"].notna().all()
