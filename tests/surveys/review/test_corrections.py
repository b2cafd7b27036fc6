"""Corrections stand beside the raw answers, which nobody touches."""

import pytest

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.corrections.apply_corrections import Place, apply_corrections, cleaned_answers, standing_answers
from evalapp.surveys.review.corrections.record_correction import (
    Proposal,
    approve_correction,
    drop_correction,
    record_correction,
)
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Answer

REVENUE = Place("revenue_krw")


def proposal(old="200", new="2,000,000", **changed):
    facts = {"place": REVENUE, "old": old, "new": new, "reason": "Given in 10,000 won", "source": "call_back", **changed}
    return Proposal(**facts)


@pytest.fixture
def submission(people, submit):
    return submit(people["A-1"], revenue_krw=200, firm_operating="yes")


def test_a_correction_counts_only_when_a_second_person_approves_it(db, submission, second_person):
    correction = record_correction(db, submission, proposal())
    assert cleaned_answers(db, [submission.id])[submission.id][REVENUE] == "200"
    with pytest.raises(AppError, match="A second person approves"):
        approve_correction(db, correction)
    second_person()
    approve_correction(db, correction)
    assert cleaned_answers(db, [submission.id])[submission.id][REVENUE] == "2000000"
    assert db.query(Answer).filter_by(variable="revenue_krw").one().text == "200"
    with pytest.raises(AppError, match="approved already"):
        approve_correction(db, correction)


def test_corrections_follow_one_another(db, submission, second_person):
    first = record_correction(db, submission, proposal())
    second_person()
    approve_correction(db, first)
    second = record_correction(db, submission, proposal(old="2000000", new=None))
    second_person()
    approve_correction(db, second)
    assert REVENUE not in cleaned_answers(db, [submission.id])[submission.id]


def test_a_correction_of_what_has_changed_meanwhile_is_refused(db, submission, second_person):
    with pytest.raises(AppError, match="has changed while you looked"):
        record_correction(db, submission, proposal(old="300"))
    correction = record_correction(db, submission, proposal())
    db.query(Answer).filter_by(variable="revenue_krw").one().text = "201"
    db.flush()
    second_person()
    with pytest.raises(AppError, match="does not fit any more"):
        approve_correction(db, correction)


def test_applying_a_correction_whose_old_answer_is_gone_fails_by_name():
    wrong = Correction(id=7, submission_id=1, variable="revenue_krw", repeat_path="", old="5", new="6")
    with pytest.raises(AppError, match="Correction 7 of “revenue_krw”"):
        apply_corrections({1: {REVENUE: "4"}}, [wrong])


def test_corrections_leave_the_answers_they_are_applied_to_as_they_are():
    raw = {1: {REVENUE: "5"}}
    right = Correction(id=7, submission_id=1, variable="revenue_krw", repeat_path="", old="5", new="6")
    assert apply_corrections(raw, [right]) == {1: {REVENUE: "6"}}
    assert raw == {1: {REVENUE: "5"}}


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"new": "many"}, "not a number"),
        ({"new": "-1"}, "too small"),
        ({"new": "200"}, "stands already"),
        ({"reason": ""}, "in a few words"),
        ({"source": "hearsay"}, "not a source"),
        ({"place": Place("registration_number"), "old": None}, "cannot be corrected here"),
        ({"place": Place("firm_operating"), "old": "yes", "new": "sometimes"}, "not one of the choices"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(db, submission, changed, message):
    with pytest.raises(AppError, match=message):
        record_correction(db, submission, proposal(**changed))
    assert db.query(Correction).count() == 0


def test_two_corrections_of_one_answer_do_not_wait_side_by_side(db, submission):
    record_correction(db, submission, proposal())
    with pytest.raises(AppError, match="waits for a second person"):
        record_correction(db, submission, proposal(new="3"))


def test_a_correction_that_counts_is_not_dropped(db, submission, second_person):
    correction = record_correction(db, submission, proposal())
    drop_correction(db, correction, "Made at the wrong answer")
    assert db.query(Correction).count() == 0
    correction = record_correction(db, submission, proposal())
    second_person()
    approve_correction(db, correction)
    with pytest.raises(AppError, match="counts already"):
        drop_correction(db, correction, "Made at the wrong answer")


def test_an_answer_that_changes_under_a_correction_stops_the_panel_and_not_the_reviewers(db, submission, second_person):
    correction = record_correction(db, submission, proposal())
    second_person()
    approve_correction(db, correction)
    db.query(Answer).filter_by(variable="revenue_krw").one().text = "201"
    db.flush()
    with pytest.raises(AppError, match="does not fit any more"):
        cleaned_answers(db, [submission.id])
    assert standing_answers(db, [submission.id])[submission.id][REVENUE] == "201"
    check_quality(db, submission)
    drop_correction(db, correction, "The answer was edited since")
    assert cleaned_answers(db, [submission.id])[submission.id][REVENUE] == "201"


def test_the_audit_log_names_the_question_and_never_the_answers(db, submission):
    record_correction(db, submission, proposal())
    entry = db.query(AuditEntry).filter_by(action="correction_made").one()
    assert "revenue_krw" in entry.after
    assert "2000000" not in entry.after + entry.before


def test_a_wave_is_not_locked_over_a_correction_that_waits_and_takes_none_when_locked(db, people, submit, follow_up, second_person):
    submission = submit(people["A-2"], state="approved", revenue_krw=200)
    correction = record_correction(db, submission, proposal())
    with pytest.raises(AppError, match="1 corrections in this wave wait"):
        ask_wave_lock(db, follow_up)
    drop_correction(db, correction, "Made at the wrong answer")
    ask_wave_lock(db, follow_up)
    second_person()
    confirm_wave_lock(db, follow_up)
    with pytest.raises(AppError, match="The wave is locked"):
        record_correction(db, submission, proposal())
