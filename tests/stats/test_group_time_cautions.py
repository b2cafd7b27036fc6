"""Group-time effects say when one person carries them and when the outcome is mostly zero or not."""

import numpy as np
import pandas as pd
import pytest

from evalapp.stats import Caution, att_gt
from evalapp.stats.differences.group_time import GroupTimeEffects

PRINTED = 1e-3  # the caution quotes four digits
PEOPLE, ROUNDS = 24, 4


def programme(seed: int, effect: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    cohort = np.repeat([0.0, 2.0, 3.0], PEOPLE // 3)
    columns = {"person": np.arange(PEOPLE), "cohort": cohort, "age": rng.normal(size=PEOPLE)}
    panel = pd.DataFrame({name: np.repeat(values, ROUNDS) for name, values in columns.items()})
    panel["wave"] = np.tile(np.arange(1, ROUNDS + 1), PEOPLE)
    treated = (panel["cohort"] > 0) & (panel["wave"] >= panel["cohort"])
    return panel.assign(profit=rng.normal(size=len(panel)) + 0.3 * panel["age"] * panel["wave"] + effect * treated)


def outlying(panel: pd.DataFrame, person: int, amount: float) -> pd.DataFrame:
    """Let one person's profit rise by `amount` in the last two rounds."""
    rises = (panel["person"] == person) & (panel["wave"] > ROUNDS - 2)
    return panel.assign(profit=panel["profit"] + amount * rises)


def run(panel: pd.DataFrame, **options: object) -> GroupTimeEffects:
    return att_gt(panel, "profit", "person", "wave", "cohort", **options)


def simple(panel: pd.DataFrame, **options: object) -> float:
    return run(panel, **options).aggregate("simple").overall.estimate


def found(result: GroupTimeEffects, code: str) -> list[Caution]:
    return [caution for caution in result.cautions if caution.code == code]


def refitted(panel: pd.DataFrame, **options: object) -> list[float]:
    """Overall effects without each person in turn."""
    return [simple(panel[panel["person"] != person], **options) for person in panel["person"].unique()]


@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("inference", ["small_sample", "classical"])
@pytest.mark.parametrize("seed", range(6))
def test_without_covariates_it_says_what_leaving_each_person_out_in_turn_would_show(
    control_group: str, inference: str, seed: int
) -> None:
    options = {"control_group": control_group, "inference": inference}
    panel = programme(seed, effect=0.15)
    result = run(panel, **options)
    estimate = result.aggregate("simple").overall.estimate
    without = min(refitted(panel, **options), key=lambda value: value * np.sign(estimate))
    cautions = found(result, "one_person_carries")
    assert bool(cautions) == (without * estimate < 0)
    for caution in cautions:
        assert float(caution.facts["without"]) == pytest.approx(without, rel=PRINTED)
        assert float(caution.facts["estimate"]) == pytest.approx(estimate, rel=PRINTED)


def test_some_of_these_effects_are_carried_by_one_person_and_some_are_not() -> None:
    carried = [bool(found(run(programme(seed, effect=0.15)), "one_person_carries")) for seed in range(6)]
    assert any(carried)
    assert not all(carried)


@pytest.mark.parametrize("method", ["dr", "reg", "ipw"])
@pytest.mark.parametrize("person", [2, 20])
def test_with_covariates_an_outlier_that_turns_the_sign_is_found(method: str, person: int) -> None:
    amount = 60.0 if person == 20 else -60.0  # a trained person who rises, or a comparison person who falls
    panel = outlying(programme(3, effect=-1.5), person, amount)
    options = {"covariates": ("age",), "method": method}
    result = run(panel, **options)
    without = simple(panel[panel["person"] != person], **options)
    estimate = result.aggregate("simple").overall.estimate
    assert estimate > 0 > without
    (caution,) = found(result, "one_person_carries")
    assert float(caution.facts["without"]) == pytest.approx(without, rel=PRINTED)


def test_gaps_do_not_hide_the_person_who_carries_the_effect() -> None:
    panel = outlying(programme(3, effect=-1.5), 20, 60.0).drop(index=[1, 50])
    (caution,) = found(run(panel, panel_type="unbalanced"), "one_person_carries")
    without = simple(panel[panel["person"] != 20], panel_type="unbalanced")
    assert float(caution.facts["without"]) == pytest.approx(without, rel=PRINTED)


def test_an_effect_that_everyone_shares_needs_no_such_word() -> None:
    assert not found(run(programme(1, effect=3.0), covariates=("age",)), "one_person_carries")


def test_an_outcome_that_never_moves_apart_needs_no_such_word() -> None:
    panel = programme(1)
    assert not found(run(panel.assign(profit=panel["person"] + 0.1 * panel["wave"])), "one_person_carries")


def with_zeros(share: float) -> pd.DataFrame:
    panel = programme(5)
    zero = np.random.default_rng(0).permutation(len(panel)) < share * len(panel)
    return panel.assign(profit=np.where(zero, 0.0, np.exp(panel["profit"])))


def test_amounts_with_a_mass_of_zeros_say_so() -> None:
    (caution,) = found(run(with_zeros(0.25)), "mass_of_zeros")
    assert caution.facts == {"zeros": 24, "of": 96, "percent": 25}
    assert caution.officer.startswith("25% of the answers are zero")
    assert "24 of 96 outcomes" in caution.econometrician


def test_a_few_zeros_are_no_mass() -> None:
    assert not found(run(with_zeros(0.15)), "mass_of_zeros")


@pytest.mark.parametrize("highest", [1, 5, 10])
def test_a_yes_and_no_or_a_scale_has_no_mass_of_zeros(highest: int) -> None:
    panel = programme(5)
    answers = np.random.default_rng(0).integers(0, highest + 1, len(panel)) * (panel["wave"] != 2)
    assert (answers == 0).mean() > 0.2
    assert not found(run(panel.assign(profit=answers)), "mass_of_zeros")
