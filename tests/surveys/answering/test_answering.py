"""Answers saved screen by screen, gone on with, and handed in once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError, NotFound
from evalapp.people.consents.queries import list_consents
from evalapp.people.tables import Consent, Enterprise, Entrepreneur
from evalapp.people.vault.tables import IdentityField
from evalapp.surveys.answering.begin_draft import begin_draft
from evalapp.surveys.answering.change_rounds import add_round, remove_round
from evalapp.surveys.answering.hand_in import NotComplete, hand_in
from evalapp.surveys.answering.queries import draft_context, find_answering, list_open_questions
from evalapp.surveys.answering.receipts import is_receipt, mint_receipt
from evalapp.surveys.answering.save_screen import Sent, save_screen
from evalapp.surveys.answering.tables import ScreenVisit, SurveyDraft
from evalapp.surveys.answering.taking_part.decline_survey import decline_survey
from evalapp.surveys.answering.taking_part.survey_consent import answer_survey_consent, get_consent_question, has_consent
from evalapp.surveys.invitations.open_invitation import ClosedInvitation
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Answer, Submission, Wave, WaveLock
from tests.surveys.answering.invited import invite, open_wave, publish_consent


@dataclass
class Person:
    """Somebody who answers, in a session of the database."""

    db: object
    invitation: Invitation

    @property
    def answering(self):
        return find_answering(self.db, self.invitation, to_write=True)

    def send(self, screen, *, way="next", version=None, seconds=5, shown=None, **fields):
        answering = self.answering
        fields = {name.replace("__", "."): [text] if isinstance(text, str) else text for name, text in fields.items()}
        return save_screen(
            self.db,
            answering,
            Sent(
                screen,
                fields,
                frozenset(shown or fields or [screen]),
                answering.draft.version if version is None else version,
                now() - dt.timedelta(seconds=seconds),
            ),
            way,
        )

    def finish(self):
        """Answer what must be answered."""
        self.send("firm_operating", firm_operating="yes")
        self.send("revenue_krw", revenue_krw="1,000")
        self.send("difficulty", difficulty__difficulty_money="3")
        self.send("trade.goods", trade__goods="쌀")


@pytest.fixture
def wave(db, programme):
    publish_consent(db, programme)
    return open_wave(db, programme)


@pytest.fixture
def person(db, wave):
    invited = invite(db, wave)
    person = Person(db, db.get_one(Invitation, invited.invitation_id))
    begin_draft(db, person.invitation, "ko")
    return person


def answers_of(db, submission):
    rows = db.scalars(select(Answer).where(Answer.submission_id == submission.id))
    return {(row.variable, row.repeat_path): (row.text, row.number) for row in rows}


def test_a_survey_goes_on_at_the_same_question_on_any_device(db, person):
    person.send("firm_operating", firm_operating="yes")
    person.send("revenue_krw", revenue_krw="1,250,000")
    again = begin_draft(db, person.invitation, "en")
    assert again.screens[again.number - 1].key == "hours"
    assert again.instance.at("/data/revenue_krw").value == 1250000
    assert again.draft.language == "ko", "going on does not change the language"


def test_a_draft_is_sealed_and_a_screen_that_changes_nothing_is_not_sealed_anew(db, person):
    person.send("firm_operating", firm_operating="yes")
    draft = db.scalar(select(SurveyDraft))
    assert "firm_operating" not in draft.answers_sealed
    before = draft.answers_sealed
    assert "firm_operating" in keys_of(db).open(before, draft_context(person.invitation.id))
    person.send("hours", hours="")
    assert draft.answers_sealed == before


def test_what_is_wrong_is_said_and_nothing_is_stored(person):
    saved = person.send("firm_operating", firm_operating="")
    assert list(saved.faults) == ["firm_operating"]
    person.send("firm_operating", firm_operating="yes")
    saved = person.send("revenue_krw", revenue_krw="-5")
    assert saved.faults == {"revenue_krw": "0 이상의 금액을 적어 주세요."}
    assert person.answering.instance.at("/data/revenue_krw").value == ""
    assert person.answering.draft.screen == "revenue_krw"


def test_on_the_way_back_or_out_nothing_has_to_be_complete(person):
    person.send("firm_operating", firm_operating="yes")
    saved = person.send("revenue_krw", way="back", revenue_krw="")
    assert saved.faults == {}
    assert person.answering.draft.screen == "firm_operating"
    person.send("firm_operating", way="stay", firm_operating="no")
    assert person.answering.draft.screen == "firm_operating"
    assert person.answering.instance.at("/data/firm_operating").value == "no"


def test_a_question_that_was_not_on_the_page_keeps_its_answer(person):
    person.send("loans", loans__loan="yes", loans__loan_krw="500", shown=["loans.loan", "loans.loan_krw"])
    person.send("loans", loans__loan="yes", shown=["loans.loan"])
    assert person.answering.instance.at("/data/loans/loan_krw").value == 500


def test_a_screen_that_asks_more_after_an_answer_is_shown_again(person):
    saved = person.send("loans", loans__loan="yes")
    assert saved.grew
    assert person.answering.draft.screen == "loans"
    saved = person.send("loans", loans__loan="yes", loans__loan_krw="")
    assert not saved.grew
    assert person.answering.draft.screen == "trade.goods"


def test_two_devices_lose_nothing_and_the_later_answer_counts(person):
    person.send("firm_operating", firm_operating="yes")
    version = person.answering.draft.version
    assert not person.send("hours", version=version, hours="40").overtaken
    saved = person.send("word", version=version, word="안녕")
    assert saved.overtaken
    saved = person.send("hours", version=version, hours="50")
    assert saved.overtaken
    instance = person.answering.instance
    assert (instance.at("/data/hours").value, instance.at("/data/word").value) == (50.0, "안녕")


def test_the_same_screen_sent_twice_is_no_contradiction(person):
    version = person.answering.draft.version
    person.send("firm_operating", version=version, firm_operating="yes")
    assert not person.send("firm_operating", version=version, firm_operating="yes").overtaken


def test_a_visit_keeps_seconds_and_changes_and_no_more(db, person):
    person.send("firm_operating", seconds=12, firm_operating="yes")
    person.send("hours", seconds=100_000, hours="")
    person.send("hours", way="keep", hours="3")
    visits = db.scalars(select(ScreenVisit).order_by(ScreenVisit.id)).all()
    assert [(visit.screen, visit.seconds, visit.changed) for visit in visits] == [("firm_operating", 12, 1), ("hours", 3600, 0)]
    assert {column.name for column in ScreenVisit.__table__.columns} == {
        "id", "invitation_id", "screen", "entered_at", "seconds", "changed",
    }  # fmt: skip


def test_rounds_are_added_and_taken_away(db, person):
    person.send("trade.goods", trade__goods="쌀")
    add_round(db, person.answering, "rounds:trade")
    assert person.answering.draft.screen == "trade.2.goods"
    person.send("trade.2.goods", trade__2__goods="콩")
    remove_round(db, person.answering, "rounds:trade", 1)
    assert person.answering.instance.at("/data/trade/goods").value == "콩"
    remove_round(db, person.answering, "rounds:trade", 7)
    assert len(person.answering.instance.elements("/data/trade")) == 1


def test_open_questions_are_named_with_the_number_of_their_screen(db, person):
    found = list_open_questions(person.answering)
    assert [(each.number, each.field) for each in found] == [
        (1, "firm_operating"), (12, "difficulty.difficulty_money"), (14, "trade.goods"),
    ]  # fmt: skip
    with pytest.raises(NotComplete):
        hand_in(db, person.invitation)


def test_answers_are_handed_in_typed_and_with_their_rounds(db, person):
    person.finish()
    person.send("hours", hours="45.5")
    person.send("opened_on", opened_on="2020-05-01")
    person.send("channels", channels=["online", "shop"])
    add_round(db, person.answering, "rounds:trade")
    person.send("trade.2.goods", trade__2__goods="콩")
    done = hand_in(db, person.invitation)
    submission = done.submission
    assert (submission.state, submission.mode, submission.language, submission.answered_on) == ("received", "web", "ko", today())
    assert is_receipt(submission.receipt)
    assert answers_of(db, submission) == {
        ("firm_operating", ""): ("yes", None),
        ("revenue_krw", ""): ("1000", 1000),
        ("hours", ""): ("45.5", 45.5),
        ("opened_on", ""): ("2020-05-01", None),
        ("channels", ""): ("shop online", None),
        ("difficulty_money", ""): ("3", 3),
        ("goods", "trade[1]"): ("쌀", None),
        ("goods", "trade[2]"): ("콩", None),
        ("trades", ""): ("2", 2),
        ("paid", ""): ("2", None),
    }
    assert person.invitation.state == "submitted"
    assert db.scalar(select(func.count()).select_from(SurveyDraft)) == 0


def test_handing_in_twice_counts_once(db, person):
    person.finish()
    first, second = hand_in(db, person.invitation), hand_in(db, person.invitation)
    assert (first.is_new, second.is_new) == (True, False)
    assert first.submission.receipt == second.submission.receipt
    assert db.scalar(select(func.count()).select_from(Submission)) == 1
    with pytest.raises(ClosedInvitation):
        begin_draft(db, person.invitation, "ko")


def test_answers_that_came_another_way_are_not_joined_by_second_ones(db, person):
    person.finish()
    facts = {"wave_id": person.invitation.wave_id, "entrepreneur_id": person.invitation.entrepreneur_id}
    db.add(Submission(**facts, state="received", received_at=now()))
    db.flush()
    with pytest.raises(AppError, match="another way"):
        hand_in(db, person.invitation)


def test_a_locked_wave_takes_no_answers_and_the_draft_is_kept(db, person):
    person.finish()
    locked = {"asked_by": "AC-1", "asked_at": now(), "confirmed_by": "AC-2", "confirmed_at": now()}
    db.add(WaveLock(wave_id=person.invitation.wave_id, **locked))
    db.flush()
    with pytest.raises(AppError, match="has been closed"):
        hand_in(db, person.invitation)
    assert db.scalar(select(func.count()).select_from(SurveyDraft)) == 1


def test_what_is_not_asked_any_more_is_not_handed_in(db, person):
    person.finish()
    person.send("firm_operating", firm_operating="no")
    submission = hand_in(db, person.invitation).submission
    assert "revenue_krw" not in {name for name, _rounds in answers_of(db, submission)}


def test_an_identifier_goes_to_the_vault_and_nowhere_else(db, person):
    person.finish()
    person.send("registration_number", registration_number="220-81-62517")
    submission = hand_in(db, person.invitation).submission
    kept = db.scalars(select(IdentityField)).one()
    enterprise = db.scalars(select(Enterprise)).one()
    assert (kept.field, kept.enterprise_id, enterprise.is_current) == ("registration_number", enterprise.id, True)
    answers = answers_of(db, submission)
    assert answers["registration_number_valid", ""] == ("yes", None)
    written = str(answers) + str([vars(entry) for entry in db.scalars(select(AuditEntry))])
    assert "62517" not in written


def test_a_question_builds_on_what_was_answered_before(db, programme, wave):
    facts = {"wave_id": wave.id, "state": "approved", "received_at": now()}
    later = invite(db, open_wave(db, programme, code="fu1", number=2))
    invitation = db.get_one(Invitation, later.invitation_id)
    earlier = Submission(**facts, entrepreneur_id=invitation.entrepreneur_id)
    db.add(earlier)
    db.flush()
    db.add_all([Answer(submission_id=earlier.id, variable=name, text="yes") for name in ("firm_operating", "still_there")])
    db.flush()
    person = Person(db, invitation)
    answering = begin_draft(db, invitation, "ko")
    assert answering.instance.at("/data/prev_firm_operating").value == "yes"
    assert answering.earlier["still_there"] == "yes"
    person.send("still_there", still_there="", **{"still_there.same": "yes"})
    assert person.answering.instance.at("/data/still_there").value == "yes"
    person.finish()
    submission = hand_in(db, invitation).submission
    names = {name for name, _rounds in answers_of(db, submission)}
    assert "still_there" in names
    assert "prev_firm_operating" not in names


def test_an_answer_given_anew_goes_before_the_tick_that_nothing_changed(person):
    person.send("still_there", still_there="no", **{"still_there.same": "yes"})
    assert person.answering.instance.at("/data/still_there").value == "no"


def test_a_no_deletes_what_was_answered_and_may_end_the_consent(db, person, programme):
    person.send("firm_operating", firm_operating="yes")
    decline_survey(db, person.invitation, withdraw=True)
    assert person.invitation.state == "refused"
    assert person.invitation.disposition == "2.1"
    assert find_answering(db, person.invitation) is None
    states = {consent.purpose: consent.state for consent in list_consents(db, programme.id, person.invitation.entrepreneur_id)}
    assert states["survey"] == "withdrawn"
    with pytest.raises(ClosedInvitation):
        begin_draft(db, person.invitation, "ko")


def test_a_no_to_one_survey_leaves_the_consent_alone(db, person):
    decline_survey(db, person.invitation, withdraw=False)
    assert has_consent(db, person.invitation)


def test_consent_is_asked_where_it_does_not_hold_and_recorded_in_its_version(db, wave):
    invited = invite(db, wave, consent=False)
    invitation = db.get_one(Invitation, invited.invitation_id)
    assert not has_consent(db, invitation)
    question = get_consent_question(db, invitation, "en")
    assert (question.version, question.language) == ("1", "en")
    answer_survey_consent(db, invitation, "1", "en", agreed=True)
    assert has_consent(db, invitation)
    consent = db.scalars(select(Consent)).one()
    assert (consent.given_on, consent.language) == (today(), "en")


def test_a_consent_that_ended_is_renewed_and_not_given_a_first_time(db, wave):
    invitation = db.get_one(Invitation, invite(db, wave).invitation_id)
    db.scalars(select(Consent)).one().expires_on = today()
    answer_survey_consent(db, invitation, "1", "ko", agreed=True)
    entries = db.scalars(select(AuditEntry.action)).all()
    assert "consent_renewed" in entries


def test_a_no_to_the_consent_text_declines_the_survey(db, wave):
    invitation = db.get_one(Invitation, invite(db, wave, consent=False).invitation_id)
    answer_survey_consent(db, invitation, "1", "ko", agreed=False)
    assert invitation.state == "refused"
    assert db.scalars(select(Consent)).one().refused_on == today()


def test_answers_are_not_taken_once_the_consent_has_ended(db, person):
    person.finish()
    db.scalars(select(Consent)).one().withdrawn_on = today()
    db.flush()
    with pytest.raises(AppError, match="consent"):
        hand_in(db, person.invitation)


def test_without_a_published_text_nobody_is_asked(db, programme):
    invitation = db.get_one(Invitation, invite(db, open_wave(db, programme), consent=False).invitation_id)
    with pytest.raises(AppError, match="consent text is missing"):
        get_consent_question(db, invitation, "ko")


def test_a_form_that_was_not_published_for_answering_is_not_found(db, person):
    wave = db.get_one(Wave, person.invitation.wave_id)
    db.connection().exec_driver_sql(f"UPDATE instruments SET model = NULL, version = 'x' WHERE id = {wave.instrument_id}")
    with pytest.raises(NotFound, match="not published"):
        find_answering(db, person.invitation)


def test_whoever_asks_again_knows_who_answered_when_and_how(db, person):
    person.finish()
    hand_in(db, person.invitation)
    study_id = db.get_one(Entrepreneur, person.invitation.entrepreneur_id).study_id
    entries = {entry.action: entry.subject for entry in db.scalars(select(AuditEntry))}
    assert entries["answers_received"] == study_id
    assert "survey_begun" in entries


def test_a_receipt_with_a_slip_of_the_pen_is_noticed():
    receipt = mint_receipt()
    assert is_receipt(receipt)
    assert is_receipt(receipt.lower().replace("-", " ").replace(" ", "-"))
    wrong = "1" if receipt[0] != "1" else "2"
    assert not is_receipt(wrong + receipt[1:])
    assert not is_receipt("7K3Q")
