"""Draws against theory: 10,000 of them vary as the textbooks say, strata keep their numbers, groups stay whole, a seed means one draw."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from evalapp.core.fingerprint import canonical_json
from evalapp.stats import randomization_inference
from evalapp.training.assignment.preview_balance import normalised_differences
from evalapp.training.assignment.stored_procedure import draw_arms, filled_covariates, generator, rebuild
from evalapp.training.assignment.strata import make_blocks, pool_small, share_out, stratum_text
from evalapp.training.assignment.words import MISSING, POOLED

FIXTURE = Path(__file__).parent / "stored_draw.json"
DRAWS = 10_000
# The variance of 10,000 nearly normal draws is known to sqrt(2 / 10,000) = 1.4 % of itself: five such errors.
VARIANCE_TOLERANCE = 5 * (2 / DRAWS) ** 0.5
STANDARD_ERRORS = 5
# The chi-square of Morgan and Rubin is exact for normal covariates; with 200 people it is off by less than the draws' own error.
CHI_SQUARE_TOLERANCE = 2 * VARIANCE_TOLERANCE
EXACT = 1e-12


def stored(n, treated, *, strata=None, clusters=None, covariates=None, share=None):
    units = [f"PI-{number:04d}" for number in range(n)]
    named = None
    if covariates is not None:
        names = [f"x{place}" for place in range(covariates.shape[1])]
        named = {
            "names": names,
            "labels": [{"ko": name, "en": name} for name in names],
            "missing": [0] * len(names),
            "values": covariates.tolist(),
        }
    limit = None if share is None else float(chi2.ppf(share, covariates.shape[1]))
    plain = {
        "units": units,
        "treated": treated,
        "strata": strata,
        "clusters": clusters,
        "covariates": named,
        "max_imbalance": limit,
    }
    return json.loads(canonical_json(plain))  # as it comes back from the database


def draws(procedure, n=DRAWS):
    return rebuild(procedure).draw(generator(7), n).astype(float)


def differences(assigned, y):
    return assigned @ y / assigned.sum(axis=1) - (1 - assigned) @ y / (1 - assigned).sum(axis=1)


def check(found, variance, tolerance=VARIANCE_TOLERANCE):
    assert abs(found.mean()) < STANDARD_ERRORS * (variance / DRAWS) ** 0.5
    assert found.var() == pytest.approx(variance, rel=tolerance)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def test_complete_draws_vary_as_neyman_says(rng):
    y = rng.lognormal(size=60)
    check(differences(draws(stored(60, 24)), y), y.var(ddof=1) * (1 / 24 + 1 / 36))


def test_stratified_draws_vary_within_strata_only(rng):
    sizes, treated = {"a": 30, "b": 20, "c": 10}, {"a": 15, "b": 8, "c": 3}
    strata = [stratum for stratum, size in sizes.items() for _ in range(size)]
    where = np.array(strata)
    y = rng.normal(size=60) + 10 * (where == "a")  # strata far apart
    assigned = draws(stored(60, treated, strata=strata))
    estimates, variance = np.zeros(DRAWS), 0.0
    for stratum, size in sizes.items():
        own, n1 = where == stratum, treated[stratum]
        assert (assigned[:, own].sum(axis=1) == n1).all()
        estimates += size / 60 * differences(assigned[:, own], y[own])
        variance += (size / 60) ** 2 * y[own].var(ddof=1) * (1 / n1 + 1 / (size - n1))
    check(estimates, variance)


def test_pairs_vary_by_what_differs_within_them(rng):
    y = np.sort(rng.normal(size=40))
    strata = [f"#{place // 2}" for place in range(40)]
    assigned = draws(stored(40, dict.fromkeys(strata, 1), strata=strata))
    apart = y[1::2] - y[::2]
    check(differences(assigned, y), float((apart**2).sum()) / 20**2)


def test_groups_stay_whole_and_vary_as_their_means(rng):
    clusters = [f"g{place // 5}" for place in range(100)]
    y = rng.normal(size=100) + np.repeat(rng.normal(size=20), 5)
    assigned = draws(stored(100, 8, clusters=clusters))
    assert (assigned.reshape(DRAWS, 20, 5).std(axis=2) == 0).all()
    means = y.reshape(20, 5).mean(axis=1)
    check(differences(assigned, y), means.var(ddof=1) * (1 / 8 + 1 / 12))


@pytest.mark.parametrize(("covariates", "share"), [(1, 0.1), (2, 0.1), (3, 0.2)])
def test_a_balance_criterion_takes_away_as_much_variance_as_morgan_and_rubin_say(rng, covariates, share):
    X = rng.normal(size=(200, covariates))
    limit = chi2.ppf(share, covariates)
    kept = chi2.cdf(limit, covariates + 2) / share  # v_a, their equation (12)
    assigned = draws(stored(200, 100, covariates=X, share=share))
    variance = X.var(axis=0, ddof=1) * (1 / 100 + 1 / 100) * kept
    found = np.column_stack([differences(assigned, column) for column in X.T])
    assert found.var(axis=0) == pytest.approx(variance, rel=CHI_SQUARE_TOLERANCE)
    assert np.abs(found.mean(axis=0)).max() < STANDARD_ERRORS * (variance.max() / DRAWS) ** 0.5


def test_a_stored_draw_is_drawn_again_to_the_last_person():
    kept = json.loads(FIXTURE.read_text(encoding="utf-8"))
    for draw in kept["draws"]:
        assert draw_arms(draw["procedure"], draw["seed"]) == {unit: unit in draw["treated"] for unit in draw["procedure"]["units"]}


def test_the_procedure_that_drew_is_the_one_that_is_replayed_by_randomisation_inference(rng):
    import pandas as pd

    procedure = stored(40, {"a": 10, "b": 8}, strata=["a"] * 20 + ["b"] * 20, covariates=rng.normal(size=(40, 2)), share=0.2)
    arms = draw_arms(procedure, 99)
    frame = pd.DataFrame({"unit": list(arms), "trained": [float(arm) for arm in arms.values()]})
    frame["y"] = rng.normal(size=40) + 3 * frame["trained"]
    found = randomization_inference(frame, "y", "trained", "unit", rebuild(procedure), draws=999, seed=1)
    assert found.p_value < 0.01
    assert found.assigned == 40


def test_differences_in_pooled_sds_are_those_of_the_definition(rng):
    X, assigned = rng.normal(size=(30, 2)), draws(stored(30, 12), 5).astype(np.int8)
    for row, found in zip(assigned, normalised_differences(X, assigned), strict=True):
        one, two = X[row == 1], X[row == 0]
        right = (one.mean(axis=0) - two.mean(axis=0)) / np.sqrt((one.var(axis=0, ddof=1) + two.var(axis=0, ddof=1)) / 2)
        assert found == pytest.approx(right, abs=EXACT)


def test_a_missing_covariate_counts_as_the_mean_of_the_known_ones():
    procedure = stored(4, 2, covariates=np.array([[1.0], [2.0], [6.0], [0.0]]))
    procedure["covariates"]["values"][3][0] = None
    assert filled_covariates(procedure)[:, 0].tolist() == [1, 2, 6, 3]


SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(2, 40), min_size=1, max_size=12)


@settings(max_examples=200)
@given(SIZES, st.floats(0.01, 0.99))
def test_places_are_shared_out_to_the_last_and_in_proportion(sizes, share):
    total = sum(sizes.values())
    places = min(max(round(share * total), 1), total - 1)
    given_out = share_out(sizes, places)
    assert sum(given_out.values()) == places
    assert all(0 <= given_out[stratum] <= size for stratum, size in sizes.items())
    if len(sizes) <= places <= total - len(sizes):
        assert all(0 < given_out[stratum] < size for stratum, size in sizes.items()), "each stratum can be compared"
    assert share_out(dict(reversed(sizes.items())), places) == given_out, "the order of the strata does not matter"


@settings(max_examples=100)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=40))
def test_nobody_is_alone_in_a_stratum(strata):
    pooled, small = pool_small(strata)
    assert min(Counter(pooled).values()) >= 2
    assert [new for old, new in zip(strata, pooled, strict=True) if old not in small] == [old for old in strata if old not in small]
    assert {new for old, new in zip(strata, pooled, strict=True) if old in small} <= {POOLED}


@settings(max_examples=50, deadline=None)
@given(SIZES, st.integers(0, 10**17))
def test_every_draw_gives_each_stratum_its_places(sizes, seed):
    strata = [stratum for stratum, size in sizes.items() for _ in range(size)]
    treated = share_out(sizes, max(len(strata) // 2, 1))
    arms = draw_arms(stored(len(strata), treated, strata=strata), seed)
    assert Counter(stratum for stratum, arm in zip(strata, arms.values(), strict=True) if arm) == {
        s: n for s, n in treated.items() if n
    }


@pytest.mark.parametrize(
    ("stratum", "said"),
    [
        ("female|1", "Female · up to 1,500"),
        ("female|2", "Female · above 1,500, up to 20,000"),
        (f"{MISSING}|3", "no answer · above 20,000"),
        (f"female|{MISSING}#2", "Female · no answer · block 2"),
        (POOLED, "small strata together"),
        (f"{POOLED}#1", "small strata together · block 1"),
    ],
)
def test_a_stratum_is_named_by_its_levels(stratum, said):
    by = [{"cuts": None, "levels": {"female": {"ko": "여성", "en": "Female"}}}, {"cuts": [1500.0, 20000.0], "levels": {}}]
    assert stratum_text({"strata_by": by}, stratum, "en") == said


def test_blocks_of_everybody_are_named_by_their_number():
    assert stratum_text({"strata_by": []}, "#3", "en") == "block 3"


def test_a_block_that_is_not_full_joins_the_one_before():
    people = [SimpleNamespace(entrepreneur_id=key, study_id=f"PI-{key}") for key in range(7)]
    values = {key: float(10 - key) for key in range(6)}  # the last one has no value
    assert make_blocks(people, [""] * 7, values, 2) == ["#3", "#3", "#2", "#2", "#1", "#1", "#3"]
