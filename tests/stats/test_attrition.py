import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.simulation.programme_spec import ProgrammeSpec
from evalapp.stats.simulation.simulate import simulate_programme
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "attrition_r.json").read_text())
SAME_FORMULA = 1e-9  # the reference is printed to 15 digits
AS_PRINTED = 5e-5  # four decimals
SMALL = 5


def panel(answered, due, arms=("training", "comparison"), wave=2):
    rows = [(arm, int(i < k)) for arm, k, n in zip(arms, answered, due, strict=True) for i in range(n)]
    return pd.DataFrame(rows, columns=["arm", "answered"]).assign(wave=wave, study_id=range(len(rows)))


def table(frame, **options):
    return attrition_table(frame, "study_id", "wave", "arm", "answered", **options)


def test_newcombes_published_interval_comes_out():
    test = table(panel((56, 48), (70, 80))).tests.iloc[0]
    assert test["difference"] == pytest.approx(0.2)
    assert (test["conf_low"], test["conf_high"]) == (pytest.approx(0.0524, abs=AS_PRINTED), pytest.approx(0.3339, abs=AS_PRINTED))


@pytest.mark.parametrize("case", REFERENCE, ids=lambda case: str(case["answered"]))
def test_p_values_and_wilson_intervals_are_rs(case):
    result = table(panel(case["answered"], case["due"]))
    test, share = result.tests.iloc[0], result.table[result.table["arm"] == "training"].iloc[0]
    method, key = ("Fisher exact", "fisher") if case["smallest_expected"] < SMALL else ("chi-squared", "chi_squared")
    assert (test["method"], test["p_value"]) == (method, pytest.approx(case[key], rel=SAME_FORMULA))
    assert (share["conf_low"], share["conf_high"]) == pytest.approx(tuple(case["wilson"]), rel=SAME_FORMULA)
    assert (share["answered"], share["due"], test["n"]) == (case["answered"][0], case["due"][0], sum(case["due"]))


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_statsmodels_agrees_on_both_intervals(level):
    result = table(panel((9, 30), (20, 51)), level=level)
    row, test = result.table.iloc[1], result.tests.iloc[0]
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(proportion_confint(9, 20, 1 - level, method="wilson"))
    newcombe = confint_proportions_2indep(9, 20, 30, 51, method="newcomb", alpha=1 - level)
    assert (test["conf_low"], test["conf_high"]) == pytest.approx(newcombe)


def test_planted_differential_attrition_is_said_in_its_wave_only():
    spec = ProgrammeSpec((200, 200), (2, 3), 400, 3, response_training=(1, 0.9, 0.85), response_comparison=(1, 0.9, 0.6))
    people = simulate_programme(spec, seed=4).panel
    result = table(people, reference="comparison")
    assert [(caution.code, caution.facts["wave"]) for caution in result.cautions] == [("differential_attrition", 3)]
    assert result.tests["p_value"].iloc[0] == 1  # everyone answered the first wave
    assert result.table.groupby("wave")["due"].sum().tolist() == [800, 800, 800]
    assert "training" in result.cautions[0].officer


def test_several_arms_are_each_compared_with_the_reference():
    frame = panel((10, 12, 5), (20, 20, 20), ("training", "waitlist", "comparison"))
    result = table(frame, reference="waitlist")
    assert result.tests["arm"].tolist() == ["comparison", "training"]
    assert result.tests["difference"].tolist() == pytest.approx([-0.35, -0.1])


def test_rows_not_yet_due_do_not_count():
    frame = pd.concat([panel((8, 8), (10, 10)), panel((1, 0), (10, 10), wave=3)])
    frame["asked"] = (frame["wave"] == 2).astype(int)
    assert table(frame, due="asked").table["wave"].unique().tolist() == [2]


def test_an_arm_with_nobody_due_in_a_wave_is_said():
    frame = pd.concat([panel((8, 8), (10, 10)), panel((7, 0), (10, 0), wave=3)])
    result = table(frame)
    assert [(caution.code, caution.facts["wave"]) for caution in result.cautions] == [("nobody_due", 3)]
    assert np.isnan(result.tests["p_value"].iloc[1])


@pytest.mark.parametrize(
    ("frame", "options", "message"),
    [
        (panel((8, 8), (10, 10)).assign(study_id=1), {}, "unit 1 stands twice in period 2"),
        (panel((8, 8), (10, 10)).assign(arm="training"), {}, "'arm' has one arm only"),
        (panel((8, 8), (10, 10)).assign(answered=np.nan), {}, "'answered' has 20 missing values"),
        (panel((8, 8), (10, 10)).assign(answered=3), {}, "'answered' holds 3; code it 0 or 1"),
        (panel((8, 8), (10, 10)).assign(asked=0), {"due": "asked"}, "'asked' is 0 in every row"),
        (panel((8, 8), (10, 10)).assign(asked=np.nan), {"due": "asked"}, "'asked' has 20 missing values"),
        (panel((8, 8), (10, 10)), {"reference": "waitlist"}, "reference is 'waitlist', not an arm"),
        (panel((8, 8), (10, 10)), {"level": 0}, "level is 0"),
        (panel((8, 8), (10, 10)).drop(columns="arm"), {}, "'arm' is not in the data"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(frame, options, message):
    with pytest.raises(StatsError, match=message):
        table(frame, **options)
