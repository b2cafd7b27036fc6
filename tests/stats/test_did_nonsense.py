"""Nonsense never gets through in silence: a named error, or a number with a caution, whatever the panel is made of."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.group_time import GroupTimeEffects, att_gt
from evalapp.stats.differences.two_by_two import two_by_two
from evalapp.stats.warnings import StatsError

KINDS = ("simple", "dynamic", "group", "calendar")
NUMBERS = ["att", "std_error", "conf_low", "conf_high", "p_value"]


def programme(sizes: dict[float, int], waves: int = 4) -> pd.DataFrame:
    rng, cohort = np.random.default_rng(8), np.repeat(list(sizes), list(sizes.values()))
    n = len(cohort)
    long = {"unit": np.arange(n), "cohort": cohort.astype(float), "x": rng.normal(size=n), "village": np.arange(n) // 3}
    columns = {name: np.repeat(values, waves) for name, values in long.items()}
    return pd.DataFrame(columns | {"wave": np.tile(np.arange(1, waves + 1), n), "y": rng.normal(size=n * waves), "w": 1.0})


@pytest.fixture
def panel() -> pd.DataFrame:
    return programme({0: 20, 3: 8, 4: 9})


@pytest.fixture
def pair(panel: pd.DataFrame) -> pd.DataFrame:
    return panel[panel["wave"] < 3].assign(treated=lambda frame: (frame["cohort"] > 0).astype(int))


def run(panel: object, **options: object) -> GroupTimeEffects:
    return att_gt(panel, "y", "unit", "wave", "cohort", **options)


def codes(result: GroupTimeEffects) -> set[str]:
    return {caution.code for caution in result.cautions}


def spoken(result: GroupTimeEffects) -> GroupTimeEffects:
    """Check that every missing number of a result has a caution beside it."""
    assert (result.table.loc[result.table[NUMBERS].isna().any(axis=1), "warning"] != "").all()
    for kind in KINDS:
        try:
            average = result.aggregate(kind)
        except StatsError:
            assert codes(result) - {"pretest_unavailable"}
            continue
        numbers = [average.overall.estimate, average.overall.std_error]
        assert np.isfinite(numbers).all() or average.cautions
        assert (average.table.loc[average.table[NUMBERS].isna().any(axis=1), "warning"] != "").all()
    return result


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cohort": 3.0}, "no cohort in the cohort column has both a baseline period and a comparison group"),
        ({"cohort": 1.0}, "fewer than two periods are left"),
        ({"cohort": np.nan}, "no cohort in the cohort column"),
        ({"cohort": "spring"}, "cohort column 'cohort' holds 'spring'"),
        ({"cohort": pd.Timestamp("2024-03-01")}, "cohort column 'cohort' holds values of type datetime64"),
        ({"y": 3.0}, "outcome column 'y' is constant"),
        ({"y": np.inf}, "outcome column 'y' holds an infinite value"),
        ({"y": "high"}, "outcome column 'y' holds 'high'"),
        ({"y": None}, "outcome column 'y'"),
        ({"y": Decimal(1)}, "outcome column 'y' holds values of type object"),
        ({"y": 1j}, "outcome column 'y' holds values of type complex"),
        ({"y": 1e200}, "outcome column 'y' reaches 1e\\+200, whose square"),
        ({"y": -1e-200}, "outcome column 'y' reaches 1e-200"),
        ({"x": 1e200}, "covariate column 'x' reaches 1e\\+200"),
        ({"x": "old"}, "covariate column 'x' holds 'old'"),
        ({"w": -1.0}, "weight column 'w' has negative values"),
        ({"w": 0.0}, "weight column 'w' sums to zero"),
        ({"w": np.inf}, "weight column 'w' holds an infinite value"),
        ({"wave": pd.Timestamp("2024-03-01")}, "time column 'wave' holds values of type datetime64"),
        ({"wave": dt.date(2024, 3, 1)}, "time column 'wave' holds values of type object"),
        ({"wave": "baseline"}, "time column 'wave' holds 'baseline'"),
        ({"wave": np.inf}, "time column 'wave' holds an infinite value"),
        ({"wave": 1}, "unit 0 has two rows in period 1"),
        ({"unit": None}, "unit column 'unit' has missing values"),
        ({"unit": 7}, "unit 7 has two rows in period 1"),
        ({"village": None}, "no row is complete"),
    ],
)
def test_a_column_of_nonsense_is_named(panel: pd.DataFrame, change: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(panel.assign(**change), covariates=("x",), weights="w", cluster="village")


def test_a_unit_in_two_cohorts_is_named(panel: pd.DataFrame) -> None:
    panel.loc[(panel["unit"] == 25) & (panel["wave"] == 2), "cohort"] = 4.0
    with pytest.raises(StatsError, match="cohort column 'cohort' changes within unit 25"):
        run(panel)


def test_a_duplicated_row_is_named(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="unit 0 has two rows in period 4 of 'wave'"):
        run(pd.concat([panel, panel.iloc[[3]]]))


def test_ids_that_cannot_be_compared_are_named(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="unit column 'unit' holds lists"):
        run(panel.assign(unit=[[unit] for unit in panel["unit"]]))


def test_a_cohort_treated_in_period_zero_is_not_taken_for_never_treated(panel: pd.DataFrame) -> None:
    shifted = panel.assign(wave=panel["wave"] - 3, cohort=panel["cohort"].replace(0, np.inf) - 3)
    with pytest.raises(StatsError, match="the periods of 'wave' run through 0"):
        run(shifted)


@pytest.mark.parametrize("panel", [None, [1, 2], pd.Series([1.0]), pd.DataFrame(), pd.DataFrame(index=range(3))])
def test_what_is_no_panel_is_refused(panel: object) -> None:
    with pytest.raises(StatsError, match="panel is empty or not a DataFrame"):
        run(panel)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"anticipation": "1"}, "anticipation is '1'"),
        ({"anticipation": None}, "anticipation is None"),
        ({"anticipation": np.inf}, "anticipation is inf"),
        ({"anticipation": 100}, "no cohort in the cohort column"),
        ({"bootstrap": 2.5}, "bootstrap is 2.5"),
        ({"bootstrap": True}, "bootstrap is True"),
        ({"bootstrap": "999"}, "bootstrap is '999'"),
        ({"bootstrap": 9, "seed": -1}, "seed is -1"),
        ({"bootstrap": 9, "seed": "a"}, "seed is 'a'"),
        ({"level": "0.95"}, "level is '0.95'"),
        ({"level": np.nan}, "level is nan"),
        ({"covariates": None}, "covariates is None"),
        ({"covariates": (1,)}, "no column 1 to serve as covariate"),
        ({"cluster": ["village"]}, "no column \\['village'\\] to serve as cluster"),
        ({"weights": "nothing"}, "no column 'nothing' to serve as weight"),
        ({"control_group": ["never_treated"]}, "control_group is \\['never_treated'\\]"),
    ],
)
def test_a_nonsense_option_is_named(panel: pd.DataFrame, options: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        run(panel, **options)


@pytest.mark.parametrize("sizes", [{0: 1, 3: 1}, {0: 2, 3: 2}, {0: 1, 3: 9, 4: 9}, {0: 20, 3: 1}, {3: 1, 4: 1}, {0: 3, 1: 5, 3: 3}])
@pytest.mark.parametrize("covariates", [(), ("x",)])
@pytest.mark.parametrize("method", ["dr", "ipw", "reg"])
def test_a_handful_of_units_gives_numbers_or_reasons(sizes: dict[float, int], covariates: tuple, method: str) -> None:
    result = spoken(run(programme(sizes), covariates=covariates, method=method, bootstrap=19))
    assert codes(result)


def test_one_unit_alone_is_refused(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="no cohort in the cohort column"):
        run(panel[panel["unit"] == 25])


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        ({"w": lambda f: f["cohort"] > 0}, {"weights": "w"}, "no_comparison"),
        ({"w": lambda f: f["cohort"] == 0}, {"weights": "w"}, "no_comparison"),
        ({}, {"covariates": ("x", "x")}, "controls_collinear"),
        ({"x": lambda f: f["x"] + 50 * (f["cohort"] > 0)}, {"covariates": ("x",)}, "overlap_failed"),
        ({"y": lambda f: f["unit"] + f["wave"]}, {}, "contrast_does_not_vary"),
        ({"y": lambda f: f["wave"] == 4}, {"bootstrap": 99}, "contrast_does_not_vary"),
        ({"village": 1}, {"cluster": "village"}, "single_treated"),
        ({"village": lambda f: f["cohort"]}, {"cluster": "village"}, "single_treated"),
        ({"village": lambda f: f["unit"] % 5}, {"cluster": "village"}, "very_few_assigned_clusters"),
        ({"cohort": lambda f: f["cohort"].replace(3, 99)}, {}, "treated_after_last_period"),
        ({"cohort": lambda f: f["cohort"].replace(3, -1)}, {}, "always_treated_dropped"),
    ],
)
def test_data_that_cannot_support_a_number_say_so(panel: pd.DataFrame, change: dict, options: dict, code: str) -> None:
    assert code in codes(spoken(run(panel.assign(**change), **options)))


@pytest.mark.parametrize("panel_type", ["balanced", "unbalanced", "repeated_cross_section"])
@pytest.mark.parametrize("rows", [12, 30, 60, 100])
def test_a_panel_full_of_holes_gives_numbers_or_reasons(panel: pd.DataFrame, panel_type: str, rows: int) -> None:
    holed = panel.sample(rows, random_state=1)
    for covariates in ((), ("x",)):
        try:
            result = run(holed, panel_type=panel_type, covariates=covariates)
        except StatsError:
            assert panel_type == "balanced"
            continue
        spoken(result)


def test_a_million_missing_values_are_counted() -> None:
    panel = programme({0: 100_000, 3: 100_000, 4: 100_000})
    panel.loc[np.random.default_rng(1).permutation(len(panel))[:1_000_000], "y"] = np.nan
    cautions = {caution.code: caution.facts for caution in run(panel).cautions}
    assert cautions["missing_rows_dropped"]["rows"] == 1_000_000
    assert cautions["incomplete_units_dropped"]["units"] == panel.groupby("unit")["y"].apply(lambda y: 0 < y.count() < 4).sum()


@pytest.mark.parametrize(
    "dtypes",
    [
        {"y": "Float64", "wave": "Int64", "cohort": "Int64", "w": "Float64", "x": "Float64"},
        {"wave": "uint8", "cohort": "uint8"},
        {"unit": "category", "village": "category"},
        {"unit": "string", "village": "str"},
        {"unit": object, "y": object, "wave": object},
        {"unit": "float64"},
    ],
)
def test_the_storage_of_a_column_does_not_matter(panel: pd.DataFrame, dtypes: dict) -> None:
    options = {"covariates": ("x",), "weights": "w"}
    pd.testing.assert_frame_equal(run(panel.astype(dtypes), **options).table, run(panel, **options).table)
    clustered = run(panel.astype(dtypes), cluster="village").table
    pd.testing.assert_frame_equal(clustered, run(panel, cluster="village").table)


def test_arrow_columns_do_not_matter(panel: pd.DataFrame) -> None:
    pytest.importorskip("pyarrow")
    numbers = {"y": "double[pyarrow]", "wave": "int64[pyarrow]", "cohort": "double[pyarrow]", "unit": "int64[pyarrow]"}
    pd.testing.assert_frame_equal(run(panel.astype(numbers)).table, run(panel).table)


def test_a_missing_nullable_number_is_a_missing_row(panel: pd.DataFrame) -> None:
    nullable = panel.astype({"y": "Float64"})
    nullable.loc[3, "y"] = pd.NA
    assert {"missing_rows_dropped", "incomplete_units_dropped"} <= codes(run(nullable))


def test_a_categorical_number_is_refused_by_name(panel: pd.DataFrame) -> None:
    with pytest.raises(StatsError, match="time column 'wave' holds values of type category"):
        run(panel.astype({"wave": "category"}))


@pytest.mark.parametrize(
    "label", [lambda u: 2**62 + u, lambda u: 10**30 + u, lambda u: (u, "a"), lambda u: f"사람 {u}", lambda u: u + 0.5]
)
def test_any_label_identifies_a_unit(panel: pd.DataFrame, label: object) -> None:
    pd.testing.assert_frame_equal(run(panel.assign(unit=[label(int(unit)) for unit in panel["unit"]])).table, run(panel).table)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"treated": np.nan}, "treated column 'treated' holds values other than 0 and 1"),
        ({"treated": "yes"}, "treated column 'treated' holds 'yes'"),
        ({"unit": np.nan}, "unit column 'unit' has missing values"),
        ({"unit": lambda f: [[unit] for unit in f["unit"]]}, "unit column 'unit' holds lists"),
        ({"wave": pd.Timestamp("2024-03-01")}, "time column 'wave' holds values of type datetime64"),
        ({"w": lambda f: f["treated"]}, "weight column 'w' is zero for all control units"),
        ({"w": lambda f: 1 - f["treated"]}, "weight column 'w' is zero for all treated units"),
        ({"y": lambda f: f["y"].where(f["treated"] == 0)}, "no cohort in the cohort column"),
        ({"y": lambda f: 1e200 * f["y"]}, "outcome column 'y' reaches"),
    ],
)
def test_the_two_by_two_names_its_nonsense(pair: pd.DataFrame, change: dict, words: str) -> None:
    with pytest.raises(StatsError, match=words):
        two_by_two(pair.assign(**change), "y", "unit", "wave", "treated", weights="w")


@pytest.mark.parametrize("first", [-1, 0, 1])
def test_the_two_by_two_may_count_rounds_from_anywhere(pair: pd.DataFrame, first: int) -> None:
    found = two_by_two(pair.assign(wave=pair["wave"] - 1 + first), "y", "unit", "wave", "treated", weights="w")
    assert found.estimate == two_by_two(pair, "y", "unit", "wave", "treated").estimate
