import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.scales.varimax import varimax
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
SAME_ALGORITHM = 1e-8  # both stop at the same iteration, so only the order of floating-point operations differs
SAME_MAXIMUM = 1e-6  # R's rule looks at the criterion, whose rounding hides angles of about 1e-8
EXACT = 1e-12
PSYCH_DEFAULT = 1e-5


def _psych():
    return json.loads((REFERENCE / "psych_bfi.json").read_text())["full"]


def _criterion(loadings):
    rows = loadings / np.sqrt((loadings**2).sum(axis=1, keepdims=True))
    return ((rows**2).var(axis=0)).sum()


def test_psychs_stopping_rule_gives_psychs_rotation():
    reference = _psych()
    rotation = varimax(np.array(reference["unrotated"]["loadings"]), eps=PSYCH_DEFAULT)
    expected = np.array(reference["varimax_raw_stats"]["loadings_kaiser"])
    assert np.abs(rotation.loadings - expected).max() < SAME_ALGORITHM
    assert rotation.converged


def test_without_normalisation_it_is_rs_varimax_too():
    reference = _psych()
    rotation = varimax(np.array(reference["unrotated"]["loadings"]), normalize=False, eps=PSYCH_DEFAULT)
    assert np.abs(rotation.loadings - np.array(reference["varimax_raw_stats"]["loadings_nokaiser"])).max() < SAME_ALGORITHM


def test_three_components_reach_rs_converged_rotation():
    reference = json.loads((REFERENCE / "r_components.json").read_text())["bfi_three"]
    ours, theirs = varimax(np.array(reference["unrotated"])).loadings, np.array(reference["loadings"])
    # Planar rotations may deliver columns in another order and direction than R's.
    pairing = np.abs(ours.T @ theirs).argmax(axis=1)
    signs = np.sign((ours * theirs[:, pairing]).sum(axis=0))
    assert sorted(pairing) == [0, 1, 2]
    assert np.abs(ours * signs - theirs[:, pairing]).max() < SAME_MAXIMUM


def test_convergence_reaches_at_least_the_criterion_of_the_early_stop():
    unrotated = np.array(_psych()["unrotated"]["loadings"])
    assert _criterion(varimax(unrotated).loadings) > _criterion(varimax(unrotated, eps=PSYCH_DEFAULT).loadings)


def test_no_other_angle_of_two_components_does_better():
    unrotated = np.array(_psych()["unrotated"]["loadings"])
    angles = np.linspace(0, np.pi, 2001)
    turned = [unrotated @ np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    assert max(map(_criterion, turned)) <= _criterion(varimax(unrotated).loadings) + EXACT


def test_a_start_at_the_worst_angle_does_not_hold_the_rotation_back():
    worst = np.array([[0.7, 0.7], [0.7, -0.7]])
    assert np.abs(np.sort(np.abs(varimax(worst).loadings), axis=1) - [0, 0.7 * np.sqrt(2)]).max() < EXACT


def test_an_item_without_communality_stays_at_zero():
    loadings = np.array([[0.8, 0.1], [0.7, 0.3], [0.0, 0.0], [0.2, 0.9]])
    assert not varimax(loadings).loadings[2].any()


def test_stopping_at_the_iteration_limit_is_said(monkeypatch):
    monkeypatch.setattr("evalapp.stats.scales.varimax.ITERATIONS", 1)
    loadings = np.random.default_rng(4).normal(size=(8, 3))
    assert not varimax(loadings).converged
    assert not varimax(loadings, eps=PSYCH_DEFAULT).converged


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_rotation_is_orthogonal_and_keeps_communalities(seed, components):
    loadings = np.random.default_rng(seed).uniform(-0.7, 0.7, (9, components))
    rotation = varimax(loadings)
    assert rotation.converged
    assert np.abs(rotation.matrix.T @ rotation.matrix - np.eye(components)).max() < EXACT
    assert np.abs((rotation.loadings**2).sum(axis=1) - (loadings**2).sum(axis=1)).max() < EXACT


@pytest.mark.parametrize("loadings", [np.array([1.0, 2.0]), np.array([[np.nan, 1.0]])])
def test_loadings_that_are_no_finite_matrix_are_refused(loadings):
    with pytest.raises(StatsError, match="matrix of finite numbers"):
        varimax(loadings)


def test_a_negative_stopping_rule_is_refused():
    with pytest.raises(StatsError, match="eps"):
        varimax(np.eye(2), eps=-1.0)
