"""Small-sample inference: against Welch's test where it applies exactly, by simulation where it does not, and its cautions."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalapp.stats.differences.group_time import GroupTimeEffects, att_gt

EXACT = 1e-10  # same arithmetic in another order
NOMINAL = (0.035, 0.065)  # 4 to 6 %, and two simulation errors (0.005) of 2,000 draws
DRAWS = 2000


def programme(sizes: dict[float, int], periods: int, seed: int, noise: float = 1.0) -> pd.DataFrame:
    """Draw units of each cohort with unit effects, no effect of treatment, one covariate and villages of four."""
    generator, cohort = np.random.default_rng(seed), np.repeat(list(sizes), list(sizes.values()))
    n = len(cohort)
    y = generator.normal(size=(n, 1)) + noise * generator.normal(size=(n, periods))
    units = np.repeat(np.arange(n), periods)
    village = np.repeat(100 * cohort + np.concatenate([np.arange(size) // 4 for size in sizes.values()]), periods)
    waves, x = np.tile(np.arange(1, periods + 1), n), np.repeat(generator.normal(size=n), periods)
    columns = {"unit": units, "wave": waves, "cohort": np.repeat(cohort, periods), "y": y.ravel(), "x": x, "village": village}
    return pd.DataFrame(columns)


def effects(panel: pd.DataFrame, **options: object) -> GroupTimeEffects:
    return att_gt(panel, "y", "unit", "wave", "cohort", **options)


def changes(panel: pd.DataFrame) -> pd.Series:
    return panel[panel["wave"] == 2].set_index("unit")["y"] - panel[panel["wave"] == 1].set_index("unit")["y"]


def codes(result: object) -> set[str]:
    return {caution.code for caution in result.cautions}


def test_a_cell_has_the_variance_of_welch() -> None:
    panel = programme({0: 40, 2: 6}, 2, seed=1)
    change, treated = changes(panel), panel.groupby("unit")["cohort"].first() == 2
    welch = np.sqrt(change[treated].var(ddof=1) / 6 + change[~treated].var(ddof=1) / 40)
    cell = effects(panel).table.iloc[0]
    assert cell["std_error"] == pytest.approx(welch, rel=EXACT)
    assert cell["att"] == pytest.approx(change[treated].mean() - change[~treated].mean(), rel=EXACT)


def test_degrees_of_freedom_moderate_welch_by_one_common_degree() -> None:
    panel = programme({0: 40, 2: 6}, 2, seed=1)
    change, treated = changes(panel), panel.groupby("unit")["cohort"].first() == 2
    variances, sizes = np.array([change[treated].var(ddof=1), change[~treated].var(ddof=1)]), np.array([6, 40])
    pooled = (sizes - 1) @ variances / (sizes - 1).sum()
    parts = ((sizes - 1) * variances + pooled) / sizes / sizes
    cell = effects(panel).table.iloc[0]
    assert cell["df"] == pytest.approx(parts.sum() ** 2 / (parts**2 / (sizes - 1)).sum(), rel=EXACT)
    assert cell["conf_high"] == pytest.approx(cell["att"] + cell["std_error"] * stats.t.ppf(0.975, cell["df"]), rel=EXACT)


def test_an_average_is_a_sum_of_cohort_means() -> None:
    panel = programme({0: 9, 3: 6, 4: 7}, 4, seed=2)
    result = effects(panel, control_group="not_yet_treated")
    y = panel.pivot_table(index="unit", columns="wave", values="y").to_numpy()
    cohort = panel.groupby("unit")["cohort"].first().to_numpy()
    # cells (3, 3), (3, 4), (4, 4) with cohort weights 6, 6, 7; cohort 4 is a control of the first only
    weight = np.array([6, 6, 7]) / 19
    treated3 = weight[0] * (y[:, 2] - y[:, 1]) + weight[1] * (y[:, 3] - y[:, 1])
    change33, change34, change44 = y[:, 2] - y[:, 1], y[:, 3] - y[:, 1], y[:, 3] - y[:, 2]
    treated4 = weight[2] * change44 - weight[0] * 7 / 16 * change33
    never = -weight[0] * 9 / 16 * change33 - weight[1] * change34 - weight[2] * change44
    parts = [(treated3, 3), (treated4, 4), (never, 0)]
    overall = result.aggregate("simple").overall
    assert overall.estimate == pytest.approx(sum(z[cohort == g].mean() for z, g in parts), rel=EXACT)
    variance = sum(z[cohort == g].var(ddof=1) / (cohort == g).sum() for z, g in parts)
    assert overall.std_error == pytest.approx(np.sqrt(variance), rel=EXACT)


def test_an_adjusted_cell_divides_each_squared_residual_by_one_minus_its_leverage() -> None:
    panel = programme({0: 12, 2: 6}, 2, seed=9)
    change, x = changes(panel).to_numpy(), panel.groupby("unit")["x"].first().to_numpy()
    treated, X = panel.groupby("unit")["cohort"].first().to_numpy() == 2, np.column_stack([np.ones(18), x])
    inverse = np.linalg.inv(X[~treated].T @ X[~treated])
    residual = change - X @ inverse @ X[~treated].T @ change[~treated]
    loading, leverage = X[~treated] @ inverse @ X[treated].mean(axis=0), np.diag(X[~treated] @ inverse @ X[~treated].T)
    variance = residual[treated].var(ddof=1) / 6 + (loading**2 * residual[~treated] ** 2 / (1 - leverage)).sum()
    cell = effects(panel, covariates=("x",), method="reg").table.iloc[0]
    assert cell["std_error"] == pytest.approx(np.sqrt(variance), rel=EXACT)
    assert 1 < cell["df"] < 15


def test_clusters_of_one_unit_change_nothing() -> None:
    panel = programme({0: 20, 3: 8}, 4, seed=3).assign(own=lambda frame: frame["unit"])
    plain, clustered = effects(panel), effects(panel, cluster="own")
    pd.testing.assert_frame_equal(plain.table, clustered.table)
    assert "few_assigned_clusters" in codes(clustered)


def test_equal_weights_of_any_size_change_nothing() -> None:
    panel = programme({0: 20, 3: 8}, 4, seed=3).assign(w=7.0)
    pd.testing.assert_frame_equal(effects(panel).table, effects(panel, weights="w").table)


def test_one_treated_unit_gets_no_interval_and_says_why() -> None:
    result = effects(programme({0: 40, 2: 1, 3: 8}, 3, seed=4))
    lone = result.table[result.table["group"] == 2]
    assert lone["att"].notna().all()
    assert lone[["std_error", "conf_low", "conf_high"]].isna().all(axis=None)
    assert lone["warning"].str.contains("single_treated").all()
    assert "single_treated" in codes(result)


def test_one_treated_cluster_gets_no_interval() -> None:
    result = effects(programme({0: 40, 2: 4}, 2, seed=4), cluster="village")
    assert result.table["std_error"].isna().all()
    assert {"single_treated", "very_few_assigned_clusters"} <= codes(result)


def test_cohorts_under_five_stay_out_of_averages_unless_asked() -> None:
    result = effects(programme({0: 40, 2: 3, 3: 8}, 3, seed=5))
    assert "few_treated" in result.table.loc[0, "warning"]
    assert result.aggregate("group").table["group"].tolist() == [3]
    assert "small_cohorts_left_out" in codes(result.aggregate("group"))
    assert result.aggregate("group", min_treated=1).table["group"].tolist() == [2, 3]


def test_small_cohorts_are_kept_when_there_are_no_others() -> None:
    aggregate = effects(programme({0: 40, 2: 3}, 2, seed=5)).aggregate("simple")
    assert np.isfinite(aggregate.overall.std_error)
    assert "small_cohorts_kept" in codes(aggregate)


def test_the_pretest_of_one_cell_is_its_squared_t() -> None:
    result = effects(programme({0: 15, 3: 9}, 3, seed=6))
    pre = result.table.iloc[0]
    assert result.pretest.df == 1
    assert result.pretest.statistic == pytest.approx((pre["att"] / pre["std_error"]) ** 2, rel=EXACT)


def rejection_rate(sizes: dict[float, int], periods: int, kind: str | None, draws: int = DRAWS, **options: object) -> float:
    rejected = 0
    for seed in range(draws):
        result = effects(programme(sizes, periods, seed), **options)
        p = result.table.loc[0, "p_value"] if kind is None else result.aggregate(kind).overall.p_value
        rejected += p < 0.05
    return rejected / draws


def test_a_cell_of_five_treated_rejects_a_true_null_at_its_level() -> None:
    low, high = 0.025, 0.08  # 400 draws: simulation error 0.011
    assert low < rejection_rate({0: 40, 2: 5}, 2, None, draws=400) < high


@pytest.mark.slow
@pytest.mark.parametrize("treated", [3, 4, 5, 10])
def test_cells_reject_a_true_null_at_their_level(treated: int) -> None:
    assert NOMINAL[0] < rejection_rate({0: 40, 2: treated}, 2, None) < NOMINAL[1]


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [{0: 5, 3: 5, 4: 5}, {0: 8, 3: 8, 4: 8}, {0: 20, 3: 10, 4: 15}])
def test_the_overall_effect_rejects_a_true_null_at_its_level(sizes: dict[float, int]) -> None:
    assert NOMINAL[0] < rejection_rate(sizes, 4, "simple") < NOMINAL[1]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["dr", "ipw", "reg"])
def test_adjusted_cells_reject_a_true_null_at_their_level(method: str) -> None:
    assert NOMINAL[0] < rejection_rate({0: 40, 2: 10}, 2, None, covariates=("x",), method=method) < NOMINAL[1]


@pytest.mark.slow
def test_classical_inference_rejects_too_often_in_small_programmes() -> None:
    assert rejection_rate({0: 40, 2: 3}, 2, None, inference="classical") > 0.15
