"""Nonsense input is named, and what is left out or cannot be estimated says so."""

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.warnings import StatsError


def programme(sizes: dict[float, int], periods: int = 4) -> pd.DataFrame:
    generator, cohort = np.random.default_rng(8), np.repeat(list(sizes), list(sizes.values()))
    n = len(cohort)
    return pd.DataFrame(
        {
            "unit": np.repeat([f"S-{i}" for i in range(n)], periods),
            "wave": np.tile(np.arange(1, periods + 1), n),
            "cohort": np.repeat(cohort.astype(float), periods),
            "y": generator.normal(size=n * periods),
            "x": np.repeat(generator.normal(size=n), periods),
            "w": 1.0,
            "c": np.repeat(np.arange(n), periods),
        }
    )


@pytest.fixture
def panel() -> pd.DataFrame:
    return programme({0: 20, 3: 8, 4: 9})


def run(panel: pd.DataFrame, **options: object) -> object:
    return att_gt(panel, "y", "unit", "wave", "cohort", **options)


def codes(result: object) -> set[str]:
    return {caution.code for caution in result.cautions}


def broken(panel: pd.DataFrame, column: str, value: object, row: int = 5) -> pd.DataFrame:
    panel = panel.astype({column: object})
    panel.loc[row, column] = value
    return panel if isinstance(value, str) else panel.infer_objects()


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("y", "many", "outcome column 'y' holds 'many'"),
        ("y", np.inf, "outcome column 'y' holds an infinite value"),
        ("x", np.inf, "covariate column 'x' holds an infinite value"),
        ("w", -1.0, "weight column 'w' has negative values"),
        ("wave", np.nan, "time column 'wave' has missing values"),
        ("unit", None, "unit column 'unit' has missing values"),
        ("cohort", 4.0, "cohort column 'cohort' changes within unit S-1"),
        ("cohort", -np.inf, "cohort column 'cohort' holds minus infinity"),
        ("c", 7, "cluster column 'c' changes within unit S-1"),
    ],
)
def test_a_bad_value_is_named_with_its_column(panel: pd.DataFrame, column: str, value: object, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(broken(panel, column, value), covariates=("x",), weights="w", cluster="c")


def test_two_rows_of_a_unit_in_a_period_are_named(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="unit S-0 has two rows in period 2"):
        run(pd.concat([panel, panel.iloc[[1]]]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"covariates": ("z",)}, "no column 'z'"),
        ({"covariates": "x"}, "covariates is the text 'x'"),
        ({"method": "ols"}, "method is 'ols'; choose one of dr, ipw, reg"),
        ({"control_group": "everyone"}, "control_group is 'everyone'"),
        ({"anticipation": -1}, "anticipation is -1"),
        ({"bootstrap": 0}, "bootstrap is 0"),
        ({"level": 95}, "level is 95"),
    ],
)
def test_an_unknown_option_is_named(panel: pd.DataFrame, options: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(panel, **options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": 1.0}, "outcome column 'y' is constant"),
        ({"wave": 1, "unit": range(148)}, "fewer than two periods"),
        ({"cohort": 0.0}, "no cohort in the cohort column"),
        ({"cohort": 3.0}, "no cohort in the cohort column"),
        ({"cohort": 1.0}, "fewer than two periods"),
        ({"y": np.nan}, "no row is complete"),
        ({"w": 0.0}, "weight column 'w' sums to zero"),
    ],
)
def test_data_that_can_say_nothing_are_refused(panel: pd.DataFrame, change: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(panel.assign(**change), weights="w")


def test_zero_missing_and_infinity_all_mean_never_treated(panel: pd.DataFrame) -> None:
    first = run(panel).table
    for value in (np.nan, np.inf):
        pd.testing.assert_frame_equal(first, run(panel.assign(cohort=panel["cohort"].replace(0, value))).table)


def test_units_without_baseline_or_with_gaps_are_dropped_and_listed() -> None:
    panel = programme({0: 20, 1: 2, 3: 8})
    result = run(panel.drop(index=4 * 3 + 1))
    assert {"always_treated_dropped", "incomplete_units_dropped"} <= codes(result)
    assert result.dropped["unit"].tolist() == ["S-20", "S-21", "S-3"]
    assert result.n_units == 27


def test_an_unbalanced_panel_keeps_units_with_gaps(panel: pd.DataFrame) -> None:
    result = run(panel.drop(index=[1, 90, 120]), panel_type="unbalanced")
    assert result.n_units == 37
    assert result.dropped.empty
    assert result.table["std_error"].notna().all()


def test_a_panel_without_gaps_is_balanced_whatever_it_is_called(panel: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(run(panel).table, run(panel, panel_type="unbalanced").table)


def test_missing_rows_are_counted(panel: pd.DataFrame) -> None:
    panel.loc[[0, 9], "y"] = np.nan
    cautions = {caution.code: caution for caution in run(panel).cautions}
    assert cautions["missing_rows_dropped"].facts["rows"] == 2


def test_without_never_treated_the_not_yet_treated_compare_and_it_says_so() -> None:
    result = run(programme({2: 8, 3: 8, 4: 9}))
    assert result.control_group == "not_yet_treated"
    assert "no_never_treated" in codes(result)
    assert result.table["time"].max() == 3
    assert "last_cohort_as_never_treated" in codes(run(programme({2: 8, 3: 8, 4: 9}), control_group="never_treated"))


def test_separation_gives_no_number_and_a_caution(panel: pd.DataFrame) -> None:
    panel["x"] = panel["x"] + 100 * (panel["cohort"] == 3)
    result = run(panel, covariates=("x",))
    cells = result.table[result.table["group"] == 3]
    assert cells[["att", "std_error"]].isna().all(axis=None)
    assert (cells["warning"] == "overlap_failed").all()
    assert "cells_left_out" in codes(result.aggregate("simple"))


def test_collinear_covariates_give_no_number_and_a_caution(panel: pd.DataFrame) -> None:
    result = run(panel.assign(again=2 * panel["x"]), covariates=("x", "again"), method="reg")
    assert (result.table["warning"] == "controls_collinear").all()


def test_a_cell_without_variation_gets_no_interval(panel: pd.DataFrame) -> None:
    panel.loc[panel["wave"].isin([1, 2]), "y"] = 5.0
    flat = run(panel).table.query("time == 2")
    assert flat["std_error"].isna().all()
    assert flat["warning"].str.contains("contrast_does_not_vary").all()


def test_every_missing_number_has_its_reason() -> None:
    result = run(programme({0: 20, 2: 1, 3: 8}), base_period="universal")
    missing = result.table[["att", "std_error"]].isna().any(axis=1)
    assert (result.table.loc[missing, "warning"] != "").all()
    assert missing.any()


def test_every_caution_can_be_read(panel: pd.DataFrame) -> None:
    for caution in (*run(panel).cautions, *run(programme({2: 1, 3: 8, 4: 9}), cluster="c").cautions):
        assert caution.officer
        assert caution.econometrician


def test_simultaneous_intervals_are_wider_and_repeatable(panel: pd.DataFrame) -> None:
    plain, first, again = run(panel), run(panel, bootstrap=499), run(panel, bootstrap=499)
    pd.testing.assert_frame_equal(first.table, again.table)
    assert (first.table["conf_high"] > plain.table["conf_high"]).all()
    assert (first.aggregate("dynamic").table["conf_high"] > plain.aggregate("dynamic").table["conf_high"]).all()
    assert first.aggregate("dynamic").overall == plain.aggregate("dynamic").overall


def test_the_window_bounds_event_times(panel: pd.DataFrame) -> None:
    result = run(panel)
    assert result.aggregate("dynamic", min_event=-1, max_event=0).table["event_time"].tolist() == [-1, 0]
    assert result.aggregate("dynamic", balance_event=1).table["event_time"].tolist() == [-1, 0, 1]
    with pytest.raises(StatsError, match="no post-treatment cell"):
        result.aggregate("dynamic", max_event=-1)
    with pytest.raises(StatsError, match="kind is 'overall'"):
        result.aggregate("overall")
