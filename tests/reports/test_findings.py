from __future__ import annotations

from dataclasses import replace

import pytest

from evalapp.reports.findings import (
    answers,
    disagreement_sentence,
    effect_sentence,
    headline_figure,
    limits_sentence,
    response_sentence,
)
from evalapp.reports.outline import outline
from evalapp.reports.row_index import RowIndex
from evalapp.reports.source import Source
from tests.reports.sample_rows import estimate, full_rows, full_run, grants_rows, grants_run, row

WORDS = {
    "outcome": "profit_krw",
    "estimand": "ATT",
    "model": "callaway_santanna",
    "term": "overall",
    "unit": "krw",
    "n": 90,
    "clusters": 90,
}


def source(rows, language="en", run=None):
    return Source(run or full_run(), RowIndex(rows), language)


def worse_is_good():
    run = full_run()
    outcomes = [{**o, "good": "lower"} for o in run.plan["outcomes"]]
    return replace(run, plan={**run.plan, "outcomes": outcomes})


@pytest.mark.parametrize(
    ("value", "error", "run", "begins"),
    [
        (350_000, 100_000, full_run, "Yes: “Monthly profit” improved"),
        (-350_000, 100_000, full_run, "No: “Monthly profit” got worse"),
        (-350_000, 100_000, worse_is_good, "Yes: “Monthly profit” improved"),
        (50_000, 100_000, full_run, "Not settled: for “Monthly profit”"),
    ],
)
def test_the_verdict_follows_sign_interval_and_the_good_direction(value, error, run, begins):
    assert answers(source(estimate("effects", value, error, **WORDS), run=run()))[0].verdict.startswith(begins)


def test_an_estimate_without_interval_settles_nothing():
    found = answers(source([row("effects", "estimate", 350_000, **WORDS)]))
    assert found[0].verdict.startswith("Not settled")
    assert "without a margin of error" in found[0].sentences[0]


def test_there_are_no_answers_without_a_main_estimate():
    assert answers(source([])) == ()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_sentence_on_an_effect_names_estimand_interval_and_n(language):
    made = source(full_rows(), language)
    for outcome in made.estimated():
        sentence = effect_sentence(made, made.headline(outcome))
        assert "ATT" in sentence
        assert "n = 122" in sentence
        assert "95" in sentence


def test_disagreement_is_told_only_where_there_is_one():
    made = source(full_rows())
    assert "Two-way fixed effects disagree" in disagreement_sentence(made, "profit_krw")
    assert "31 %" in disagreement_sentence(made, "profit_krw")
    assert disagreement_sentence(made, "pi_score") is None


def test_the_main_estimate_falls_back_to_the_first_regressor():
    made = source(grants_rows(), run=grants_run())
    figure = headline_figure(made, made.headline("log_scrap"))
    assert figure.estimate == "−0.252 log points"
    assert "two-way fixed effects coefficient; n = 162" in figure.basis
    assert "about −22 %" in effect_sentence(made, made.headline("log_scrap"))


def test_warnings_of_the_main_estimate_stand_on_the_first_page():
    warned = {**WORDS, "warnings": (("few_treated", {"treated": 4, "threshold": 5}),)}
    found = answers(source(estimate("effects", 1.0, 2.0, **warned)))
    assert found[0].warnings == ("Only 4 people stand behind this number, too few to lean on it alone.",)


def test_groups_whose_intervals_do_not_overlap_are_called_different():
    rows = [*estimate("effects", 350_000, 1_000, **WORDS)]
    for group, value in ((2, 100_000), (3, 600_000)):
        rows += estimate("effects", value, 1_000, **{**WORDS, "term": f"group:{group}"})
    found = answers(source(rows))[1]
    assert found.verdict.startswith("The training groups differ")
    assert "Follow-up 1" in found.sentences[0]
    assert "Follow-up 2" in found.sentences[0]


def test_a_pretest_that_could_not_have_seen_a_drift_is_not_called_support():
    blind = ("pretest_underpowered", {"slope": 1.0, "bias": 2.0, "effect": 1.0})
    rows = [
        replace(r, value=0.5 if r.statistic == "p_value" else r.value, warnings=(blind,)) if r.term == "pretest" else r
        for r in full_rows()
    ]
    sure = outline(full_run(), rows, "en").answers[2]
    assert any("could not have shown a drift" in sentence for sentence in sure.sentences)
    assert not any("supports the comparison" in sentence for sentence in sure.sentences)


def with_lower_limit(value):
    return [replace(r, value=value) if r.statistic == "lower" and r.term == "wave:follow_up_3" else r for r in full_rows()]


def test_unequal_response_is_told_with_its_wave_and_outcomes():
    said = response_sentence(source(full_rows()), ("profit_krw", "pi_score"))
    assert "(Follow-up 3: Monthly profit, Personal initiative)" in said
    assert "Follow-up 2" not in said


def test_response_that_differs_by_chance_is_not_told():
    rows = [replace(r, value=0.2) if r.family == "attrition_effects" and r.statistic == "p_value" else r for r in full_rows()]
    assert response_sentence(source(rows), ("profit_krw",)) is None


def test_limits_that_include_zero_are_told_where_the_main_interval_does_not():
    assert limits_sentence(source(full_rows()), ("profit_krw",)) is None
    made = source(with_lower_limit(-1.0))
    assert "(Follow-up 3: Monthly profit)" in limits_sentence(made, ("profit_krw",))
    assert limits_sentence(made, ("firm_operating",)) is None  # its main interval includes zero anyway


def test_the_first_page_says_when_missing_answers_could_hide_that_there_is_no_effect():
    def says(rows):
        return any("did not answer differ as much as they can" in s for s in answers(source(rows))[2].sentences)

    assert says(with_lower_limit(-1.0))
    assert not says(full_rows())
