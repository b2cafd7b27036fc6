"""What must hold for any panel: group-time effects and the two-by-two follow from the numbers, not from how they are written down."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.differences.group_time import GroupTimeEffects, att_gt
from evalapp.stats.differences.two_by_two import TwoByTwo, two_by_two

EXACT = 1e-9  # the same arithmetic in another order or unit, relative to an effect of about one
ROUNDED = 1e-6  # constants of a million times the noise are added and cancel: ten digits of sixteen are left
NUMBERS = ["att", "std_error", "conf_low", "conf_high"]
FEW = settings(max_examples=12, deadline=None)
SHUFFLES = 150
CHANCE = 4.0  # standard errors of a mean over the shuffles: one false alarm in 16,000

seeds = st.integers(0, 2**32 - 1)
methods = st.sampled_from([((), "dr"), (("x",), "dr"), (("x",), "ipw"), (("x",), "reg")])
controls = st.sampled_from(["never_treated", "not_yet_treated"])
inferences = st.sampled_from(["small_sample", "classical"])


def programme(seed: int, waves: int = 4) -> pd.DataFrame:
    rng, cohort = np.random.default_rng(seed), np.repeat([0, 3, 4], [30, 12, 14])
    n, wave = len(cohort), np.arange(1, waves + 1)
    y = rng.normal(size=(n, 1)) + rng.normal(size=(n, waves)) + ((cohort[:, None] > 0) & (wave >= cohort[:, None]))
    long = {"unit": np.arange(n), "cohort": cohort, "x": rng.normal(size=n), "village": np.arange(n) // 2}
    columns = {name: np.repeat(values, waves) for name, values in long.items()}
    return pd.DataFrame(columns | {"wave": np.tile(wave, n), "y": y.ravel()})


def pair(seed: int) -> pd.DataFrame:
    panel = programme(seed)
    panel = panel[panel["cohort"].isin([0, 3]) & panel["wave"].isin([2, 3])]
    return panel.assign(treated=(panel["cohort"] == 3).astype(int))


def effects(panel: pd.DataFrame, **options: object) -> GroupTimeEffects:
    return att_gt(panel, "y", "unit", "wave", "cohort", **options)


def second_difference(panel: pd.DataFrame, **options: object) -> TwoByTwo:
    return two_by_two(panel, "y", "unit", "wave", "treated", **options)


def close(found: GroupTimeEffects, expected: GroupTimeEffects, factor: float = 1.0, within: float = EXACT) -> None:
    for kind in (None, "simple", "dynamic", "group", "calendar"):
        tables = [result.table if kind is None else result.aggregate(kind).table for result in (found, expected)]
        np.testing.assert_allclose(tables[0][NUMBERS], factor * tables[1][NUMBERS], rtol=0, atol=within * abs(factor))
        if kind is not None:
            overall = [result.aggregate(kind).overall for result in (found, expected)]
            values = [[one.estimate, one.std_error] for one in overall]
            np.testing.assert_allclose(values[0], factor * np.array(values[1]), rtol=0, atol=within * abs(factor))


@FEW
@given(seed=seeds, choice=methods, control=controls, inference=inferences)
def test_the_order_of_rows_and_the_labels_of_units_do_not_matter(seed: int, choice: tuple, control: str, inference: str) -> None:
    panel, (covariates, method) = programme(seed), choice
    options = {"covariates": covariates, "method": method, "control_group": control, "inference": inference}
    labels = np.random.default_rng(seed).permutation(panel["unit"].nunique())
    renamed = panel.assign(unit=[f"person {labels[unit]}" for unit in panel["unit"]])
    close(effects(renamed.sample(frac=1, random_state=seed), **options), effects(panel, **options))


@FEW
@given(seed=seeds)
def test_labels_and_order_do_not_matter_to_panels_with_gaps_either(seed: int) -> None:
    panel = programme(seed).sample(frac=0.9, random_state=seed)
    options = {"covariates": ("x",), "panel_type": "unbalanced"}
    close(
        effects(panel.sample(frac=1, random_state=1).assign(unit=-panel["unit"]), **options), effects(panel.sort_index(), **options)
    )


@FEW
@given(seed=seeds, choice=methods, factor=st.sampled_from([1e-6, 0.1, 3.0, 1300.0, 1e9]), inference=inferences)
def test_scaling_the_outcome_scales_the_effect(seed: int, choice: tuple, factor: float, inference: str) -> None:
    panel, (covariates, method) = programme(seed), choice
    options = {"covariates": covariates, "method": method, "inference": inference}
    close(effects(panel.assign(y=factor * panel["y"]), **options), effects(panel, **options), factor)


@FEW
@given(seed=seeds, choice=methods, constant=st.floats(-1e6, 1e6))
def test_adding_a_constant_changes_nothing(seed: int, choice: tuple, constant: float) -> None:
    panel, (covariates, method) = programme(seed), choice
    options = {"covariates": covariates, "method": method}
    close(effects(panel.assign(y=panel["y"] + constant), **options), effects(panel, **options), within=ROUNDED)


@FEW
@given(seed=seeds, choice=methods)
def test_constants_of_units_and_of_periods_cancel(seed: int, choice: tuple) -> None:
    panel, (covariates, method), rng = programme(seed), choice, np.random.default_rng(seed)
    own, season = 1e5 * rng.normal(size=panel["unit"].nunique()), 1e5 * rng.normal(size=5)
    options = {"covariates": covariates, "method": method}
    close(
        effects(panel.assign(y=panel["y"] + own[panel["unit"]] + season[panel["wave"]]), **options),
        effects(panel, **options),
        within=ROUNDED,
    )


@FEW
@given(seed=seeds, control=controls)
def test_what_happens_to_the_treated_after_treatment_moves_only_their_cell(seed: int, control: str) -> None:
    panel = programme(seed)
    hit = (panel["cohort"] == 4) & (panel["wave"] == 4)
    before, after = (
        effects(panel, control_group=control).table,
        effects(panel.assign(y=panel["y"] + 7 * hit), control_group=control).table,
    )
    moved = ((before["group"] == 4) & (before["time"] == 4)).to_numpy()
    np.testing.assert_allclose(after["att"] - before["att"], 7 * moved, rtol=0, atol=EXACT)


@FEW
@given(seed=seeds, inference=inferences)
def test_a_village_of_copies_is_seen_by_clustered_errors(seed: int, inference: str) -> None:
    panel = programme(seed)
    twins = pd.concat([panel, panel.assign(unit=panel["unit"] + 1000)]).assign(village=lambda frame: frame["unit"] % 1000)
    apart, together = effects(twins, inference=inference).table, effects(twins, cluster="village", inference=inference).table
    single = effects(panel, inference=inference).table
    np.testing.assert_allclose(together["att"], apart["att"], rtol=0, atol=EXACT)
    np.testing.assert_allclose(together["std_error"], single["std_error"], rtol=EXACT)
    assert (together["std_error"] > 1.3 * apart["std_error"]).all()


@FEW
@given(seed=seeds, factor=st.floats(0.01, 100))
def test_only_the_ratio_of_weights_matters(seed: int, factor: float) -> None:
    panel = programme(seed)
    panel["w"] = np.random.default_rng(seed).uniform(0.5, 2, panel["unit"].nunique())[panel["unit"]]
    options = {"weights": "w", "covariates": ("x",)}
    close(effects(panel.assign(w=factor * panel["w"]), **options), effects(panel, **options))


@FEW
@given(seed=seeds, choice=methods)
def test_the_two_by_two_ignores_order_labels_and_constants_and_scales(seed: int, choice: tuple) -> None:
    panel, (covariates, method) = pair(seed), choice
    plain = second_difference(panel, covariates=covariates, method=method)
    changed = panel.sample(frac=1, random_state=seed).assign(unit=lambda frame: "p" + frame["unit"].astype(str))
    changed["y"] = 5 * changed["y"] + 100
    again = second_difference(changed, covariates=covariates, method=method)
    for name in ("estimate", "std_error", "conf_low", "conf_high"):
        assert getattr(again, name) == pytest.approx(5 * getattr(plain, name), abs=ROUNDED)


@FEW
@given(seed=seeds, start=st.integers(-3, 2030))
def test_the_two_by_two_does_not_care_how_rounds_are_numbered(seed: int, start: int) -> None:
    panel = pair(seed)
    moved = second_difference(panel.assign(wave=panel["wave"] - 2 + start))
    assert moved.estimate == pytest.approx(second_difference(panel).estimate, abs=EXACT)
    assert moved.means["units"].tolist() == [30, 12, 42]


@pytest.mark.parametrize("covariates", [(), ("x",)])
def test_permuted_treatment_centres_the_estimate_on_zero(covariates: tuple[str, ...]) -> None:
    panel, rng = pair(3), np.random.default_rng(5)
    panel["y"] += 10 * panel["treated"] * (panel["wave"] == 3)
    arms = panel.groupby("unit")["treated"].first()
    shuffled = [arms.sample(frac=1, random_state=rng).set_axis(arms.index) for _ in range(SHUFFLES)]
    found = np.array([
        second_difference(panel.assign(treated=panel["unit"].map(arm)), covariates=covariates, method="reg").estimate for arm in shuffled
    ])  # fmt: skip
    assert abs(found.mean()) < CHANCE * found.std() / np.sqrt(SHUFFLES)
    assert second_difference(panel, covariates=covariates, method="reg").estimate > found.max()


def test_permuted_cohorts_centre_the_overall_effect_on_zero() -> None:
    panel, rng = programme(4), np.random.default_rng(6)
    panel["y"] += 10 * ((panel["cohort"] > 0) & (panel["wave"] >= panel["cohort"]))
    cohorts = panel.groupby("unit")["cohort"].first()
    found = []
    for _ in range(SHUFFLES):
        shuffled = cohorts.sample(frac=1, random_state=rng).set_axis(cohorts.index)
        found.append(effects(panel.assign(cohort=panel["unit"].map(shuffled))).aggregate("simple").overall.estimate)
    assert abs(np.mean(found)) < CHANCE * np.std(found) / np.sqrt(SHUFFLES)
    assert effects(panel).aggregate("simple").overall.estimate > max(found)
