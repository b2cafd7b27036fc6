"""What every estimator of a randomised design owes its user, whatever the data."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evalapp.stats.attrition.attrition_weights import attrition_weights
from evalapp.stats.attrition.lee_bounds import lee_bounds
from evalapp.stats.experiments.ancova import ancova
from evalapp.stats.experiments.instrumented import instrumented
from evalapp.stats.experiments.level_ratio import level_ratio
from evalapp.stats.experiments.power import minimum_detectable_effect
from evalapp.stats.warnings import StatsError

ROUNDING = 1e-7  # relative to the outcome's spread: sums in another order, and a thousandfold constant added
DRAWS = 200
SEEDS = st.integers(0, 10_000)
FACTORS = st.floats(0.01, 1000)
SHIFTS = st.floats(-1000, 1000)


def programme(seed, n=48):
    rng = np.random.default_rng(seed)
    treat = rng.permutation(np.repeat([0, 1], n // 2))
    before = rng.standard_normal(n)
    came = np.where(treat == 1, rng.random(n) < 0.8, rng.random(n) < 0.1).astype(int)
    answered = rng.random(n) < 0.7 + 0.2 * treat
    frame = pd.DataFrame({"treat": treat, "came": came, "before": np.where(rng.random(n) < 0.1, np.nan, before)})
    y = before + rng.standard_normal(n)
    return frame.assign(
        y=y,
        stratum=np.arange(n) % 3,
        site=rng.permutation(np.arange(n) // 4),
        some=np.where(answered, y, np.nan),
        answered=answered,
    )


def regression(d):
    r = ancova(d, "y", "treat", "before", strata="stratum", cluster="site")
    return np.array([r.estimate, r.std_error, r.conf_low, r.conf_high])


def offer(d):
    r = instrumented(d, "y", "treat", "came", "before", strata="stratum")
    return np.array([r.tot.estimate, r.tot.std_error, r.itt.conf_low, r.itt.conf_high])


def bounds(d):
    r = lee_bounds(d, "some", "treat")
    return np.array([r.lower, r.lower_std_error, r.upper, r.upper_std_error, r.conf_low, r.conf_high])


EFFECTS = pytest.mark.parametrize("effect", [regression, offer, bounds])


@EFFECTS
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_rows_and_the_labels_of_groups_do_not_matter(effect, seed):
    d = programme(seed)
    names = np.random.default_rng(seed).permutation(100)
    shuffled = d.sample(frac=1, random_state=seed).assign(site=lambda s: names[s["site"]], stratum=lambda s: names[s["stratum"]])
    assert effect(shuffled) == pytest.approx(effect(d), abs=ROUNDING)


@EFFECTS
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, factor=FACTORS)
def test_scaling_the_outcome_scales_the_effect_and_its_interval(effect, seed, factor):
    d = programme(seed)
    scaled = effect(d.assign(y=factor * d["y"], some=factor * d["some"]))
    assert scaled == pytest.approx(factor * effect(d), abs=ROUNDING * factor)


@EFFECTS
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, shift=SHIFTS)
def test_adding_a_constant_changes_nothing(effect, seed, shift):
    d = programme(seed)
    moved = effect(d.assign(y=d["y"] + shift, some=d["some"] + shift, before=d["before"] - shift))
    assert moved == pytest.approx(effect(d), abs=ROUNDING * 10)


@EFFECTS
@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, effect_size=st.floats(-5, 5))
def test_adding_an_effect_to_the_treated_adds_it_to_the_estimate(effect, seed, effect_size):
    d = programme(seed).assign(came=lambda d: d["treat"])
    moved = effect(d.assign(y=d["y"] + effect_size * d["treat"], some=d["some"] + effect_size * d["treat"]))
    expected = effect(d) + effect_size * np.array([1, 0, 1, 1] if len(moved) == 4 else [1, 0, 1, 0, 1, 1])
    assert moved == pytest.approx(expected, abs=ROUNDING * 10)


def test_permuted_treatment_centres_every_effect_on_zero():
    d, rng = programme(7), np.random.default_rng(7)
    for column, number in (("y", lambda p: regression(p)[0]), ("some", lambda p: bounds(p)[[0, 2]].mean())):
        estimates = [number(d.assign(treat=rng.permutation(d["treat"]))) for _ in range(DRAWS)]
        assert abs(np.mean(estimates)) < 4 * np.std(estimates) / DRAWS**0.5, column
    logs = [
        level_ratio(d.assign(y=np.exp(d["y"]), treat=rng.permutation(d["treat"])), "y", "treat").log_ratio for _ in range(DRAWS)
    ]
    assert abs(np.mean(logs)) < 4 * np.std(logs) / DRAWS**0.5


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, shift=SHIFTS, factor=FACTORS)
def test_response_weights_do_not_depend_on_the_covariates_unit_or_the_rows_order(seed, shift, factor):
    d = programme(seed).assign(answered=lambda d: d["answered"].astype(int).where(d.index > 5, [0, 1] * 24))
    try:
        weights = attrition_weights(d, "answered", "treat", ["before"]).weights
    except StatsError as refusal:  # in so few rows the answers may separate completely, which is refused in words
        assume("tell exactly who answered" not in str(refusal))
        raise
    other = d.assign(before=factor * d["before"] + shift).sample(frac=1, random_state=seed)
    again = attrition_weights(other, "answered", "treat", ["before"]).weights
    assert again.sort_index().to_numpy() == pytest.approx(weights.to_numpy(), abs=1e-5)  # both logits stop within 1e-9


@settings(max_examples=25, deadline=None)
@given(n=st.integers(4, 2000), m=st.integers(1, 4), r=st.integers(1, 4), rho=st.floats(0, 0.95))
def test_more_people_or_more_rounds_never_make_the_detectable_effect_larger(n, m, r, rho):
    now = minimum_detectable_effect(n, n, pre=m, post=r, autocorrelation=rho).effect
    assert minimum_detectable_effect(n + 1, n, pre=m, post=r, autocorrelation=rho).effect <= now
    assert minimum_detectable_effect(n, n, pre=m, post=r + 1, autocorrelation=rho).effect <= now * (1 + ROUNDING)
    assert minimum_detectable_effect(n, n, pre=m + 1, post=r, autocorrelation=rho).effect <= now * (1 + ROUNDING)


NUMBERS = st.one_of(st.none(), st.sampled_from([0.0, 1.0, -1.0, 1e9, 1e-9]), st.floats(-100, 100))


@settings(max_examples=150, deadline=None)
@given(
    y=st.lists(NUMBERS, min_size=2, max_size=9),
    data=st.data(),
)
def test_small_and_strange_data_give_a_number_a_caution_or_a_named_refusal(y, data):
    n = len(y)
    column = lambda kinds: data.draw(st.lists(kinds, min_size=n, max_size=n))  # noqa: E731
    d = pd.DataFrame(
        {
            "y": pd.Series(y, dtype=float),
            "treat": column(st.integers(0, 1)),
            "came": column(st.integers(0, 1)),
            "before": pd.Series(column(NUMBERS), dtype=float),
            "site": column(st.integers(0, 3)),
        }
    )
    for run in (
        lambda: ancova(d, "y", "treat", "before"),
        lambda: ancova(d, "y", "treat", strata="came", cluster="site"),
        lambda: instrumented(d, "y", "treat", "came"),
        lambda: lee_bounds(d, "y", "treat", tighten=["came"]),
        lambda: lee_bounds(d, "y", "treat", cluster="site"),
        lambda: level_ratio(d, "y", "treat", covariates=["before"]),
        lambda: attrition_weights(d.assign(s=d["y"].notna() * 1), "s", "treat", ["before", "came"]),
    ):
        refuse_or_explain(run)


def refuse_or_explain(run):
    try:
        result = run()
    except StatsError:
        return
    numbers = [value for value in vars(result).values() if isinstance(value, float)]
    if hasattr(result, "tot"):
        numbers += [*vars(result.itt).values(), *vars(result.tot).values()]
    assert not np.isnan(numbers).any() or result.cautions
