"""Scales are scored as their form says, and their reliability is shown of groups only."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from evalapp.accounts.viewer import Viewer
from evalapp.core.shipped import INSTRUMENTS
from evalapp.people.tables import Consent
from evalapp.stats import cronbach_alpha
from evalapp.surveys.instruments.read_instrument import load_instrument
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.scales.queries import list_reliabilities
from evalapp.surveys.scales.score_scale import scales_of, score_scale
from evalapp.surveys.tables import Answer, Instrument, Submission
from tests.surveys.conftest import NOW

BASELINE = load_instrument(INSTRUMENTS / "baseline").definition
PRIVACY = Viewer(0, "AC-P", "", frozenset({"privacy_officer"}), "en")  # sees every programme
STRANGER = Viewer(0, "AC-S", "", frozenset({"program_officer"}), "en")  # member of none
ROUNDING = 1e-12  # the same numbers by another way


def traits():
    return {scale.name: scale for scale in scales_of(BASELINE)}


def test_the_scales_of_a_form_are_those_with_two_items_or_more():
    found = {name: (len(scale.items), scale.minimum_items) for name, scale in traits().items()}
    assert found == {"difficulty": (8, 6), "self_starting": (3, 2), "future_thinking": (3, 2), "overcoming_barriers": (3, 2)}


def test_a_scale_that_does_not_say_how_many_items_needs_all():
    questions = tuple(dataclasses.replace(question, minimum_items=None) for question in BASELINE.questions)
    assert scales_of(dataclasses.replace(BASELINE, questions=questions))[0].minimum_items == 8


def test_a_score_is_the_mean_of_the_items_answered_with_reversed_ones_turned():
    scale = traits()["self_starting"]
    items = (scale.items[0], dataclasses.replace(scale.items[1], reverse=True), scale.items[2])
    names = [item.name for item in items]
    answers = pd.DataFrame([[5, 1, 4], [5, np.nan, 1], [np.nan, 2, np.nan]], columns=names)
    scores = score_scale(answers, dataclasses.replace(scale, items=items))
    assert scores.tolist()[:2] == [pytest.approx(14 / 3), 3]
    assert np.isnan(scores[2])


def test_an_item_that_was_not_asked_counts_as_not_answered():
    scale = traits()["self_starting"]
    answers = pd.DataFrame({item.name: [4.0] for item in scale.items[:1]})
    assert score_scale(answers, scale).isna().all()


@pytest.fixture
def answered(db, programme, write, baseline):
    """Let people answer the self-starting items of the baseline: `answered(rows, state)`."""
    from evalapp.people.import_people import import_people
    from evalapp.people.queries import resolve_people

    def store(rows, state="approved", consent=True, start=0):
        codes = [f"P-{start + number}" for number in range(len(rows))]
        import_people(db, programme.code, write("study_id,registered_on", *(f"{code},2018-02-01" for code in codes)))
        people = resolve_people(db, programme.id, codes)
        for code, row in zip(codes, rows, strict=True):
            if consent:
                db.add(consent_of(programme.id, people[code]))
            submission = Submission(wave_id=baseline.id, entrepreneur_id=people[code], state=state, received_at=NOW)
            db.add(submission)
            db.flush()
            for item, number in enumerate(row, start=1):
                if number is not None:
                    variable = f"pi_self_starting_{item}"
                    db.add(Answer(submission_id=submission.id, variable=variable, text=str(number), number=float(number)))
        db.flush()
        return db.get(Instrument, baseline.instrument_id)

    return store


def consent_of(programme_id, person):
    return Consent(
        programme_id=programme_id,
        entrepreneur_id=person,
        purpose="survey",
        text_version="1",
        given_on=dt.date(2018, 2, 1),
    )


def of_self_starting(db, form, viewer=PRIVACY):
    return next(found for found in list_reliabilities(db, viewer, form) if found.scale.name == "self_starting")


ROWS = [(1, 2, 1), (2, 2, 3), (3, 3, 3), (4, 5, 4), (5, 4, 5), (2, 1, 2), (3, 4, 3), (4, 4, 5), (1, 1, 2), (5, 5, 4)]


def test_the_reliability_of_a_wave_is_that_of_its_approved_answers(db, answered):
    form = answered([*ROWS, (5, None, 5)])
    answered([(1, 5, 1)] * 5, state="received", start=20)
    answered([(1, 5, 1)] * 5, consent=False, start=40)
    found = of_self_starting(db, form)
    expected = cronbach_alpha(pd.DataFrame(ROWS, columns=[f"pi_self_starting_{item}" for item in (1, 2, 3)], dtype=float))
    assert found.scored == 11
    assert found.mean == pytest.approx(np.mean([*(np.mean(row) for row in ROWS), 5]), abs=ROUNDING)
    assert (found.alpha.n, found.reason) == (10, None)
    assert found.alpha.raw == pytest.approx(expected.raw, abs=ROUNDING)
    pd.testing.assert_frame_equal(found.alpha.item_table, expected.item_table, check_names=False)


def test_corrected_answers_are_scored_and_corrections_that_wait_are_not(db, answered):
    form = answered(ROWS)
    submissions = db.scalars(select(Submission).order_by(Submission.id)).all()
    before = of_self_starting(db, form).mean
    for submission, approved in ((submissions[0], NOW), (submissions[1], None)):
        db.add(
            Correction(
                submission_id=submission.id, variable="pi_self_starting_1", old=str(ROWS[submissions.index(submission)][0]), new="4",
                reason="called back", source="call_back", made_by="A", made_at=NOW, approved_by="B" if approved else None,
                approved_at=approved,
            )
        )  # fmt: skip
    db.flush()
    assert of_self_starting(db, form).mean == pytest.approx(before + (4 - 1) / 3 / len(ROWS), abs=ROUNDING)


def test_nothing_is_said_of_nine_people(db, answered):
    found = of_self_starting(db, answered(ROWS[:9]))
    assert (found.scored, found.mean, found.sd, found.alpha) == (None, None, None, None)
    assert str(found.reason) == "Fewer than 10 people answered enough of the items; nothing is shown of so few."


def test_ten_scores_but_nine_complete_answers_give_no_alpha(db, answered):
    found = of_self_starting(db, answered([*ROWS[:9], (5, None, 5)]))
    assert (found.scored, found.alpha) == (10, None)
    assert found.reason is not None


def test_items_that_do_not_vary_are_said_to_be_so(db, answered):
    found = of_self_starting(db, answered([(3, 3, 3)] * 10))
    assert (found.scored, found.alpha) == (10, None)
    assert "pi_self_starting_1" in str(found.reason)


def test_another_programme_is_not_shown(db, answered):
    assert list_reliabilities(db, STRANGER, answered(ROWS)) == []
