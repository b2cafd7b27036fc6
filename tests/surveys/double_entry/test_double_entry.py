"""A paper form is typed twice, blind; the entries are compared, decided, merged once, and kept."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError, NotFound
from evalapp.people.records.erase_person import erase_person
from evalapp.people.tables import Consent
from evalapp.surveys.double_entry.begin_entry import SignedConsent, begin_entry
from evalapp.surveys.double_entry.finish_entry import drop_entry, finish_entry
from evalapp.surveys.double_entry.merge_entries import merge_agreeing, merge_entries
from evalapp.surveys.double_entry.queries import (
    DAY,
    Decision,
    compare_form,
    get_own_entry,
    list_paper_lines,
    list_typist_rates,
    read_decisions,
)
from evalapp.surveys.double_entry.tables import PaperEntry, PaperForm
from evalapp.surveys.double_entry.typed_form import list_unusual, open_entry
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.tables import Answer, Submission, WaveLock
from tests.surveys.answering.invited import invite, open_wave, publish_consent
from tests.surveys.double_entry.paper import FIRST, SECOND, THIRD, acting, person_of, type_field, type_paper

WHY = "the pencil was rubbed out"
DAY_BEFORE = dt.timedelta(days=1)
TRADES = (("쌀", "50"), ("콩", "30"), ("옥수수", "20"))


@pytest.fixture
def wave(db, programme):
    publish_consent(db, programme)
    return open_wave(db, programme)


@pytest.fixture
def invited(db, wave):
    return invite(db, wave)


@pytest.fixture
def person(db, invited):
    return person_of(db, invited)


def form_of(db):
    return db.scalars(select(PaperForm)).one()


def decide(db, decisions=None, account=THIRD):
    with acting(db, account):
        return merge_entries(db, form_of(db), {place: Decision(*said) for place, said in (decisions or {}).items()})


def answers_of(db):
    return {(row.variable, row.repeat_path): row.text for row in db.scalars(select(Answer))}


def differing(db):
    return {field.place: (field.first, field.second) for field in compare_form(db, form_of(db), "en").differing}


def test_entries_that_agree_become_one_submission_at_a_press(db, programme, wave, invited, person):
    type_paper(db, wave, person, FIRST, trades=TRADES)
    type_paper(db, wave, person, SECOND, trades=TRADES)
    assert form_of(db).differing == 0
    with acting(db, SECOND):
        assert merge_agreeing(db, wave) == [], "whoever typed one does not merge it"
    with acting(db, THIRD):
        submission = merge_agreeing(db, wave)[0]
    assert (submission.state, submission.mode, submission.answered_on) == ("received", "paper", today())
    assert submission.account is None
    assert answers_of(db)["revenue_krw", ""] == "1000"
    assert answers_of(db)["goods", "trade[3]"] == "옥수수"
    assert answers_of(db)["trades", ""] == "3", "what the form works out is worked out anew"
    assert db.get_one(Invitation, invited.invitation_id).state == "submitted"
    assert db.scalar(select(func.count()).select_from(ScreenVisit)) == 0, "typing is not answering"
    assert [(rate.errors, rate.errors_per_1000) for rate in list_typist_rates(db, programme.id)] == [(0, 0), (0, 0)]


def test_each_field_that_differs_is_decided_and_the_errors_are_counted(db, programme, wave, person):
    type_paper(db, wave, person, FIRST, revenue_krw="1000", hours="40", channels=["shop", "market"])
    type_paper(
        db, wave, person, SECOND, revenue_krw="10000", hours="4", channels=["market", "shop"], word=" 천천히  가겠습니다",
        filled_on=today() - DAY_BEFORE,
    )  # fmt: skip
    assert differing(db) == {"revenue_krw": ("1000", "10000"), "hours": ("40.0", "4.0")}
    compared = form_of(db).compared
    with pytest.raises(AppError, match="every field"):
        decide(db, {"revenue_krw": ("first", ""), DAY: ("first", "")})
    decided = {"revenue_krw": ("second", ""), "hours": ("other", "44", WHY), DAY: ("first", "")}
    with pytest.raises(AppError, match="few words"):
        decide(db, {**decided, "hours": ("other", "44", "")})
    with pytest.raises(AppError, match="not a number"):
        decide(db, {**decided, "hours": ("other", "many", WHY)})
    submission = decide(db, decided)
    assert answers_of(db)["revenue_krw", ""] == "10000"
    assert answers_of(db)["hours", ""] == "44"
    assert submission.answered_on == today()
    rates = {rate.account: rate for rate in list_typist_rates(db, programme.id)}
    assert (rates[FIRST].errors, rates[SECOND].errors) == (2, 2)
    assert rates[FIRST].errors_per_1000 == pytest.approx(2000 / compared)
    kept = read_decisions(db, form_of(db))
    assert kept["hours"] == Decision("other", "44.0", WHY)
    assert WHY not in form_of(db).decisions_sealed


def test_a_round_that_was_left_out_shifts_no_other(db, wave, person):
    type_paper(db, wave, person, FIRST, trades=TRADES)
    type_paper(db, wave, person, SECOND, trades=TRADES[1:])
    assert differing(db) == {"trade[1]/goods": ("쌀", ""), "trade[1]/share": ("50", "")}
    decide(db, {"trade[1]/goods": ("second", ""), "trade[1]/share": ("second", "")})
    assert [path for name, path in answers_of(db) if name == "goods"] == ["trade[1]", "trade[2]"]
    assert answers_of(db)["goods", "trade[1]"] == "콩", "a round that is not on the paper is none"


def test_an_answer_that_decides_what_is_asked_brings_its_questions_with_it(db, wave, person):
    type_paper(db, wave, person, FIRST)
    type_paper(db, wave, person, SECOND, firm_operating="no", revenue_krw="", why_closed="나이")
    assert set(differing(db)) == {"firm_operating", "revenue_krw", "why_closed"}
    decide(db, {"firm_operating": ("first", ""), "revenue_krw": ("first", ""), "why_closed": ("second", "")})
    answers = {name for name, _rounds in answers_of(db)}
    assert "revenue_krw" in answers
    assert "why_closed" not in answers, "the form does not ask it of whose business runs"


def test_nobody_types_twice_and_nobody_third(db, wave, person):
    type_paper(db, wave, person, FIRST)
    with acting(db, FIRST), pytest.raises(AppError, match="somebody else"):
        begin_entry(db, wave, person, today(), "ko")
    type_paper(db, wave, person, SECOND, finish=False)
    with acting(db, THIRD), pytest.raises(AppError, match="Two people"):
        begin_entry(db, wave, person, today(), "ko")


def test_an_entry_is_gone_on_with_finished_once_and_never_changed_again(db, programme, wave, person):
    entry = type_paper(db, wave, person, FIRST, finish=False)
    with acting(db, FIRST):
        assert begin_entry(db, wave, person, today(), "ko").id == entry.id
        finish_entry(db, entry)
        finished_at = entry.finished_at
        finish_entry(db, entry)
        assert entry.finished_at == finished_at
        with pytest.raises(AppError, match="kept as it is"):
            drop_entry(db, entry)
        with pytest.raises(AppError, match="finished"):
            open_entry(db, entry, "ko", to_write=True)
    with pytest.raises(NotFound):
        get_own_entry(db, programme.id, entry.id, SECOND)


def test_an_entry_left_lying_is_freed_for_a_reason_and_its_place_taken_by_another(db, wave, person):
    type_paper(db, wave, person, FIRST)
    entry = type_paper(db, wave, person, SECOND, finish=False)
    with acting(db, THIRD):
        with pytest.raises(AppError, match="few words"):
            drop_entry(db, entry)
        drop_entry(db, entry, "the typist is away")
    assert type_paper(db, wave, person, THIRD).number == 2


def test_what_is_wrong_on_the_paper_is_typed_as_it_stands(db, wave, person):
    with acting(db, FIRST):
        entry = begin_entry(db, wave, person, today(), "en")
        type_field(db, entry, "firm_operating", "yes")
        assert list(type_field(db, entry, "revenue_krw", "-5", way="next").faults) == ["revenue_krw"]
        assert type_field(db, entry, "revenue_krw", "-5").faults == {}
        assert list(type_field(db, entry, "hours", "many").faults) == ["hours"], "what cannot be read is never taken"
        unusual = [each.field for each in list_unusual(open_entry(db, entry, "en"))]
    assert "revenue_krw" in unusual
    assert "difficulty.difficulty_money" in unusual, "what must be answered may be missing on the paper"


def test_an_entry_is_sealed_and_takes_nothing_that_identifies(db, wave, person):
    with acting(db, FIRST):
        entry = begin_entry(db, wave, person, today(), "ko")
        type_field(db, entry, "word", "한마디")
        type_field(db, entry, "registration_number", "220-81-62517")
    assert "한마디" not in entry.answers_sealed
    assert open_entry(db, entry, "ko").instance.at("/data/registration_number").value == ""


def test_without_consent_only_a_signed_one_opens_the_form(db, wave):
    person = person_of(db, invite(db, wave, consent=False))
    with acting(db, FIRST):
        with pytest.raises(AppError, match="consent"):
            begin_entry(db, wave, person, today(), "ko")
        begin_entry(db, wave, person, today() - DAY_BEFORE, "ko", SignedConsent("1", "ko"))
    consent = db.scalars(select(Consent)).one()
    assert (consent.given_on, consent.recorded_by) == (today() - DAY_BEFORE, FIRST)


@pytest.mark.parametrize(("days", "why"), [(1, "future"), (-60, "filled in from")])
def test_the_day_on_the_paper_lies_in_the_window(db, wave, person, days, why):
    with pytest.raises(AppError, match=why):
        begin_entry(db, wave, person, today() + days * DAY_BEFORE, "ko")


@pytest.mark.parametrize("what", ["answered", "refused", "locked", "withdrawn"])
def test_what_came_between_keeps_the_entries_from_being_merged(db, wave, invited, person, what):
    for account in (FIRST, SECOND):
        type_paper(db, wave, person, account)
    if what == "answered":
        db.add(Submission(wave_id=wave.id, entrepreneur_id=person.id, state="received", received_at=now()))
    elif what == "refused":
        db.get_one(Invitation, invited.invitation_id).state = "refused"
    elif what == "locked":
        db.add(WaveLock(wave_id=wave.id, asked_by="A", asked_at=now(), confirmed_by="B", confirmed_at=now()))
    else:
        db.scalars(select(Consent)).one().withdrawn_on = today()
    db.flush()
    with pytest.raises(AppError):
        decide(db)
    assert form_of(db).merged_at is None


def test_a_typist_does_not_decide_and_the_second_to_decide_is_told(db, wave, person):
    for account, hours in ((FIRST, "40"), (SECOND, "41")):
        type_paper(db, wave, person, account, hours=hours)
    with pytest.raises(AppError, match="did not decides"):
        decide(db, {"hours": ("first", "")}, SECOND)
    decide(db, {"hours": ("first", "")})
    with pytest.raises(AppError, match="meanwhile"):
        decide(db, {"hours": ("second", "")}, "AC-FOURTH")
    assert answers_of(db)["hours", ""] == "40"


def test_one_typist_learns_nothing_of_the_other(db, wave, person):
    type_paper(db, wave, person, FIRST, hours="40")
    line = list_paper_lines(db, wave, SECOND)[person.id]
    assert (line.finished, line.own_entry, line.differing) == (1, None, None)
    assert db.scalar(select(func.count()).select_from(Answer)) == 0
    with acting(db, SECOND):
        entry = begin_entry(db, wave, person, today(), "ko")
        assert open_entry(db, entry, "ko").instance.at("/data/hours").value == ""
    entries = [entry for entry in db.scalars(select(AuditEntry)) if entry.action.startswith("paper")]
    assert {entry.subject for entry in entries} == {person.study_id}
    assert "40" not in str([entry.after for entry in entries])


def test_whoever_is_erased_leaves_no_entry(db, wave, person):
    for account in (FIRST, SECOND):
        type_paper(db, wave, person, account)
    decide(db)
    erase_person(db, person, "everything", "asked on the telephone")
    for table in (PaperForm, PaperEntry, Submission):
        assert db.scalar(select(func.count()).select_from(table)) == 0
