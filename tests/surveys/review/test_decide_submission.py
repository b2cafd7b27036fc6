"""Decisions on submissions: who may move what where, and what stays written."""

import pytest

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from evalapp.surveys.review.decide_submission import approve_unflagged, decide_submission, reopen_submission
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock, open_wave_lock
from evalapp.surveys.review.tables import QualityFlag, ReviewStep
from tests.surveys.review.conftest import RECEIVED_AT


def flag(db, submission, severity="block"):
    raised = QualityFlag(submission_id=submission.id, rule="profit_above_revenue", severity=severity, variable="profit_krw")
    raised.raised_at = RECEIVED_AT
    db.add(raised)
    db.flush()
    return raised


def steps(db):
    return [(step.from_state, step.to_state, step.comment, step.account) for step in db.query(ReviewStep).order_by(ReviewStep.id)]


def test_a_submission_goes_from_state_to_state_and_every_step_is_kept(db, people, submit):
    submission = submit(people["A-1"])
    decide_submission(db, submission, "has_issues", "The profit needs a call")
    decide_submission(db, submission, "approved")
    decide_submission(db, submission, "rejected", "It was another person")
    assert steps(db) == [
        ("received", "has_issues", "The profit needs a call", "AC-TEST-1"),
        ("has_issues", "approved", "", "AC-TEST-1"),
        ("approved", "rejected", "It was another person", "AC-TEST-1"),
    ]
    assert (submission.state, submission.reason, submission.version) == ("rejected", "It was another person", 4)
    actions = [entry.action for entry in db.query(AuditEntry).filter_by(object_type="submission")]
    assert actions == ["submission_decided"] * 3


@pytest.mark.parametrize("state", ["has_issues", "rejected"])
def test_issues_and_rejection_need_a_comment(db, people, submit, state):
    submission = submit(people["A-1"])
    with pytest.raises(AppError, match="in a few words"):
        decide_submission(db, submission, state, "  ")
    assert submission.state == "received"


def test_taking_a_rejection_back_needs_a_comment_too(db, people, submit):
    submission = submit(people["A-1"], state="rejected")
    with pytest.raises(AppError, match="in a few words"):
        decide_submission(db, submission, "approved")
    decide_submission(db, submission, "approved", "The person called back")
    assert submission.reason is None


def test_a_comment_with_a_telephone_number_is_refused(db, people, submit):
    with pytest.raises(AppError, match="number or an address"):
        decide_submission(db, submit(people["A-1"]), "has_issues", "call 010-1234-5678 again")


def test_two_reviewers_of_one_submission_do_not_overwrite_each_other(db, people, submit):
    submission = submit(people["A-1"])
    seen = submission.version
    decide_submission(db, submission, "approved", version=seen)
    with pytest.raises(AppError, match="Someone else changed"):
        decide_submission(db, submission, "rejected", "I saw it before", version=seen)
    assert submission.state == "approved"


def test_an_open_blocking_flag_keeps_a_submission_from_approval(db, people, submit):
    submission = submit(people["A-1"])
    raised = flag(db, submission)
    with pytest.raises(AppError, match="block approval: 1"):
        decide_submission(db, submission, "approved")
    raised.cleared_at = RECEIVED_AT
    decide_submission(db, submission, "approved")
    assert submission.state == "approved"


def test_what_was_not_handed_in_cannot_be_decided(db, people, submit):
    with pytest.raises(AppError, match="not handed in"):
        decide_submission(db, submit(people["A-1"], state="draft"), "approved")


@pytest.mark.parametrize(("state", "message"), [("received", "not a decision"), ("approved", "decided already")])
def test_only_another_decision_is_a_decision(db, people, submit, state, message):
    with pytest.raises(AppError, match=message):
        decide_submission(db, submit(people["A-1"], state="approved"), state)


def test_an_edit_puts_a_submission_before_the_reviewers_again(db, people, submit):
    submission = submit(people["A-1"])
    decide_submission(db, submission, "has_issues", "The profit needs a call")
    reopen_submission(db, submission)
    reopen_submission(db, submission)
    assert submission.state == "received"
    assert [step[1] for step in steps(db)] == ["has_issues", "received"]


def test_only_received_submissions_without_flags_are_approved_together(db, people, submit):
    clear, doubted, decided = submit(people["A-1"]), submit(people["A-2"]), submit(people["A-3"], state="rejected")
    flag(db, doubted, "info")
    assert approve_unflagged(db, [clear, doubted, decided]) == 1
    assert [s.state for s in (clear, doubted, decided)] == ["approved", "received", "rejected"]


def lock(db, wave, second_person):
    ask_wave_lock(db, wave)
    second_person()
    confirm_wave_lock(db, wave)


def test_in_a_locked_wave_nothing_is_decided_until_it_is_opened_for_a_reason(db, people, submit, follow_up, second_person):
    submission = submit(people["A-1"], state="approved")
    lock(db, follow_up, second_person)
    with pytest.raises(AppError, match="The wave is locked"):
        decide_submission(db, submission, "rejected", "It was another person")
    with pytest.raises(AppError, match="The wave is locked"):
        reopen_submission(db, submission)
    with pytest.raises(AppError, match="in a few words"):
        open_wave_lock(db, follow_up, "")
    open_wave_lock(db, follow_up, "A paper form came late")
    decide_submission(db, submission, "rejected", "It was another person")
    assert submission.state == "rejected"


def test_one_person_alone_cannot_lock_a_wave(db, people, submit, follow_up, second_person):
    submit(people["A-1"], state="approved")
    with pytest.raises(AppError, match="Nobody has asked"):
        confirm_wave_lock(db, follow_up)
    ask_wave_lock(db, follow_up)
    with pytest.raises(AppError, match="A second person confirms"):
        confirm_wave_lock(db, follow_up)
    with pytest.raises(AppError, match="asked for already"):
        ask_wave_lock(db, follow_up)
    second_person()
    confirm_wave_lock(db, follow_up)
    with pytest.raises(AppError, match="Nobody has asked"):
        confirm_wave_lock(db, follow_up)
    actions = {entry.action for entry in db.query(AuditEntry).filter_by(object_type="wave")}
    assert actions == {"wave_lock_asked", "wave_locked"}


def test_a_wave_with_something_undecided_is_not_locked(db, people, submit, follow_up, second_person):
    submission = submit(people["A-1"])
    with pytest.raises(AppError, match="1 submissions of this wave are not decided"):
        ask_wave_lock(db, follow_up)
    decide_submission(db, submission, "approved")
    ask_wave_lock(db, follow_up)
    decide_submission(db, submission, "has_issues", "The profit needs a call")
    second_person()
    with pytest.raises(AppError, match="not decided"):
        confirm_wave_lock(db, follow_up)
