import numpy as np
import pandas as pd
import pytest

from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.simulation.programme_spec import OutcomeSpec, ProgrammeSpec
from evalapp.stats.simulation.simulate import simulate_programme
from evalapp.stats.warnings import StatsError

ROUNDING = 1e-9
STANDARD_ERRORS = 4  # a wrong alarm in 16,000 for a right generator
LARGE = ProgrammeSpec((6000, 6000), (2, 3), 12_000, 4)


def large(**changes):
    outcome = OutcomeSpec(**({"effect_by_event": (1.0, 2.0), "autocorrelation": 0.5, "round_effects": (0, 1, -1)} | changes))
    return simulate_programme(
        ProgrammeSpec(LARGE.cohort_sizes, LARGE.first_treated, LARGE.comparison, LARGE.rounds, outcomes={"y": outcome})
    )


def arms(panel, wave):
    rows = panel[panel["wave"] == wave]
    return rows.loc[rows["arm"] == "training", "y"], rows.loc[rows["arm"] == "comparison", "y"]


def difference_in_means(panel, wave):
    trained, comparison = arms(panel, wave)
    return trained.mean() - comparison.mean(), np.sqrt(trained.var() / len(trained) + comparison.var() / len(comparison))


def test_the_default_programme_has_131_people_four_cohorts_and_four_rounds():
    panel = simulate_programme().panel
    assert panel["study_id"].nunique() == 131
    assert panel.groupby("cohort")["study_id"].nunique().tolist() == [51, 20, 20, 20, 20]
    assert panel.groupby("study_id").size().eq(4).all()
    assert panel.groupby("cohort")["first_treated"].unique().explode().tolist() == [0, 2, 3, 3, 4]
    assert panel["treated"].eq((panel["first_treated"] > 0) & (panel["wave"] >= panel["first_treated"])).all()


def test_without_selection_the_difference_in_means_recovers_the_truth():
    programme = large()
    cells = programme.truth.cells
    for wave in (2, 3, 4):
        estimate, std_error = difference_in_means(programme.panel, wave)
        now = cells[cells["time"] == wave]
        truth = np.average(now["att"], weights=now["n"])
        assert abs(estimate - truth) < STANDARD_ERRORS * std_error


def test_over_many_draws_the_difference_in_means_is_unbiased_at_the_default_size():
    errors = []
    spec = ProgrammeSpec(outcomes={"y": OutcomeSpec(effect_by_event=(1.0,), effect_sd=0.5, autocorrelation=0.5)})
    for seed in range(150):
        programme = simulate_programme(spec, seed)
        last = programme.truth.cells.query("time == 4")
        errors.append(difference_in_means(programme.panel, 4)[0] - np.average(last["att"], weights=last["n"]))
    assert abs(np.mean(errors)) < STANDARD_ERRORS * np.std(errors) / np.sqrt(len(errors))


def test_selection_on_levels_biases_the_difference_in_means_but_not_the_change():
    programme = large(selection_on_level=0.5, person_sd=2.0)
    before, std_error = difference_in_means(programme.panel, 1)
    assert abs(before - 1.0) < STANDARD_ERRORS * std_error
    after = difference_in_means(programme.panel, 4)[0]
    assert abs(after - before - 2.0) < STANDARD_ERRORS * std_error


def test_selection_on_trends_biases_the_change_too():
    programme = large(selection_on_trend=0.7, effect_by_event=(0.0,))
    before, std_error = difference_in_means(programme.panel, 1)
    after = difference_in_means(programme.panel, 4)[0]
    assert abs(before) < STANDARD_ERRORS * std_error
    assert abs(after - before - 3 * 0.7) < STANDARD_ERRORS * 2 * std_error
    assert programme.truth.att("y") == 0


def test_the_truth_is_the_mean_gap_to_the_counterfactual_cell_by_cell():
    programme = large(effect_sd=1.5)
    gap = programme.panel.assign(gap=lambda d: d["y"] - d["y_untrained"])
    for row in programme.truth.cells.itertuples():
        cell = gap[(gap["first_treated"] == row.group) & (gap["wave"] == row.time)]
        assert row.att == pytest.approx(cell["gap"].mean(), abs=ROUNDING)
        assert row.n == len(cell)
        assert abs(row.att - row.effect) < STANDARD_ERRORS * 1.5 / np.sqrt(row.n)
    assert (gap.loc[gap["treated"] == 0, "gap"] == 0).all()


def test_aggregates_weight_by_people_as_callaway_and_santanna_do():
    programme = simulate_programme(ProgrammeSpec((10, 30), (2, 4), 20, 4, outcomes={"y": OutcomeSpec(effect_by_event=(1, 2, 6))}))
    truth = programme.truth
    overall = truth.overall.set_index("aggregate")["effect"]
    # Cells: group 2 has 1, 2, 6 in rounds 2 to 4; group 4 has 1 in round 4.
    assert overall["simple"] == pytest.approx((10 * 9 + 30 * 1) / 60)
    assert overall["group"] == pytest.approx((10 * 3 + 30 * 1) / 40)
    assert overall["dynamic"] == pytest.approx((1 + 2 + 6) / 3)
    assert overall["calendar"] == pytest.approx((1 + 2 + (10 * 6 + 30 * 1) / 40) / 3)
    aggregates = truth.aggregates.set_index(["aggregate", "at"])["att"]
    assert aggregates["calendar", 4] == pytest.approx(2.25)
    assert aggregates["dynamic", 2] == pytest.approx(6)
    assert truth.att("y", "group") == pytest.approx(1.5)


@pytest.mark.parametrize("selection", [0.0, 1.5])
def test_likert_answers_stay_on_the_scale_and_have_the_expected_effect(selection):
    programme = large(
        kind="likert", level=3.4, person_sd=0.8, noise_sd=0.7, effect_by_event=(-0.5,), effect_sd=0.3, selection_on_level=selection
    )
    assert set(programme.panel["y"].unique()) == {1, 2, 3, 4, 5}
    for row in programme.truth.cells.query("event_time >= 0").itertuples():
        assert abs(row.att - row.effect) < STANDARD_ERRORS * 0.6 / np.sqrt(row.n)
        assert -0.5 < row.effect < -0.2


def test_noise_has_its_spread_and_its_autocorrelation():
    panel = large(person_sd=0.0, noise_sd=2.0, autocorrelation=0.6).panel
    wide = panel.pivot_table(index="study_id", columns="wave", values="y_untrained")
    assert wide.std().to_numpy() == pytest.approx(np.full(4, 2.0), abs=0.05)
    correlations = wide.corr().to_numpy()
    assert correlations[0, 1:] == pytest.approx([0.6, 0.36, 0.216], abs=0.03)


def test_non_response_follows_arm_and_round_and_keeps_the_counterfactual():
    spec = ProgrammeSpec((3000,), (2,), 3000, 3, response_training=(1, 0.9, 0.8), response_comparison=(1, 0.8, 0.6))
    panel = simulate_programme(spec).panel
    shares = panel.groupby(["arm", "wave"])["answered"].mean()
    assert shares["training"].to_numpy() == pytest.approx([1, 0.9, 0.8], abs=0.03)
    assert shares["comparison"].to_numpy() == pytest.approx([1, 0.8, 0.6], abs=0.04)
    assert panel["profit_krw"].isna().eq(panel["answered"] == 0).all()
    assert panel["profit_krw_untrained"].notna().all()
    assert simulate_programme(spec).truth.att("profit_krw") == pytest.approx(175_000)


def test_the_same_seed_gives_the_same_panel_and_another_seed_another():
    pd.testing.assert_frame_equal(simulate_programme(seed=7).panel, simulate_programme(seed=7).panel)
    assert not simulate_programme(seed=7).panel.equals(simulate_programme(seed=8).panel)


def test_two_way_fixed_effects_recover_a_constant_effect():
    programme = large(effect_by_event=(1.0,), selection_on_level=1.0)
    result = twfe(programme.panel, "y", "study_id", "wave", "treated")
    assert abs(result.estimate - 1) < STANDARD_ERRORS * result.std_error


def test_a_cohort_treated_in_the_first_round_has_no_truth():
    programme = simulate_programme(ProgrammeSpec((5, 5), (1, 2), 5, 3))
    assert programme.truth.cells["group"].unique().tolist() == [2]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (ProgrammeSpec(rounds=1), "rounds is 1"),
        (ProgrammeSpec(first_treated=(2,)), "4 cohorts and first_treated 1"),
        (ProgrammeSpec(comparison=-1), "must not be negative"),
        (ProgrammeSpec(cohort_sizes=(), first_treated=(), comparison=0), "somebody must be in"),
        (ProgrammeSpec(first_treated=(2, 3, 4, 5)), "rounds between 1 and 4"),
        (ProgrammeSpec(response_training=(1, 0.5)), "response_training is"),
        (ProgrammeSpec(response_comparison=(1, 1, 1, 80)), "response_comparison is"),
        (ProgrammeSpec(outcomes={"y": OutcomeSpec(noise_sd=-1)}), "'y': person_sd, noise_sd and effect_sd"),
        (ProgrammeSpec(outcomes={"y": OutcomeSpec(autocorrelation=1)}), "'y': autocorrelation is 1"),
        (ProgrammeSpec(outcomes={"y": OutcomeSpec(effect_by_event=())}), "'y': effect_by_event"),
        (ProgrammeSpec(outcomes={"y": OutcomeSpec(kind="money")}), "'y': kind is 'money'"),
    ],
)
def test_an_impossible_programme_is_refused_by_field(spec, message):
    with pytest.raises(StatsError, match=message):
        simulate_programme(spec)


def test_a_programme_of_nobody_trained_has_no_effects_and_no_error():
    programme = simulate_programme(ProgrammeSpec((), (), 10, 2))
    assert len(programme.truth.cells) == 0
    assert len(programme.truth.overall) == 0


@pytest.mark.parametrize("seed", [-1, 0.5, "first", None])
def test_a_seed_that_is_no_whole_number_is_refused(seed):
    with pytest.raises(StatsError, match="give a whole number from 0"):
        simulate_programme(seed=seed)
