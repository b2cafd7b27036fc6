"""Classical group-time effects against R's did, and against two Python ports for the settings R's stored results do not cover."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.differences.group_time import GroupTimeEffects, att_gt

REFERENCE = Path(__file__).parent / "reference"
SAME = 1e-9  # the programs share formulas; what is left is the stopping rule of the logit
ROUNDED = 6e-6  # R prints the p-value of the pre-test to five digits
CONTROL = {"nevertreated": "never_treated", "notyettreated": "not_yet_treated"}
KINDS = ("simple", "dynamic", "group", "calendar")


@cache
def stored(name: str) -> dict:
    return json.loads((REFERENCE / name).read_text(encoding="utf-8"))["results"]


@cache
def mpdta() -> pd.DataFrame:
    return pd.read_csv(REFERENCE / "mpdta.csv")


@cache
def variants() -> tuple[pd.DataFrame, pd.DataFrame]:
    data, generator = mpdta().copy(), np.random.default_rng(7)
    data["varying"] = np.round(generator.uniform(0.5, 2, len(data)), 3)
    units = data["countyreal"].unique()
    data["fixed"] = data["countyreal"].map(dict(zip(units, np.round(generator.uniform(0.5, 2, len(units)), 3), strict=True)))
    data["cluster"] = data["countyreal"].map(dict(zip(units, generator.integers(0, 60, len(units)), strict=True)))
    return data, data.drop(index=generator.choice(len(data), 250, replace=False)).reset_index(drop=True)


def estimate(key: str) -> GroupTimeEffects:
    control, method, covariate, base, anticipation = key.split("|")
    return att_gt(
        mpdta(), "lemp", "countyreal", "year", "first.treat",
        covariates=() if covariate == "none" else (covariate,), control_group=CONTROL[control], method=method,
        base_period=base, anticipation=int(anticipation.removeprefix("ant")), inference="classical",
    )  # fmt: skip


def numbers(values: list) -> np.ndarray:
    return np.array([np.nan if value in (None, "NA") else value for value in values], dtype=float)


@pytest.mark.parametrize("key", stored("did_mpdta.json"))
def test_cells_and_pretest_equal_r(key: str) -> None:
    effects, reference = estimate(key), stored("did_mpdta.json")[key]
    cells = pd.DataFrame(reference["attgt"])
    assert effects.table["group"].tolist() == cells["group"].tolist()
    assert effects.table["time"].tolist() == cells["time"].tolist()
    np.testing.assert_allclose(effects.table["att"], cells["att"], rtol=0, atol=SAME)
    np.testing.assert_allclose(effects.table["std_error"], cells["se"], rtol=0, atol=SAME)
    assert effects.pretest.statistic == pytest.approx(reference["W"][0][0], abs=SAME)
    assert effects.pretest.p_value == pytest.approx(reference["Wpval"][0][0], abs=ROUNDED)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("key", stored("did_mpdta.json"))
def test_aggregates_equal_r(key: str, kind: str) -> None:
    aggregate, reference = estimate(key).aggregate(kind), stored("did_mpdta.json")[key][kind]
    assert aggregate.overall.estimate == pytest.approx(reference["overall"], abs=SAME)
    assert aggregate.overall.std_error == pytest.approx(reference["overall_se"], abs=SAME)
    if kind != "simple":
        assert aggregate.table.iloc[:, 0].tolist() == reference["egt"]
        np.testing.assert_allclose(aggregate.table["att"], reference["att"], rtol=0, atol=SAME)
        np.testing.assert_allclose(aggregate.table["std_error"], numbers(reference["se"]), rtol=0, atol=SAME)


@pytest.mark.parametrize("key", stored("did_mpdta_peers.json"))
def test_all_48_settings_equal_the_ports_of_r(key: str) -> None:
    effects, reference = estimate(key), stored("did_mpdta_peers.json")[key]
    cells = np.array([numbers(row) for row in reference["cells"]])
    np.testing.assert_allclose(effects.table[["group", "time", "att", "std_error"]], cells, rtol=0, atol=SAME)
    assert effects.pretest.statistic == pytest.approx(reference["W"], abs=SAME)
    for kind in KINDS:
        aggregate = effects.aggregate(kind)
        assert aggregate.overall.estimate == pytest.approx(reference[kind]["overall"], abs=SAME)
        assert aggregate.overall.std_error == pytest.approx(reference[kind]["overall_se"], abs=SAME)
        if kind != "simple":
            assert aggregate.table.iloc[:, 0].tolist() == reference[kind]["at"]
            np.testing.assert_allclose(aggregate.table["std_error"], numbers(reference[kind]["se"]), rtol=0, atol=SAME)


@pytest.mark.parametrize("key", stored("did_mpdta_variants.json"))
def test_weights_clusters_gaps_and_cross_sections_equal_the_ports(key: str) -> None:
    variant, method, covariate, control = key.split("|")
    options = {
        "incomplete": {},
        "unbalanced": {"panel_type": "unbalanced"},
        "repeated_cross_section": {"panel_type": "repeated_cross_section"},
        "unit_weights": {"weights": "fixed"},
        "varying_weights": {"weights": "varying"},
        "cluster": {"cluster": "cluster"},
    }
    whole, gaps = variants()
    effects = att_gt(
        gaps if variant in ("incomplete", "unbalanced", "repeated_cross_section") else whole,
        "lemp", "countyreal", "year", "first.treat",
        covariates=() if covariate == "none" else (covariate,), control_group=CONTROL[control], method=method,
        inference="classical", **options[variant],
    )  # fmt: skip
    reference = stored("did_mpdta_variants.json")[key]
    np.testing.assert_allclose(effects.table["att"], reference["att"], rtol=0, atol=SAME)
    np.testing.assert_allclose(effects.table["std_error"], reference["se"], rtol=0, atol=SAME)
    for kind in KINDS:
        overall = effects.aggregate(kind).overall
        np.testing.assert_allclose([overall.estimate, overall.std_error], reference["overall"][kind], rtol=0, atol=SAME)


def test_the_order_of_rows_does_not_matter() -> None:
    shuffled = mpdta().sample(frac=1, random_state=3)
    again = att_gt(shuffled, "lemp", "countyreal", "year", "first.treat", covariates=("lpop",), inference="classical")
    pd.testing.assert_frame_equal(again.table, estimate("nevertreated|dr|lpop|varying|ant0").table)


def test_the_scale_of_a_covariate_does_not_matter() -> None:
    large = mpdta().assign(lpop=lambda frame: 1e9 + 1e7 * frame["lpop"])
    again = att_gt(large, "lemp", "countyreal", "year", "first.treat", covariates=("lpop",), inference="classical")
    pd.testing.assert_frame_equal(again.table, estimate("nevertreated|dr|lpop|varying|ant0").table, rtol=1e-6)
