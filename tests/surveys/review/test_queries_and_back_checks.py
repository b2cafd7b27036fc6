"""Questions about answers, and second interviews of some of them."""

import pytest

from evalapp.core.errors import AppError, NotFound
from evalapp.surveys.review.ask_query import ask_query, close_query, reply_to_query
from evalapp.surveys.review.covered_text import covered
from evalapp.surveys.review.overview.dashboard import list_group_quality, list_variable_errors
from evalapp.surveys.review.overview.queue import QueueFilter, list_choices, list_keys, list_queue, list_unflagged
from evalapp.surveys.review.queries import count_queries_for, get_query_for, list_queries_for, review_of
from evalapp.surveys.review.record_back_check import BackCheckVariable, record_back_check
from evalapp.surveys.review.tables import QualityFlag
from tests.conftest import ACTOR
from tests.surveys.review.conftest import RECEIVED_AT

SHARE_TOLERANCE = 1e-12  # shares of small counts are exact but for the last bit


def test_a_question_is_asked_answered_and_closed(db, programme, people, submit):
    submission = submit(people["A-1"], account="AC-CALLER")
    query = ask_query(db, submission, "revenue_krw", "Is this in won?")
    assert count_queries_for(db, programme.id, "AC-CALLER") == 1
    assert [each.label["en"].startswith("How much money") for each in list_queries_for(db, programme.id, "AC-CALLER")] == [True]
    reply_to_query(db, get_query_for(db, programme.id, "AC-CALLER", query.id), "Yes, in won")
    assert (query.state, query.reply) == ("answered", "Yes, in won")
    assert count_queries_for(db, programme.id, "AC-CALLER") == 0
    close_query(db, query)
    for again in (lambda: close_query(db, query), lambda: reply_to_query(db, query, "once more")):
        with pytest.raises(AppError, match="closed"):
            again()


def test_a_question_to_one_interviewer_is_not_there_for_another(db, programme, people, submit):
    query = ask_query(db, submit(people["A-1"], account="AC-CALLER"), "revenue_krw", "Is this in won?")
    with pytest.raises(NotFound):
        get_query_for(db, programme.id, "AC-OTHER", query.id)


@pytest.mark.parametrize(
    ("okrange", "first", "second", "differs"),
    [
        ("", "1980", "1980", False), ("", "1980", "1981", True), ("1", "3", "4", False), ("1", "3", "5", True),
        ("10%", "100", "110", False), ("10%", "100", "111", True), ("10%", "-100", "-90", False), ("1", None, "3", True),
        ("1", ".d", "3", True), ("1", ".d", ".d", False),
    ],
)  # fmt: skip
def test_a_second_answer_within_the_okrange_is_no_error(okrange, first, second, differs):
    assert BackCheckVariable("x", "2", okrange).differs(first, second) is differs


def test_a_back_check_counts_errors_by_interviewer_type_and_variable(db, programme, people, submit):
    first = submit(people["A-1"], account="AC-CALLER", paid_employees=3, revenue_krw=100, firm_operating="yes")
    second = submit(people["A-2"], account="AC-CALLER", paid_employees=3, revenue_krw=100)
    record_back_check(db, first, {"paid_employees": "9", "revenue_krw": "105", "firm_operating": "yes", "hours_per_week": ""})
    record_back_check(db, second, {"paid_employees": "4", "revenue_krw": "500"})
    (group,) = list_group_quality(db, programme.id)
    assert group.interviewer == "AC-CALLER"
    assert group.error_shares == pytest.approx({"1": 0.0, "2": 0.5, "3": 0.5}, abs=SHARE_TOLERANCE)
    errors = {(each.variable, each.compared, each.differing) for each in list_variable_errors(db, programme.id)}
    assert errors == {("paid_employees", 2, 1), ("revenue_krw", 2, 1), ("firm_operating", 1, 0)}


def test_nobody_checks_their_own_interview(db, people, submit):
    with pytest.raises(AppError, match="does not check it"):
        record_back_check(db, submit(people["A-1"], account=ACTOR.account), {"revenue_krw": "1"})


@pytest.mark.parametrize(("answers", "message"), [({}, "at least one"), ({"revenue_krw": "much"}, "not a number")])
def test_a_back_check_needs_answers_that_the_questions_can_take(db, people, submit, answers, message):
    with pytest.raises(AppError, match=message):
        record_back_check(db, submit(people["A-1"], revenue_krw=1), answers)


def test_groups_say_durations_answers_without_knowledge_flags_and_states(db, programme, people, submit):
    submit(people["A-1"], minutes=10, revenue_krw=".d", costs_krw=1)
    flagged = submit(people["A-2"], minutes=20, state="approved", revenue_krw=5, costs_krw=1)
    submit(people["A-3"], account="AC-CALLER", revenue_krw=1)
    db.add(QualityFlag(submission_id=flagged.id, rule="outlier", severity="warn", raised_at=RECEIVED_AT))
    db.flush()
    alone, called = list_group_quality(db, programme.id)
    if alone.interviewer:
        alone, called = called, alone
    assert (alone.submissions, alone.median_minutes, alone.dont_know_share, alone.flags_each) == (2, 15, 0.25, 0.5)
    assert (alone.states["received"], alone.states["approved"]) == (1, 1)
    assert (called.median_minutes, called.error_shares) == (None, {})


def test_the_queue_shows_the_worst_first_and_can_be_narrowed(db, programme, people, submit):
    plain, info, block = (submit(people[name], account="AC-CALLER") for name in ("A-1", "A-2", "A-3"))
    for submission, severity in ((info, "info"), (block, "block"), (block, "info")):
        rule = f"{severity}_rule"
        db.add(QualityFlag(submission_id=submission.id, rule=rule, severity=severity, raised_at=RECEIVED_AT))
    db.flush()
    assert list_keys(db, programme.id, QueueFilter()) == [block.id, info.id, plain.id]
    page = list_queue(db, programme.id, QueueFilter(), page=9)
    assert [(line.severity, line.flags) for line in page.lines] == [("block", 2), ("info", 1), (None, 0)]
    assert list_keys(db, programme.id, QueueFilter(flag="none")) == [plain.id]
    assert list_keys(db, programme.id, QueueFilter(flag="block_rule")) == [block.id]
    assert list_keys(db, programme.id, QueueFilter(state="approved")) == []
    assert list_keys(db, programme.id, QueueFilter(interviewer="AC-OTHER")) == []
    assert list_keys(db, programme.id, QueueFilter(wave="fu1")) == [block.id, info.id, plain.id]
    assert list_choices(db, programme.id) == (["block_rule", "info_rule"], ["AC-CALLER"])
    assert [submission.id for submission in list_unflagged(db, programme.id, QueueFilter())] == [plain.id]


def test_a_submission_with_an_open_question_is_not_approved_with_the_rest(db, programme, people, submit):
    submission = submit(people["A-1"])
    query = ask_query(db, submission, "revenue_krw", "Is this in won?")
    assert list_unflagged(db, programme.id, QueueFilter()) == []
    close_query(db, query)
    assert list_unflagged(db, programme.id, QueueFilter()) == [submission]


def test_a_review_shows_questions_in_order_with_earlier_answers_and_never_identifiers(db, people, submit, follow_up, open_wave):
    follow_up.round = 2
    db.flush()
    submit(people["A-1"], wave=open_wave("baseline", "bl", 2018), revenue_krw=7)
    submission = submit(people["A-1"], revenue_krw=9, unknown_before="x")
    seen = review_of(db, submission)
    lines = {line.place.variable: line for line in seen.lines}
    assert (lines["revenue_krw"].given, lines["revenue_krw"].earlier.text) == ("9", "7")
    assert seen.lines[-1].place.variable == "unknown_before"
    names = list(seen.definition.by_name)
    assert [line.place.variable for line in seen.lines][:3] == names[:3]


def test_identifiers_are_left_out_of_a_review(db, people, submit, follow_up, open_wave):
    follow_up.round = 2
    db.flush()
    wave = open_wave("baseline", "bl", 2018)
    from evalapp.surveys.queries import get_instrument_definition

    questions = get_instrument_definition(db, wave.instrument_id).questions
    identifiers = [question.name for question in questions if question.sensitivity == "identifier"]
    assert identifiers
    submission = submit(people["A-1"], wave=wave, **dict.fromkeys(identifiers, "secret"))
    shown = {line.place.variable for line in review_of(db, submission).lines}
    assert shown.isdisjoint(identifiers)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Call 010-1234-5678 please", "Call •••-••••-•••• please"),
        ("900101-1234567", "••••••-•••••••"),
        ("write a.b@example.org", "write •.•@•••••••.•••"),
        ("sold 120 in 2026", "sold 120 in 2026"),
        ("2,500,000 won", "2,500,000 won"),
    ],
)
def test_numbers_and_addresses_of_people_are_covered(text, shown):
    assert covered(text) == shown
