import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.scales.components import difficulty_components, item_means
from evalapp.stats.scales.congruence import tucker_congruence
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
EXACT = 1e-10  # closed forms: only floating-point order differs
SAME_ALGORITHM = 1e-8  # both stop at the same iteration
SAME_MAXIMUM = 1e-6  # R's rule looks at the criterion, whose rounding hides angles of about 1e-8
ITEMS = ["financing", "competition", "sales", "supplies", "recruitment", "quality_control", "marketing", "regulations"]
ANCHORS = {"internal": ["sales", "supplies", "recruitment", "marketing"], "external": ["financing", "competition", "regulations"]}


@pytest.fixture(scope="module")
def bfi():
    return pd.read_csv(REFERENCE / "bfi_seven_items.csv")


@pytest.fixture(scope="module")
def psych():
    return json.loads((REFERENCE / "psych_bfi.json").read_text())["full"]


@pytest.fixture(scope="module")
def r_reference():
    return json.loads((REFERENCE / "r_components.json").read_text())


@pytest.fixture(scope="module")
def answers():
    survey = pd.read_csv(REFERENCE / "calibrated_baseline_131.csv").set_index("study_id")
    return survey.rename(columns=lambda name: name.removeprefix("difficulty_"))[ITEMS]


@pytest.fixture(scope="module")
def fitted(answers):
    return difficulty_components(answers, ITEMS, anchors=ANCHORS, bounds=(1, 5))


def _codes(result):
    assert all(caution.officer and caution.econometrician for caution in result.cautions)
    return [caution.code for caution in result.cautions]


def _gap(ours, theirs):
    return np.abs(np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)).max()


def test_unrotated_components_are_psychs(bfi, psych):
    ours, theirs = difficulty_components(bfi, list(bfi)), psych["unrotated"]
    assert _gap(ours.loadings_unrotated, theirs["loadings"]) < EXACT
    assert _gap(ours.variance_unrotated.T, theirs["Vaccounted"][:3]) < EXACT
    assert _gap(ours.communalities, theirs["communality"]) < EXACT
    assert _gap(ours.eigenvalues, psych["eigenvalues"]) < EXACT
    assert _gap(ours.means, psych["mean"]) < EXACT
    assert _gap(ours.sds, psych["sd"]) < EXACT


@pytest.mark.parametrize(
    ("eps", "key", "tolerance"), [(1e-5, "varimax", SAME_ALGORITHM), (None, "varimax_converged_eps1e15", SAME_MAXIMUM)]
)
def test_rotated_components_are_psychs(bfi, psych, eps, key, tolerance):
    ours, theirs = difficulty_components(bfi, list(bfi), eps=eps), psych[key]
    assert _gap(ours.loadings, theirs["loadings"]) < tolerance
    assert _gap(ours.weights, theirs["weights"]) < tolerance
    assert _gap(ours.scores.head(10), theirs["scores_head"]) < tolerance
    assert _gap(ours.variance_rotated.T, theirs["Vaccounted"][:3]) < tolerance


def test_the_early_stop_leaves_scores_short_of_the_optimum(bfi):
    early, converged = (difficulty_components(bfi, list(bfi), eps=eps).scores for eps in (1e-5, None))
    assert 2e-3 < _gap(early, converged) < 6e-3


def test_adequacy_of_the_sample_is_psychs(bfi, psych):
    ours = difficulty_components(bfi, list(bfi))
    assert ours.kmo.overall == pytest.approx(psych["kmo"]["overall"], abs=EXACT)
    assert ours.bartlett.chi_squared == pytest.approx(psych["bartlett"]["chisq"], rel=EXACT)
    assert ours.parallel_analysis.retained == 2
    assert "too_many_components" not in _codes(ours)


def test_components_of_the_calibrated_survey_are_rs_up_to_sign(fitted, r_reference):
    theirs = r_reference["calibrated"]["two"]
    kept = [name for name in ITEMS if name != "quality_control"]
    for name, column, sign in (("internal", 0, -1), ("external", 1, 1)):
        assert _gap(fitted.loadings.loc[kept, name], sign * np.array(theirs["loadings"])[:, column]) < SAME_MAXIMUM
        assert _gap(fitted.weights.loc[kept, name], sign * np.array(theirs["weights"])[:, column]) < SAME_MAXIMUM


def test_the_screen_shows_what_the_dropped_item_would_have_contributed(fitted, r_reference):
    theirs = r_reference["calibrated"]
    assert list(fitted.dropped.index) == ["quality_control"]
    assert fitted.dropped.loc["quality_control", "item_rest"] == pytest.approx(
        theirs["eight_scale"]["item"][-1]["r.drop"], abs=EXACT
    )
    communality = (np.array(theirs["eight"]["loadings"])[-1] ** 2).sum()
    assert fitted.dropped.loc["quality_control", "communality"] == pytest.approx(communality, abs=EXACT)
    assert fitted.screen["item_rest"].idxmin() == "quality_control"


def test_scores_are_standardised_and_uncorrelated(fitted):
    assert _gap(fitted.scores.mean(), 0) < EXACT
    assert _gap(fitted.scores.cov(), np.eye(2)) < EXACT
    assert fitted.n == len(fitted.scores) == 131


def test_higher_scores_always_mean_more_difficulty(fitted, answers):
    hardest = fitted.score(pd.DataFrame([dict.fromkeys(ITEMS, 5), dict.fromkeys(ITEMS, 1)]))
    assert (hardest.loc[0] > hardest.loc[1]).all()
    mirrored = difficulty_components(6 - answers, ITEMS, anchors=ANCHORS)
    assert (mirrored.loadings > 0).all(axis=None)
    assert _gap(mirrored.scores, -fitted.scores) < EXACT


def test_components_are_found_by_their_anchors_wherever_they_come_out(fitted, answers):
    swapped = difficulty_components(answers[ITEMS[::-1]], ITEMS[::-1], anchors=dict(reversed(ANCHORS.items())))
    assert list(swapped.loadings.columns) == ["external", "internal"]
    pd.testing.assert_frame_equal(swapped.scores[["internal", "external"]], fitted.scores, rtol=0, atol=EXACT)


def test_one_anchor_each_is_enough_and_the_rest_join_by_loading(fitted, answers):
    sparse = difficulty_components(answers, ITEMS, anchors={"external": ["regulations"], "internal": ["recruitment"]})
    assert {name: set(own) for name, own in sparse.members.items()} == {name: set(own) for name, own in ANCHORS.items()}
    assert sparse.alpha["internal"].raw == pytest.approx(fitted.alpha["internal"].raw, abs=EXACT)


def test_an_anchored_component_may_stand_beside_an_unnamed_one(answers):
    mixed = difficulty_components(answers, ITEMS, anchors={"external": ANCHORS["external"]})
    assert list(mixed.loadings.columns) == ["external", "component_2"]


def test_without_anchors_components_are_numbered_by_rotated_variance(answers):
    numbered = difficulty_components(answers, ITEMS, 3)
    assert list(numbered.scores.columns) == ["component_1", "component_2", "component_3"]
    assert numbered.variance_rotated["ss_loadings"].is_monotonic_decreasing
    assert (numbered.loadings.sum() > 0).all()


def test_one_component_needs_no_rotation(answers):
    single = difficulty_components(answers, ITEMS, 1, anchors={"difficulty": ["sales"]})
    assert _gap(single.loadings, single.loadings_unrotated) < EXACT
    assert single.alpha["difficulty"].n == 131


def test_rotation_moves_variance_between_components_but_not_their_total(fitted):
    rotated, unrotated = fitted.variance_rotated["cumulative"].iloc[-1], fitted.variance_unrotated["cumulative"].iloc[-1]
    assert rotated == pytest.approx(unrotated, abs=EXACT)
    assert fitted.communalities.sum() == pytest.approx(fitted.eigenvalues.head(2).sum(), abs=EXACT)
    assert _gap(fitted.loadings_unrotated.to_numpy() @ fitted.rotation_matrix.to_numpy(), fitted.loadings) < EXACT


def test_a_later_wave_is_scored_with_the_frozen_baseline(fitted, answers):
    pd.testing.assert_frame_equal(fitted.score(answers), fitted.scores)
    later = answers.head(20).assign(sales=answers["sales"].head(20).clip(upper=4) + 1)
    moved = fitted.score(later) - fitted.scores.head(20)
    step = (later["sales"] - answers["sales"].head(20)) / fitted.sds["sales"]
    assert _gap(moved["internal"], step * fitted.weights.loc["sales", "internal"]) < EXACT


def test_a_single_new_answer_can_be_scored(fitted, answers):
    assert _gap(fitted.score(answers.iloc[[7]]), fitted.scores.iloc[[7]]) < EXACT


def test_scoring_leaves_incomplete_people_out_and_keeps_labels(fitted, answers):
    later = answers.head(3).astype(float)
    later.iloc[1, 0] = np.nan
    assert list(fitted.score(later).index) == [answers.index[0], answers.index[2]]


def test_a_later_answer_outside_the_declared_range_is_refused(fitted, answers):
    with pytest.raises(StatsError, match=r"Column 'sales', row 'NE-0003': .* outside 1 to 5"):
        fitted.score(answers.assign(sales=answers["sales"].where(answers.index != "NE-0003", 6)))


def test_incomplete_people_are_left_out_and_counted(answers):
    gaps = answers.astype("Int64")
    gaps.loc["NE-0004", "sales"] = pd.NA
    gaps.loc["NE-0005", "quality_control"] = pd.NA
    result = difficulty_components(gaps, ITEMS, anchors=ANCHORS)
    assert (result.n, result.rows) == (130, 131)
    assert "NE-0004" not in result.scores.index
    assert "NE-0005" in result.scores.index
    assert result.cautions[0].facts == {"used": 130, "rows": 131}


def test_a_plain_item_mean_stands_beside_the_scores(answers, fitted):
    means = item_means(answers, ANCHORS, bounds=(1, 5))
    assert means.loc["NE-0001", "external"] == pytest.approx(answers.loc["NE-0001", ANCHORS["external"]].mean())
    assert means["internal"].corr(fitted.scores["internal"]) > 0.9


def test_the_declared_weak_item_may_be_absent_but_no_other(answers):
    without = answers.drop(columns="quality_control")
    assert difficulty_components(without, list(without)).dropped.empty
    with pytest.raises(StatsError, match="'qualty_control' is to be dropped"):
        difficulty_components(answers, ITEMS, drop=["qualty_control"])


def test_dropping_nothing_keeps_every_item(answers):
    assert difficulty_components(answers, ITEMS, drop=()).items == tuple(ITEMS)


def test_a_dropped_item_without_variance_is_said_to_have_no_screen(answers):
    result = difficulty_components(answers.assign(quality_control=3), ITEMS, anchors=ANCHORS)
    assert "screen_undefined" in _codes(result)
    assert result.dropped.isna().all(axis=None)
    nobody = difficulty_components(answers.assign(quality_control=np.nan), ITEMS, anchors=ANCHORS)
    assert "screen_undefined" in _codes(nobody)
    assert nobody.n == 131


def test_parallel_analysis_questions_the_second_component_of_the_calibrated_survey(fitted):
    assert _codes(fitted) == ["too_many_components"]
    assert fitted.cautions[0].facts == {"retained": 1, "extracted": 2}


def test_an_anchor_that_loads_elsewhere_is_named(answers):
    odd = {"internal": ["sales", "supplies", "regulations"], "external": ["financing", "competition"]}
    result = difficulty_components(answers, ITEMS, anchors=odd)
    assert [caution.facts["item"] for caution in result.cautions if caution.code == "anchor_elsewhere"] == ["regulations"]


def test_a_component_of_one_item_has_no_alpha(answers):
    odd = {"internal": [name for name in ITEMS if name not in {"quality_control", "financing"}], "external": ["financing"]}
    result = difficulty_components(answers, ITEMS, anchors=odd)
    assert list(result.alpha) == ["internal"]
    assert "single_item_component" in _codes(result)


def test_few_people_and_unrelated_answers_are_cautioned():
    noise = pd.DataFrame(np.random.default_rng(5).integers(1, 6, (24, 6)), columns=list("abcdef"))
    assert {"few_rows_per_item", "kmo_low", "too_many_components"} <= set(_codes(difficulty_components(noise, list("abcdef"))))


def test_a_rotation_that_did_not_converge_is_cautioned(bfi, monkeypatch):
    monkeypatch.setattr("evalapp.stats.scales.varimax.ITERATIONS", 1)
    assert "rotation_not_converged" in _codes(difficulty_components(bfi, list(bfi), 3))


def test_items_that_run_against_their_component_are_named(bfi):
    result = difficulty_components(bfi, list(bfi))
    assert result.alpha["component_1"].reversed_items == ("C4", "C5")
    assert "reversed_items" in _codes(result)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        ({"sales": 3}, {}, "Column 'sales' has the same answer"),
        ({"sales": lambda a: 6 - a["supplies"]}, {}, "sales, supplies determine each other"),
        ({"sales": lambda a: a["supplies"] + a["marketing"]}, {}, "sales, supplies, marketing determine each other"),
        (
            {"sales": lambda a: a["sales"].where(a.index != "NE-0009", np.inf)},
            {},
            "Column 'sales', row 'NE-0009': inf is not finite",
        ),
        (
            {"sales": lambda a: a["sales"].astype(object).where(a.index != "NE-0002", "often")},
            {},
            "row 'NE-0002': 'often' is not a number",
        ),
        ({"sales": lambda a: a["sales"].where(a.index != "NE-0002", 0)}, {"bounds": (1, 5)}, "row 'NE-0002': .* outside 1 to 5"),
        ({"sales": np.nan}, {}, "0 complete rows for 7 items"),
        ({}, {"n_components": 0}, "n_components is 0"),
        ({}, {"n_components": 8}, "choose 1 to 7"),
        ({}, {"anchors": {"a": ["sales"], "b": ["supplies"], "c": ["marketing"]}}, "3 components are anchored but 2"),
        ({}, {"anchors": {"a": ["quality_control"]}}, "'quality_control' is dropped"),
        ({}, {"anchors": {"a": ["sales"], "b": ["sales"]}}, "'sales' is dropped, no item or named twice"),
        ({}, {"anchors": {"a": []}}, "'a' has no anchors"),
        ({}, {"items": ["sales"]}, "at least two items"),
        ({}, {"items": ["sales", "saels"]}, "'saels' is not in the data"),
        ({}, {"items": ["sales", "sales"]}, "named twice"),
    ],
)
def test_answers_without_components_are_refused_by_name(answers, change, options, message):
    with pytest.raises(StatsError, match=message):
        difficulty_components(answers.assign(**change), **({"items": ITEMS} | options))


def test_fewer_people_than_items_are_refused(answers):
    with pytest.raises(StatsError, match="7 complete rows for 7 items"):
        difficulty_components(answers.head(7), ITEMS)


def test_congruence_is_psychs(bfi, r_reference):
    whole, half = (difficulty_components(part, list(bfi)).loadings for part in (bfi, bfi.head(1337)))
    theirs = np.array(r_reference["congruence"])
    assert _gap(np.abs(tucker_congruence(whole, half)), np.abs(theirs)) < SAME_MAXIMUM


def test_a_refit_on_the_same_answers_is_congruent_and_ignores_item_order(fitted):
    congruence = tucker_congruence(fitted.loadings, fitted.loadings.iloc[::-1])
    assert _gap(np.diag(congruence), 1) < EXACT
    assert list(congruence.index) == list(congruence.columns) == ["internal", "external"]


def test_solutions_over_different_items_have_no_congruence(fitted):
    with pytest.raises(StatsError, match="different items"):
        tucker_congruence(fitted.loadings, fitted.loadings.drop(index="sales"))
    with pytest.raises(StatsError, match="none but zeros"):
        tucker_congruence(fitted.loadings, fitted.loadings * 0)
