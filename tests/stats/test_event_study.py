"""What any event study must do, on simulated panels, and what it refuses."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.fixed_effects.event_study import event_study
from evalapp.stats.warnings import CAUTIONS, StatsError

METHODS = ["sun_abraham", "imputation", "dynamic_twfe"]
NUMBERS = ["estimate", "std_error", "conf_low", "conf_high"]
# Sums in another order differ by rounding only.
ROUNDING = 1e-9
COLUMNS = ("y", "unit", "time", "cohort")


def simulated(seed=0, n=90, periods=6, cohorts=(0, 3, 5), effect=0.5):
    rng = np.random.default_rng(seed)
    data = pd.DataFrame({"unit": np.repeat(np.arange(n), periods), "time": np.tile(np.arange(1, periods + 1), n)})
    data["cohort"] = np.resize(cohorts, n)[data.unit]
    since = data.time - data.cohort
    treated = (data.cohort > 0) & (since >= 0)
    data["y"] = rng.normal(size=n)[data.unit] + 0.3 * data.time + effect * (1 + since) * treated + rng.normal(size=len(data))
    return data


def codes(found):
    return {caution.code for caution in found.cautions}


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), method=st.sampled_from(METHODS))
def test_the_order_of_rows_and_the_names_of_units_do_not_matter(seed, method):
    data = simulated(seed)
    shuffled = data.sample(frac=1, random_state=seed % 2**31).assign(unit=lambda d: "u" + ((d.unit * 37) % 90).astype(str))
    one, other = (event_study(d, *COLUMNS, method=method) for d in (data, shuffled))
    np.testing.assert_allclose(one.table[NUMBERS], other.table[NUMBERS], atol=ROUNDING)
    assert one.pretest.p_value == pytest.approx(other.pretest.p_value, abs=ROUNDING)


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-6, 1e6), shift=st.floats(-1e3, 1e3), method=st.sampled_from(METHODS))
def test_effects_scale_with_the_outcome_and_ignore_a_constant(scale, shift, method):
    data = simulated(1)
    one = event_study(data, *COLUMNS, method=method)
    other = event_study(data.assign(y=(data.y + shift) * scale), *COLUMNS, method=method)
    np.testing.assert_allclose(one.table[NUMBERS], other.table[NUMBERS] / scale, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_permuting_treatment_centres_the_estimate_on_zero(method):
    data, rng = simulated(2, effect=0.0), np.random.default_rng(0)
    cohort = data.groupby("unit").cohort.first().to_numpy()
    draws = [
        event_study(data.assign(cohort=rng.permutation(cohort)[data.unit]), *COLUMNS, method=method).overall.estimate
        for _ in range(200)
    ]
    # Four standard errors of the mean of 200 draws.
    assert abs(np.mean(draws)) < 4 * np.std(draws) / np.sqrt(200)


@pytest.mark.parametrize("method", ["sun_abraham", "imputation"])
def test_intervals_cover_the_true_effect(method):
    held = []
    for seed in range(200):
        row = event_study(simulated(seed), *COLUMNS, method=method).table.set_index("event_time").loc[1]
        held.append(row["conf_low"] <= 1.0 <= row["conf_high"])
    # Three binomial standard errors around 95 %.
    assert np.mean(held) == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 200))


def test_effects_that_differ_by_cohort_mislead_only_the_two_way_regression():
    data = simulated(3, n=3000, cohorts=(0, 3, 5), effect=0.0)
    late = (data.cohort == 5) & (data.time >= 5)
    data["y"] += 4.0 * late
    truth = 4.0 / 2
    by_method = {m: event_study(data, *COLUMNS, method=m).table.set_index("event_time") for m in METHODS}
    for method in ("sun_abraham", "imputation"):
        assert by_method[method].loc[0, "estimate"] == pytest.approx(truth, abs=0.15)
    # A lead of nothing at all.
    assert abs(by_method["dynamic_twfe"].loc[-3, "estimate"]) > 5 * by_method["dynamic_twfe"].loc[-3, "std_error"]


def test_the_two_way_regression_says_what_it_mixes_and_bins():
    found = event_study(simulated(), *COLUMNS, method="dynamic_twfe", min_event=-2, max_event=1)
    assert found.table["event_time"].tolist() == [-2, 0, 1]
    assert {"contaminated_event_times", "binned_ends"} <= codes(found)


def test_a_window_only_leaves_rows_out_of_the_cohort_by_cohort_table():
    whole, part = (event_study(simulated(), *COLUMNS, min_event=low, max_event=high) for low, high in ((None, None), (-2, 1)))
    inside = whole.table["event_time"].between(-2, 1).to_numpy()
    np.testing.assert_allclose(part.table[NUMBERS], whole.table[inside][NUMBERS], atol=ROUNDING)


def test_anticipation_moves_the_reference():
    found = event_study(simulated(), *COLUMNS, anticipation=1)
    assert found.reference == (-2,)
    assert -1 in found.table["event_time"].to_list()


def test_a_drift_before_treatment_is_found_and_a_weak_test_says_so():
    data = simulated(4, n=600)
    drifting = data.assign(y=data.y + 0.5 * data.time * (data.cohort > 0))
    assert "pretrend_rejected" in codes(event_study(drifting, *COLUMNS))
    assert "pretest_underpowered" in codes(event_study(simulated(0, n=60, effect=0.02), *COLUMNS))


def test_the_detectable_slope_is_found_four_times_in_five():
    slope = event_study(simulated(0, n=300), *COLUMNS).pretest.detectable_slope
    rejected = 0
    for seed in range(200):
        data = simulated(seed, n=300)
        data["y"] += slope * (data.time - data.cohort) * (data.cohort > 0)
        rejected += event_study(data, *COLUMNS).pretest.p_value < 0.05
    # The slope itself rests on one sample's covariance.
    assert rejected / 200 == pytest.approx(0.8, abs=0.1)


@pytest.mark.parametrize("method", METHODS)
def test_without_a_never_treated_arm_the_last_cohort_serves(method):
    found = event_study(simulated(cohorts=(3, 4, 6)), *COLUMNS, method=method)
    assert "last_cohort_as_never_treated" in codes(found)
    assert np.isfinite(found.table["estimate"]).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_lone_treated_unit_gets_no_interval(method):
    data = simulated(cohorts=(0,))
    data.loc[data.unit == 0, "cohort"] = 4
    found = event_study(data, *COLUMNS, method=method)
    assert found.table.loc[found.table["event_time"] >= 0, "std_error"].isna().all()
    assert np.isnan(found.overall.std_error)
    assert "single_treated" in codes(found)


@pytest.mark.parametrize("method", METHODS)
def test_an_outcome_without_noise_gets_no_interval(method):
    data = simulated()
    data["y"] = data.unit + data.time + 2.0 * ((data.cohort > 0) & (data.time >= data.cohort))
    found = event_study(data, *COLUMNS, method=method)
    assert found.overall.estimate == pytest.approx(2, abs=ROUNDING)
    assert found.table["std_error"].isna().all()
    assert {"contrast_does_not_vary", "pretest_unavailable"} <= codes(found)


@pytest.mark.parametrize("method", METHODS)
def test_few_clusters_carry_a_caution(method):
    data = simulated().assign(village=lambda d: d.unit % 15)
    found = event_study(data, *COLUMNS, method=method, cluster="village")
    assert found.clusters == 15
    assert {"few_clusters", "few_clusters_conservative"} & codes(found)
    assert np.isfinite(found.table["std_error"]).all()


def test_every_caution_reads_as_two_sentences():
    for method in METHODS:
        for data in (simulated(n=12), simulated(cohorts=(3, 4, 6)), simulated(n=60, effect=0.0)):
            for caution in event_study(data.drop(index=[1, 9]), *COLUMNS, method=method).cautions:
                assert caution.code in CAUTIONS
                assert caution.officer.endswith(".")
                assert caution.econometrician


@pytest.mark.parametrize(
    ("change", "options", "fault"),
    [
        ({}, {"method": "magic"}, "method"),
        ({}, {"level": 2}, "level"),
        ({}, {"anticipation": -1}, "anticipation"),
        ({}, {"anticipation": "1"}, "anticipation is '1'; give a number"),
        ({}, {"min_event": "-2"}, "min_event is '-2'; give a number"),
        ({}, {"min_event": 0}, "min_event"),
        ({}, {"max_event": -1}, "max_event"),
        ({}, {"covariates": "x"}, "covariates"),
        ({}, {"covariates": ("cohort",)}, "never changes within a unit"),
        ({}, {"cluster": "absent"}, "absent"),
        ({"one": 1}, {"cluster": "one"}, "cluster"),
        ({"y": 1.0}, {}, "constant"),
        ({"y": "a"}, {}, "not only numbers"),
        ({"cohort": 0}, {}, "cohort"),
        ({"cohort": 1}, {}, "before and one after treatment"),
        ({"unit": 1}, {}, "two rows"),
        ({"weight": -1.0}, {"weights": "weight"}, "weight"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
def test_nonsense_is_refused_by_name(change, options, fault, method):
    with pytest.raises(StatsError, match=fault):
        event_study(simulated().assign(**change), *COLUMNS, **({"method": method} | options))


@settings(max_examples=40, deadline=None)
@given(data=st.data(), method=st.sampled_from(METHODS))
def test_any_panel_gives_numbers_with_cautions_or_a_named_fault(data, method):
    n, periods = data.draw(st.integers(2, 8)), data.draw(st.integers(2, 5))
    panel = pd.DataFrame({"unit": np.repeat(np.arange(n), periods), "time": np.tile(np.arange(1, periods + 1), n)})
    panel["cohort"] = np.array(data.draw(st.lists(st.integers(0, 6), min_size=n, max_size=n)))[panel.unit]
    values = st.one_of(st.none(), st.floats(-5, 5), st.integers(0, 2))
    panel["y"] = np.array(data.draw(st.lists(values, min_size=len(panel), max_size=len(panel))), dtype=float)
    try:
        found = event_study(panel, *COLUMNS, method=method)
    except StatsError:
        return
    silent = found.table["std_error"].isna() & (found.table["warning"] == "")
    assert not silent.any()
    assert np.isfinite(found.overall.estimate) or "event_not_identified" in codes(found)
