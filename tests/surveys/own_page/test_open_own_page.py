"""Who is let on a person's own page: a number or a link, and a second secret."""

from __future__ import annotations

import datetime as dt
from contextlib import nullcontext

import pytest
from sqlalchemy import select

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.actor import Actor
from evalapp.core.clock import now, today
from evalapp.core.errors import NotFound
from evalapp.core.messages.messenger import Messenger, Undelivered
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.records.merge_records import merge_records
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.write_identity import write_identity
from evalapp.surveys.answering.receipts import mint_receipt
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.own_page import open_own_page as module
from evalapp.surveys.own_page.go_on_with_survey import go_on_with_survey
from evalapp.surveys.own_page.open_own_page import Claim, hold_access, leave_own_page, open_own_page, resume_own_page
from evalapp.surveys.own_page.queries import list_own_surveys
from evalapp.surveys.own_page.send_own_code import send_own_code
from evalapp.surveys.own_page.tables import OwnPageAccess
from evalapp.surveys.tables import Submission
from tests.people.registered import actions, register
from tests.surveys.answering.invited import invite, open_wave, publish_consent

BORN = {"birth_date": "1985-03-02"}
REACHED = {**BORN, "phone": "010-1234-5678"}
CHANNELS = ("sms",)


class Telephone:
    """Takes messages, or refuses them."""

    def __init__(self, *, fails=False):
        self.messages, self.fails = [], fails

    def send(self, message):
        if self.fails:
            raise Undelivered("unreachable")
        self.messages.append(message)

    @property
    def code(self):
        return next(word for word in self.messages[-1].text.replace(".", " ").split() if len(word) == 6 and word.isdecimal())


@pytest.fixture
def wave(db, programme):
    publish_consent(db, programme)
    return open_wave(db, programme)


@pytest.fixture
def invited(db, wave):
    return invite(db, wave)


@pytest.fixture
def person(db, invited):
    return db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == invited.study_id)).one()


@pytest.fixture
def writing(db):
    return lambda: nullcontext(db)


def send(writing, claim, telephone=None):
    telephone = telephone or Telephone()
    send_own_code(writing, Messenger({"sms": telephone}, "https://example.org"), claim, "en")
    return telephone


def test_a_number_with_a_code_opens_the_page_once(db, writing, person):
    write_identity(db, person.id, REACHED)
    claim = Claim(number=person.study_id.lower())
    code = send(writing, claim).code
    assert open_own_page(db, claim, "1985", CHANNELS) is None, "a year of birth is no secret beside a number on a letter"
    held = open_own_page(db, claim, code, CHANNELS)
    assert resume_own_page(db, held).id == person.id
    assert open_own_page(db, claim, code, CHANNELS) is None, "a code is good once"
    assert actions(db, "own_page_opened")[0].subject == person.study_id


def test_the_number_of_a_receipt_does_as_well(db, wave, person):
    write_identity(db, person.id, BORN)
    receipt = mint_receipt()
    db.add(Submission(wave_id=wave.id, entrepreneur_id=person.id, state="received", received_at=now(), receipt=receipt))
    db.flush()
    assert resume_own_page(db, open_own_page(db, Claim(number=receipt.lower().replace("-", "")), "1985", CHANNELS)).id == person.id
    assert open_own_page(db, Claim(number=mint_receipt()), "1985", CHANNELS) is None


def test_where_nobody_can_be_sent_a_code_the_year_of_birth_is_enough(db, person):
    write_identity(db, person.id, BORN)
    assert open_own_page(db, Claim(number=person.study_id), "1986", CHANNELS) is None
    assert open_own_page(db, Claim(number=person.study_id), "1985", CHANNELS)


def test_with_a_secret_link_the_year_of_birth_is_enough(db, person, invited):
    write_identity(db, person.id, REACHED)
    assert open_own_page(db, Claim(token=invited.token), "1985", CHANNELS)
    assert open_own_page(db, Claim(token="x" * 32), "1985", CHANNELS) is None


def test_whoever_has_no_secret_on_record_is_not_let_in_by_an_empty_one(db, person):
    for secret in ("", "0", " "):
        assert open_own_page(db, Claim(number=person.study_id), secret, CHANNELS) is None


def test_a_code_ends_after_a_quarter_of_an_hour(db, writing, person):
    write_identity(db, person.id, REACHED)
    claim = Claim(number=person.study_id)
    code = send(writing, claim).code
    hold_access(db, person).code_expires_at -= dt.timedelta(minutes=15)
    assert open_own_page(db, claim, code, CHANNELS) is None


def test_wrong_tries_lock_the_page_and_a_right_one_does_not_open_it_then(db, person):
    write_identity(db, person.id, BORN)
    claim = Claim(number=person.study_id)
    for _ in range(5):
        assert open_own_page(db, claim, "1999", CHANNELS) is None
    assert open_own_page(db, claim, "1985", CHANNELS) is None
    access = db.scalars(select(OwnPageAccess)).one()
    access.locked_until -= dt.timedelta(minutes=16)
    assert open_own_page(db, claim, "1985", CHANNELS)
    assert access.failed_attempts == 0
    assert len(actions(db, "own_page_locked")) == 1


def test_one_address_cannot_try_number_after_number(db, monkeypatch):
    monkeypatch.setitem(db.info, "actor", Actor("respondent", "", "203.0.113.9", "r"))
    for number in range(module.FROM_ONE_ADDRESS.most):
        assert open_own_page(db, Claim(number=f"PI-{number:04d}-X"), "1985", CHANNELS) is None
    with pytest.raises(TooManyAttempts):
        open_own_page(db, Claim(number="PI-9999-X"), "1985", CHANNELS)


def test_a_code_is_sent_to_those_only_who_can_have_one_and_not_too_often(db, writing, person):
    assert send(writing, Claim(number="PI-0000-0")).messages == []
    assert send(writing, Claim(number=person.study_id)).messages == []
    write_identity(db, person.id, REACHED)
    sent = [send(writing, Claim(number=person.study_id)).messages for _ in range(6)]
    assert [len(messages) for messages in sent] == [1, 1, 1, 1, 0, 0], "and whoever asks learns of neither"
    assert sent[0][0].to == "010-1234-5678"
    assert person.study_id not in sent[0][0].text


def test_a_code_that_could_not_be_sent_is_noted_without_an_address(db, writing, person):
    write_identity(db, person.id, REACHED)
    send(writing, Claim(number=person.study_id), Telephone(fails=True))
    assert "unreachable" in actions(db, "own_page_code_failed")[0].after


def test_the_last_browser_holds_the_page_until_it_is_left(db, person):
    write_identity(db, person.id, BORN)
    claim = Claim(number=person.study_id)
    first, second = (open_own_page(db, claim, "1985", CHANNELS) for _ in range(2))
    assert resume_own_page(db, first) is None
    assert resume_own_page(db, second).id == person.id
    leave_own_page(db, person)
    for held in (second, "", "x", "1.", "99999.abc", second.partition(".")[0] + ".None"):
        assert resume_own_page(db, held) is None


def test_the_number_of_a_merged_record_leads_to_the_one_that_is_kept(db, programme, person):
    kept = register(db, programme, "kept", birth_date="1985-03-02")
    hold_access(db, kept)
    hold_access(db, person)
    merge_records(db, kept, person, "the same person")
    held = open_own_page(db, Claim(number=person.study_id), "1985", CHANNELS)
    assert resume_own_page(db, held).id == kept.id


def test_a_survey_goes_on_from_the_own_page_and_only_one_s_own(db, wave, invited, person):
    stranger = db.get_one(Entrepreneur, db.get_one(Invitation, invite(db, wave).invitation_id).entrepreneur_id)
    assert [own.invitation_id for own in list_own_surveys(db, person, today())] == [invited.invitation_id]
    with pytest.raises(NotFound):
        go_on_with_survey(db, stranger, invited.invitation_id, today())
    assert go_on_with_survey(db, person, invited.invitation_id, today()).startswith(f"{invited.invitation_id}.")
    assert db.get_one(Invitation, invited.invitation_id).state == "opened"


@pytest.mark.parametrize("what", ["withdrawn", "over", "answered"])
def test_what_does_not_wait_is_not_shown(db, programme, person, invited, what):
    invitation = db.get_one(Invitation, invited.invitation_id)
    if what == "withdrawn":
        withdraw_consent(db, programme, person, today(), "not_said", {"survey"})
    elif what == "over":
        invitation.closes_on = today() - dt.timedelta(days=1)
    else:
        invitation.state = "submitted"
    db.flush()
    assert list_own_surveys(db, person, today()) == []
