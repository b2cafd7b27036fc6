"""The difference in differences of two groups and two periods."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.two_by_two import two_by_two
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
SAME = 1e-9  # the programs share formulas; what is left is the stopping rule of the logit


@pytest.fixture
def panel() -> pd.DataFrame:
    """Counties first treated in 2007 and never treated, in 2006 and 2007."""
    data = pd.read_csv(REFERENCE / "mpdta.csv")
    return data[data["first.treat"].isin([0, 2007]) & data["year"].isin([2006, 2007])].reset_index(drop=True)


def run(panel: pd.DataFrame, **options: object) -> object:
    return two_by_two(panel, "lemp", "countyreal", "year", "treat", **options)


@pytest.mark.parametrize(
    ("key", "covariates"), [("nevertreated|dr|none|varying|ant0", ()), ("nevertreated|dr|lpop|varying|ant0", ("lpop",))]
)
def test_it_equals_the_cell_of_r(panel: pd.DataFrame, key: str, covariates: tuple[str, ...]) -> None:
    stored = json.loads((REFERENCE / "did_mpdta.json").read_text(encoding="utf-8"))["results"][key]["attgt"]
    cell = next(row for row in stored if row["group"] == 2007 and row["time"] == 2007)
    result = run(panel, covariates=covariates, inference="classical")
    assert result.estimate == pytest.approx(cell["att"], abs=SAME)
    assert result.std_error == pytest.approx(cell["se"], abs=SAME)
    assert result.n == panel["countyreal"].nunique()


def test_the_second_difference_of_the_means_is_the_estimate(panel: pd.DataFrame) -> None:
    result = run(panel)
    means = result.means.set_index("arm")
    assert means.loc["difference", "change"] == pytest.approx(result.estimate, abs=SAME)
    after = panel[(panel["treat"] == 1) & (panel["year"] == 2007)]
    assert means.loc["treated", "follow_up"] == pytest.approx(after["lemp"].mean(), abs=SAME)
    assert means["units"].tolist() == [309, 131, 440]
    assert result.conf_low < result.estimate < result.conf_high


def test_means_leave_out_who_the_estimate_leaves_out(panel: pd.DataFrame) -> None:
    panel.loc[0, "lemp"] = np.nan
    result = run(panel.assign(w=2.0), weights="w")
    assert result.n == result.means.set_index("arm").loc["difference", "units"] == 439
    assert {caution.code for caution in result.cautions} == {"missing_rows_dropped", "incomplete_units_dropped"}
    assert len(result.dropped) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"year": 2006}, "has 1 periods"),
        ({"treat": 2}, "other than 0 and 1"),
        ({"treat": 0}, "no treated units"),
        ({"treat": 1}, "no control units"),
        ({"lemp": "x"}, "outcome column 'lemp' holds 'x'"),
    ],
)
def test_faults_are_named(panel: pd.DataFrame, change: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(panel.assign(**change))


def test_an_arm_that_switches_on_at_follow_up_is_refused(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="changes within a unit"):
        run(panel.assign(treat=panel["treat"] * (panel["year"] == 2007)))
