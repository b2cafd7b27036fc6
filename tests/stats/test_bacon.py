import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.fixed_effects.bacon import EARLIER_VS_LATER, FORBIDDEN, TREATED_VS_NEVER, bacon_decomposition
from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.simulation.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.simulation.simulate import simulate_programme
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
ROUNDING = 1e-10  # sums of a few hundred terms in another order


def mpdta():
    return pd.read_csv(REFERENCE / "mpdta.csv")


def decompose(panel):
    return bacon_decomposition(panel, "lemp", "countyreal", "year", "first.treat")


def test_every_comparison_on_mpdta_is_as_in_the_reference():
    expected = json.loads((REFERENCE / "bacon_mpdta.json").read_text())
    result = decompose(mpdta())
    ours = result.table.set_index(["kind", "treated_group", "control_group"])
    assert len(ours) == len(expected["comparisons"])
    for row in expected["comparisons"]:
        control = np.inf if row["control_group"] is None else row["control_group"]
        found = ours.loc[(row["kind"], row["treated_group"], control)]
        assert found["estimate"] == pytest.approx(row["estimate"], abs=ROUNDING)
        assert found["weight"] == pytest.approx(row["weight"], abs=ROUNDING)
    assert result.twfe == pytest.approx(expected["twfe"], abs=ROUNDING)


def test_the_weights_add_up_to_the_two_way_estimate_on_mpdta():
    result = decompose(mpdta())
    assert result.table["weight"].sum() == pytest.approx(1, abs=ROUNDING)
    assert (result.table["weight"] * result.table["estimate"]).sum() == pytest.approx(-0.03655, abs=5e-6)
    assert result.by_kind["weight"].sum() == pytest.approx(1, abs=ROUNDING)
    assert (result.n, result.units, result.periods) == (2500, 500, 5)
    forbidden = result.table["kind"].isin(FORBIDDEN)
    assert result.forbidden_share == pytest.approx(result.table.loc[forbidden, "weight"].sum())
    assert result.cautions == ()


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    sizes=st.lists(st.integers(1, 6), min_size=2, max_size=4),
    comparison=st.integers(0, 5),
    always=st.integers(0, 3),
)
def test_the_sum_is_the_two_way_coefficient_whatever_the_cohorts(seed, sizes, comparison, always):
    starts = tuple(range(2, 2 + len(sizes)))
    spec = ProgrammeSpec((*sizes, always), (*starts, 1), comparison, 6, outcomes={"y": OutcomeSpec(effect_by_event=(1, 3, 6))})
    panel = simulate_programme(spec, seed).panel
    result = bacon_decomposition(panel, "y", "study_id", "wave", "first_treated")
    assert result.twfe == pytest.approx(twfe(panel, "y", "study_id", "wave", "treated", cov="classical").estimate, abs=1e-9)
    assert result.table["weight"].sum() == pytest.approx(1)
    assert (result.table["weight"] > 0).all()


def test_growing_effects_without_a_comparison_arm_lean_on_forbidden_comparisons():
    noise = OutcomeSpec(noise_sd=0.01, person_sd=0.1, effect_by_event=(1, 2, 3, 4, 5))
    spec = ProgrammeSpec((20, 20), (2, 4), 0, 6, outcomes={"y": noise})
    result = bacon_decomposition(simulate_programme(spec).panel, "y", "study_id", "wave", "first_treated")
    assert [caution.code for caution in result.cautions] == ["forbidden_comparisons"]
    assert result.twfe < 1 < result.without_forbidden
    assert "%" in result.cautions[0].officer


def test_never_treated_may_be_zero_missing_infinite_or_beyond_the_panel():
    m = mpdta()
    expected = decompose(m).table
    for never in (np.nan, np.inf, 2999):
        changed = m.assign(**{"first.treat": m["first.treat"].astype(float).replace(0, never)})
        pd.testing.assert_frame_equal(decompose(changed).table, expected)


def test_always_treated_units_are_a_forbidden_comparison_of_their_own():
    result = decompose(mpdta().query("year > 2003"))
    assert set(result.by_kind["kind"]) == {TREATED_VS_NEVER, EARLIER_VS_LATER, *FORBIDDEN}
    assert -np.inf in result.table["control_group"].to_numpy()


def test_with_forbidden_comparisons_only_there_is_no_clean_number_and_it_is_said():
    spec = ProgrammeSpec((10, 10), (1, 3), 0, 4, outcomes={"y": OutcomeSpec()})
    result = bacon_decomposition(simulate_programme(spec).panel, "y", "study_id", "wave", "first_treated")
    assert result.forbidden_share == 1
    assert np.isnan(result.without_forbidden)
    assert "no number without" in result.cautions[0].econometrician


def test_units_without_every_period_are_dropped_and_counted():
    m = mpdta()
    result = decompose(m.drop(index=m.index[:2]))
    assert [(caution.code, caution.facts["units"]) for caution in result.cautions] == [("incomplete_units", 1)]
    assert result.units == 499


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.assign(**{"first.treat": 2005}), "All units have the same first treated period"),
        (lambda m: m.assign(**{"first.treat": m["countyreal"] % 2 * 2003}), "no unit's treatment changes"),
        (lambda m: m.assign(**{"first.treat": m["year"]}), "'first.treat' changes within countyreal"),
        (lambda m: pd.concat([m, m.iloc[[0]]]), "stands twice"),
        (lambda m: m.assign(lemp=m["lemp"].where(m["year"] > 2003)), "No unit has 'lemp' in all 5 periods"),
        (lambda m: m.assign(year=m["year"].astype(str)), "'year' holds '2003', which is not a number"),
        (lambda m: m.drop(columns="lemp"), "'lemp' is not in the data"),
    ],
)
def test_nonsense_is_refused_with_column_fault_and_mend(change, message):
    with pytest.raises(StatsError, match=message):
        decompose(change(mpdta()))
