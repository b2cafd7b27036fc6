"""What the shipped rules doubt, and that asking twice changes nothing."""

import datetime as dt
import json

import pytest

from evalapp.core.clock import now
from evalapp.people.tables import Enterprise, Registration
from evalapp.people.vault.tables import IdentityField
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.review.check_quality import check_programme_quality, check_quality, check_wave_quality
from evalapp.surveys.review.clear_flag import clear_flag
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.review.corrections.record_correction import Proposal, approve_correction, record_correction
from evalapp.surveys.review.rules.read_rules import shipped_rules
from evalapp.surveys.review.tables import QualityFlag, QualityRule
from evalapp.surveys.tables import Answer

TRAITS = [f"pi_{trait}_{item}" for trait in ("self_starting", "future_thinking", "overcoming_barriers") for item in (1, 2, 3)]
ORDINARY = {name: 1 + at % 5 for at, name in enumerate(TRAITS)}


def flags(db, submission):
    """Return the open flags of a submission as (rule, variable)."""
    rows = db.query(QualityFlag).filter_by(submission_id=submission.id, cleared_at=None)
    return {(flag.rule, flag.variable) for flag in rows}


def facts(db, submission, rule):
    return json.loads(db.query(QualityFlag).filter_by(submission_id=submission.id, rule=rule).one().facts)


@pytest.fixture
def person(people):
    return people["A-1"]


def test_ordinary_answers_raise_no_flag(db, person, submit):
    submission = submit(person, minutes=20, revenue_krw=2_000_000, costs_krw=1_500_000, profit_krw=500_000, **ORDINARY)
    check_quality(db, submission)
    assert flags(db, submission) == set()


@pytest.mark.parametrize(
    ("answers", "rule", "variable"),
    [
        ({"revenue_krw": 10, "profit_krw": 11}, "profit_above_revenue", "profit_krw"),
        ({"firm_operating": "no", "revenue_krw": 5}, "revenue_of_closed_firm", "firm_operating"),
        ({"registration_number_valid": "no"}, "registration_number_invalid", "registration_number_valid"),
        ({"left_year": 2005, "arrival_year": 2001}, "arrival_before_leaving", "left_year"),
        ({"revenue_krw": 100, "costs_krw": 10, "profit_krw": 20}, "profit_not_the_difference", "revenue_krw"),
    ],
)
def test_answers_that_contradict_one_another_are_doubted(db, person, submit, answers, rule, variable):
    submission = submit(person, **answers)
    check_quality(db, submission)
    assert flags(db, submission) == {(rule, variable)}


@pytest.mark.parametrize(
    "answers",
    [
        {"revenue_krw": 10, "profit_krw": ".d"},
        {"profit_krw": 11},
        {"firm_operating": "no", "revenue_krw": 0},
        {"registration_number_valid": "yes"},
        {"arrival_year": 2001},
    ],
)
def test_what_is_missing_or_not_known_contradicts_nothing(db, person, submit, answers):
    submission = submit(person, revenue_krw_note="x", **answers)
    check_quality(db, submission)
    assert {rule for rule, _variable in flags(db, submission)} <= {"dont_know"}


def test_a_year_of_birth_other_than_in_an_earlier_wave_is_doubted(db, person, submit, follow_up, open_wave):
    follow_up.round = 2
    db.flush()
    baseline = open_wave("baseline", "bl", 2018)
    submit(person, wave=baseline, birth_year=1980, gender="female", arrival_year=2009)
    submission = submit(person, birth_year=1981, gender="female", arrival_year=".d")
    check_quality(db, submission)
    assert {(r, v) for r, v in flags(db, submission) if r != "dont_know"} == {("birth_year_changed", "birth_year")}


def test_an_earlier_wave_that_was_rejected_is_not_held_against_anyone(db, person, submit, follow_up, open_wave):
    follow_up.round = 2
    db.flush()
    submit(person, wave=open_wave("baseline", "bl", 2018), state="rejected", birth_year=1980)
    submission = submit(person, birth_year=1981)
    check_quality(db, submission)
    assert flags(db, submission) == set()


def test_the_same_answer_to_a_whole_scale_is_doubted_at_its_first_question(db, person, submit):
    submission = submit(person, **dict.fromkeys(TRAITS, 4))
    check_quality(db, submission)
    assert flags(db, submission) == {("straight_lining", TRAITS[0])}
    assert facts(db, submission, "straight_lining") == {"count": 9, "answer": "4"}


def test_one_other_answer_in_a_scale_is_enough_not_to_be_doubted(db, person, submit):
    submission = submit(person, **{**dict.fromkeys(TRAITS, 4), TRAITS[3]: 5})
    check_quality(db, submission)
    assert flags(db, submission) == set()


def test_many_answers_without_knowledge_are_noted(db, person, submit):
    submission = submit(
        person, revenue_krw=".d", costs_krw=".r", profit_krw=1, hours_per_week=2, paid_employees=1, new_products=".n"
    )
    check_quality(db, submission)
    assert ("dont_know", "") in flags(db, submission)
    assert facts(db, submission, "dont_know") == {"percent": 40}


def test_an_answering_far_below_the_usual_time_is_doubted(db, person, submit, many):
    many(12)
    quick = submit(person, minutes=3, new_customers=900)
    check_quality(db, quick)
    assert ("speeding", "") in flags(db, quick)
    assert facts(db, quick, "speeding") == {"minutes": 3.0, "usual": 19.0}


def test_the_usual_time_says_nothing_while_few_have_answered(db, person, submit, people):
    submit(people["A-2"], minutes=60)
    quick = submit(person, minutes=3)
    check_quality(db, quick)
    assert flags(db, quick) == set()


def invite(db, submission, *seconds):
    """Let the screens of a submission have been open for these seconds each."""
    day = dt.date(2026, 9, 1)
    dates = {"opens_on": day, "due_on": day, "closes_on": day}
    invitation = Invitation(
        wave_id=submission.wave_id, entrepreneur_id=submission.entrepreneur_id, created_by="AC-1", created_at=now(), **dates
    )
    db.add(invitation)
    db.flush()
    db.add_all(
        ScreenVisit(invitation_id=invitation.id, screen=f"s{at}", entered_at=now(), seconds=s) for at, s in enumerate(seconds)
    )
    db.flush()


def test_screens_left_at_once_are_doubted_and_their_time_counts_and_not_the_nights_between(db, person, submit):
    submission = submit(person, minutes=60 * 24, revenue_krw=1, hours_per_week=2, new_products=3)
    invite(db, submission, 0.5, 0.6, 1.0, 3.0)
    check_quality(db, submission)
    assert flags(db, submission) == {("hasty_screens", ""), ("speeding", "")}
    assert facts(db, submission, "hasty_screens") == {"percent": 75}


def test_an_amount_far_from_all_others_is_doubted_but_not_among_few(db, people, submit, many):
    many(25)
    rich = submit(people["A-1"], minutes=20, revenue_krw=900_000_000)
    check_quality(db, rich)
    assert flags(db, rich) == {("outlier", "revenue_krw")}
    assert facts(db, rich, "outlier")["value"] == "900,000,000"


def test_an_amount_written_in_units_of_ten_thousand_is_doubted(db, people, submit, many):
    many(12)
    slip = submit(people["A-1"], minutes=20, revenue_krw=210)
    check_quality(db, slip)
    assert ("units_slip", "revenue_krw") in flags(db, slip)


def test_an_amount_is_held_against_the_persons_own_earlier_one_first(db, person, submit, many, follow_up, open_wave):
    follow_up.round = 2
    db.flush()
    submit(person, wave=open_wave("baseline", "bl", 2018), revenue_krw=250)
    many(12)
    small = submit(person, minutes=20, revenue_krw=210)
    check_quality(db, small)
    assert ("units_slip", "revenue_krw") not in flags(db, small)


LONG = {**ORDINARY, **{f"difficulty_{name}": 2 for name in ("financing", "sales")}, **{f"free_{n}": n for n in range(15)}}


def test_the_same_answers_under_two_people_are_doubted(db, people, submit, follow_up):
    first = submit(people["A-1"], **LONG)
    second = submit(people["A-2"], **LONG)
    third = submit(people["A-3"], **{**LONG, **{name: 5 - ORDINARY[name] for name in TRAITS}})
    check_wave_quality(db, follow_up)
    assert facts(db, first, "duplicate_answers") == {"percent": 100, "other": second.id}
    assert ("duplicate_answers", "") in flags(db, second)
    assert ("duplicate_answers", "") not in flags(db, third)


def test_short_forms_that_agree_are_no_duplicates(db, people, submit, follow_up):
    first, second = submit(people["A-1"], **ORDINARY), submit(people["A-2"], **ORDINARY)
    check_wave_quality(db, follow_up)
    assert flags(db, first) | flags(db, second) == set()


def test_duplicates_are_not_looked_for_while_somebody_waits_for_a_receipt(db, people, submit):
    submit(people["A-1"], **LONG)
    second = submit(people["A-2"], **LONG)
    check_quality(db, second)
    assert flags(db, second) == set()
    check_quality(db, second, "import")
    assert flags(db, second) == {("duplicate_answers", "")}


def registration_number(db, person, index):
    enterprise = Enterprise(entrepreneur_id=person)
    db.add(enterprise)
    db.flush()
    words = {"field": "registration_number", "sealed": "k1:x", "blind_index": index, "changed_at": now()}
    db.add(IdentityField(entrepreneur_id=person, enterprise_id=enterprise.id, **words))
    db.flush()


def test_two_people_with_one_registration_number_are_doubted(db, people, submit):
    for name, index in (("A-1", "same"), ("A-2", "same"), ("A-3", "other")):
        registration_number(db, people[name], index * 8)
    submissions = [submit(people[name], revenue_krw=at) for at, name in enumerate(("A-1", "A-2", "A-3"))]
    for submission in submissions:
        check_quality(db, submission)
    assert [("duplicate_registration_number", "") in flags(db, s) for s in submissions] == [True, True, False]


def test_a_registration_number_in_another_programme_is_no_duplicate(db, people, submit):
    for name in ("A-1", "A-2"):
        registration_number(db, people[name], "same")
    db.query(Registration).filter_by(entrepreneur_id=people["A-2"]).delete()
    submission = submit(people["A-1"], revenue_krw=1)
    check_quality(db, submission)
    assert flags(db, submission) == set()


def test_asking_again_changes_no_flag(db, person, submit):
    submission = submit(person, revenue_krw=10, profit_krw=11)
    check_quality(db, submission)
    before = db.query(QualityFlag).one()
    stamp = (before.id, before.raised_at)
    for occasion in ("save", "import", "nightly"):
        check_quality(db, submission, occasion)
    after = db.query(QualityFlag).one()
    assert (after.id, after.raised_at) == stamp


def test_a_flag_goes_when_its_reason_goes_and_a_cleared_one_stays_cleared(db, people, submit):
    mended, judged = submit(people["A-1"], revenue_krw=10, profit_krw=11), submit(people["A-2"], revenue_krw=10, profit_krw=11)
    for submission in (mended, judged):
        check_quality(db, submission)
    clear_flag(db, db.query(QualityFlag).filter_by(submission_id=judged.id).one(), "A grant counts as profit")
    db.query(Answer).filter_by(submission_id=mended.id, variable="profit_krw").one().text = "9"
    db.flush()
    for submission in (mended, judged):
        check_quality(db, submission)
    assert db.query(QualityFlag).one().cleared_reason == "A grant counts as profit"
    assert flags(db, judged) == set()


def test_a_cleared_flag_comes_back_with_other_facts(db, person, submit):
    submission = submit(person, **dict.fromkeys(TRAITS, 4))
    check_quality(db, submission)
    clear_flag(db, db.query(QualityFlag).one(), "The interviewer heard it so")
    for answer in db.query(Answer):
        answer.text = "3"
    db.flush()
    check_quality(db, submission)
    assert flags(db, submission) == {("straight_lining", TRAITS[0])}


def test_rules_read_the_answers_as_corrected(db, person, submit, second_person):
    submission = submit(person, revenue_krw=10, profit_krw=11)
    correction = record_correction(db, submission, Proposal(Place("profit_krw"), "11", "1", "Misread by the caller", "call_back"))
    second_person()
    approve_correction(db, correction)
    check_quality(db, submission)
    assert flags(db, submission) == set()


def test_an_own_rule_takes_the_place_of_the_shipped_one_and_a_silent_one_asks_nothing(db, programme, person, submit):
    words = {
        "scope": "person",
        "severity": "info",
        "message_ko": "가",
        "message_en": "A",
        "changed_by": "AC-1",
        "changed_at": now(),
    }
    when = "save import nightly"
    db.add_all(
        [
            QualityRule(
                programme_id=programme.id, rule_id="profit_above_revenue", when=when, expression="1 = 1", active=False, **words
            ),
            QualityRule(
                programme_id=programme.id, rule_id="mine", when="nightly", expression="${hours_per_week} > 90", active=True, **words
            ),
        ]
    )
    db.flush()
    submission = submit(person, revenue_krw=10, profit_krw=11, hours_per_week=100)
    check_quality(db, submission)
    assert flags(db, submission) == set()
    assert check_programme_quality(db, programme) == 1
    assert flags(db, submission) == {("mine", "hours_per_week")}
    check_quality(db, submission)
    assert flags(db, submission) == {("mine", "hours_per_week")}


def test_a_rule_about_a_question_asked_in_several_rounds_counts_them_and_never_fails(db, programme, person, submit):
    words = {
        "scope": "person",
        "severity": "info",
        "message_ko": "가",
        "message_en": "A",
        "changed_by": "AC-1",
        "changed_at": now(),
    }
    rules = {"several": "sum(${sold}) > 5", "confused": "${sold} > 1"}
    for name, expression in rules.items():
        db.add(QualityRule(programme_id=programme.id, rule_id=name, when="save", expression=expression, active=True, **words))
    submission = submit(person)
    for at, text in enumerate(("3", "4"), start=1):
        db.add(Answer(submission_id=submission.id, variable="sold", repeat_path=f"trade[{at}]", text=text, number=float(text)))
    db.flush()
    check_quality(db, submission)
    assert flags(db, submission) == {("several", "sold")}


def test_every_shipped_rule_is_said_in_both_languages_and_asked_at_night():
    for rule in shipped_rules():
        assert rule.active
        assert {"import", "nightly"} <= set(rule.when)
        assert rule.message["ko"] != rule.message["en"]
    assert [rule.rule_id for rule in shipped_rules() if "save" not in rule.when] == ["duplicate_answers"]
