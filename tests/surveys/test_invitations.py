"""Invitations: secret links, conditions looked at when a message goes out, what is kept of it, and what is not."""

import datetime as dt
import re

import pytest
from sqlalchemy import select, update

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.people.contacts.queries import list_contacts
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.contacts.record_exit import record_exit
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.tables import Consent
from evalapp.surveys.invitations import deliver as delivery
from evalapp.surveys.invitations.end_invitation import end_invitation, renew_link
from evalapp.surveys.invitations.links import ONE_TIME_CODE
from evalapp.surveys.invitations.open_invitation import (
    FAILURES,
    ClosedInvitation,
    find_invitation,
    hold_of,
    open_invitation,
    resume_invitation,
)
from evalapp.surveys.invitations.queries import list_invitations
from evalapp.surveys.invitations.send_code import send_code
from evalapp.surveys.invitations.send_invitation import MOST_REMINDERS, send_invitation
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.tables import Submission, WaveLock
from tests.clock import stop_clock
from tests.people.registered import actions
from tests.surveys.asked import Asked

DAY = dt.timedelta(days=1)


@pytest.fixture
def asked(db, programme):
    return Asked(db, programme)


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


def send(asked, invitation, key="job-1-1", channel="sms"):
    return send_invitation(asked.writing, asked.messenger, invitation.id, key, channel)


def token_in(message):
    return re.search(r"https://survey\.example\.org/s/([a-z2-7]{32})\b", message.text)[1]


@pytest.fixture
def sent(asked):
    """Someone born in 1985 who was sent the link of an invitation; its token is the second."""
    invitation = asked.invite(asked.person())
    assert send(asked, invitation) == "sent"
    return invitation, token_in(asked.caught.messages[0])


def test_a_message_names_nobody_and_gives_no_reason(asked):
    person = asked.person(name="김하늘", email="haneul@example.org")
    invitation = asked.invite(person)
    send(asked, invitation, "a" * 20, "sms")
    asked.db.execute(update(InvitationMessage).values(sent_at=now() - 2 * DAY))
    send(asked, invitation, "b" * 20, "email")
    text, letter = asked.caught.messages
    assert (text.channel, text.subject, letter.channel, letter.subject) == ("sms", "", "email", "설문 안내 / Survey")
    for message in (text, letter):
        words = message.subject + message.text
        assert not re.search(rf"김하늘|하늘|{person.study_id}|탈북|북한|이탈|defector|North|PI training|주도성", words)
    assert token_in(text) == token_in(letter)
    assert "http://localhost" not in letter.text


def test_only_a_hash_and_a_sealed_copy_of_the_token_are_kept(db, sent):
    invitation, token = sent
    kept = db.execute(select(Invitation.__table__).where(Invitation.id == invitation.id)).one()
    assert token not in " ".join(map(str, kept))
    assert "1985" not in " ".join(map(str, kept))
    assert find_invitation(db, token).id == invitation.id
    assert find_invitation(db, token[:-1] + "x") is None


def test_a_message_is_a_contact_an_entry_and_a_row_without_its_words(db, sent):
    invitation, token = sent
    assert invitation.state == "sent"
    (contact,) = db.scalars(select(ContactAttempt)).all()
    assert (contact.channel, contact.outcome) == ("sms", "message_sent")
    (entry,) = actions(db, "invitation_sent")
    assert entry.subject == "PI-0001-0"
    (used,) = actions(db, "identity_used")
    row = db.execute(select(InvitationMessage.__table__)).one()
    for kept in (entry.after, used.after, str(row)):
        assert token not in kept
        assert "010" not in kept
    assert row.outcome == "sent"


def test_a_message_leaves_a_promised_call_promised(db, asked, programme):
    person = asked.person()
    call = Attempt(now(), "phone", "appointment", today() + 3 * DAY)
    record_contact(db, programme, person, "call", call)
    send(asked, asked.invite(person))
    assert list_contacts(db, programme.id, person.id)[0].next_on == today() + 3 * DAY


def test_the_same_key_is_sent_once(asked, sent):
    invitation, _ = sent
    assert send(asked, invitation) == "skipped"
    assert len(asked.caught.messages) == 1


def test_two_messages_to_one_person_keep_a_distance(asked, clock, sent):
    invitation, _ = sent
    assert send(asked, invitation, "job-2-1") == "skipped"
    clock.forward(hours=21)
    assert send(asked, invitation, "job-3-1") == "sent"
    kinds = [message.kind for message in asked.db.scalars(select(InvitationMessage).order_by(InvitationMessage.id))]
    assert kinds == ["invitation", "reminder"]


def test_reminders_come_to_an_end(asked, clock, sent):
    invitation, _ = sent
    for number in range(MOST_REMINDERS + 2):
        clock.forward(hours=21)
        send(asked, invitation, f"job-{number}-more")
    assert len(asked.caught.messages) == 1 + MOST_REMINDERS


def withdraw(asked, person):
    asked.db.execute(update(Consent).where(Consent.entrepreneur_id == person.id).values(withdrawn_on=today()))


def refuse_recontact(asked, person):
    ids = {"programme_id": asked.programme.id, "entrepreneur_id": person.id}
    asked.add(Consent(**ids, purpose="recontact", text_version="1", refused_on=today() - DAY))


def leave(asked, person):
    record_exit(asked.db, asked.programme, person, "moved", today())


def answer(asked, person):
    asked.add(Submission(wave_id=asked.wave.id, entrepreneur_id=person.id, state="received", received_at=now()))


def window_over(asked, person):
    of_person = update(Invitation).where(Invitation.entrepreneur_id == person.id)
    asked.db.execute(of_person.values(opens_on=today() - 9 * DAY, closes_on=today() - DAY))


def window_to_come(asked, person):
    of_person = update(Invitation).where(Invitation.entrepreneur_id == person.id)
    asked.db.execute(of_person.values(opens_on=today() + DAY))


def cancel(asked, person):
    invitation = asked.db.scalars(select(Invitation).where(Invitation.entrepreneur_id == person.id)).one()
    end_invitation(asked.db, invitation, "cancelled", "asked by mistake")


def lock(asked, _person):
    asked.add(WaveLock(wave_id=asked.wave.id, asked_by="A", asked_at=now(), confirmed_by="B", confirmed_at=now()))


@pytest.mark.parametrize("change", [withdraw, refuse_recontact, leave, answer, window_over, window_to_come, cancel, lock])
def test_what_changed_since_the_planning_counts_when_a_message_goes_out(asked, change):
    person = asked.person()
    invitation = asked.invite(person)
    change(asked, person)
    asked.db.expire_all()
    assert send(asked, invitation) == "skipped"
    assert asked.caught.messages == []


def test_nobody_is_planned_to_be_asked_in_a_locked_wave(db, asked):
    person = asked.person()
    lock(asked, person)
    with pytest.raises(AppError, match="The wave is locked"):
        asked.invite(person)
    assert db.scalars(select(Invitation)).all() == []


def test_a_message_that_fails_says_why_and_can_be_sent_again(db, asked):
    invitation = asked.invite(asked.person())
    asked.caught.refuses["010-1234-0001"] = "address_refused"
    assert send(asked, invitation) == "failed"
    facts = list_invitations(db, asked.wave.id)[invitation.entrepreneur_id]
    assert (facts.state, facts.fault, facts.tries) == ("planned", "address_refused", ())
    assert db.scalars(select(ContactAttempt)).all() == []
    asked.caught.refuses.clear()
    assert send(asked, invitation, "job-2-1") == "sent"
    assert list_invitations(db, asked.wave.id)[invitation.entrepreneur_id].fault == ""


def test_a_process_that_dies_while_sending_does_not_send_twice(asked, monkeypatch):
    invitation = asked.invite(asked.person())
    with monkeypatch.context() as patched:
        patched.setattr(delivery, "_note", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            send(asked, invitation)
    assert asked.db.scalars(select(InvitationMessage.outcome)).all() == ["sending"]
    assert send(asked, invitation) == "skipped"
    assert len(asked.caught.messages) == 1


def test_another_way_is_taken_where_the_first_has_no_address(asked):
    person = asked.person(phone=None, email="haneul@example.org")
    assert send(asked, asked.invite(person)) == "sent"
    assert asked.caught.messages[0].channel == "email"


def test_whoever_has_no_address_is_left_for_a_call(asked):
    invitation = asked.invite(asked.person(phone=None))
    assert send(asked, invitation) == "skipped"
    assert invitation.state == "planned"


def test_link_and_birth_year_open_the_survey(db, sent):
    invitation, token = sent
    assert open_invitation(db, token, " 1985 ").id == invitation.id
    assert invitation.state == "opened"
    assert [entry.object_key for entry in actions(db, "invitation_opened")] == [str(invitation.id)]


def test_another_link_opens_nothing_and_gets_the_same_answer(db, sent):
    _, token = sent
    assert open_invitation(db, "x" * 32, "1985") is None
    assert open_invitation(db, token, "1986") is None
    assert open_invitation(db, token, "") is None


def test_equal_birth_years_of_two_people_do_not_look_alike(asked):
    first, second = (asked.invite(asked.person()) for _ in range(2))
    send(asked, first, "job-1")
    send(asked, second, "job-2")
    assert first.secret_index != second.secret_index


def test_wrong_secrets_lock_the_link_for_a_while_that_grows(db, clock, sent):
    invitation, token = sent
    for _ in range(FAILURES):
        assert open_invitation(db, token, "1900") is None
    assert open_invitation(db, token, "1985") is None
    first_lock = invitation.locked_until - clock.instant
    clock.forward(minutes=16)
    for _ in range(FAILURES):
        open_invitation(db, token, "1900")
    assert invitation.locked_until - clock.instant == 2 * first_lock
    clock.forward(minutes=31)
    assert open_invitation(db, token, "1985") is not None
    assert (invitation.failed_attempts, invitation.locked_until) == (0, None)
    assert len(actions(db, "invitation_locked")) == 2


def test_tries_at_many_links_from_one_address_end(db):
    def guess():
        for number in range(100):
            open_invitation(db, f"guess-{number}", "1985")

    with pytest.raises(TooManyAttempts):
        guess()


def test_only_the_browser_that_opened_last_holds_the_survey(db, clock, sent):
    _, token = sent
    first = hold_of(open_invitation(db, token, "1985"))
    assert resume_invitation(db, first) is not None
    clock.forward(minutes=1)
    second = hold_of(open_invitation(db, token, "1985"))
    assert resume_invitation(db, first) is None
    assert resume_invitation(db, second) is not None
    for forged in ("", "1", "x.1", "²", f"{second}0"):
        assert resume_invitation(db, forged) is None


@pytest.mark.parametrize(
    ("state", "words"), [("submitted", "answered already"), ("refused", "no longer"), ("cancelled", "no longer")]
)
def test_a_survey_that_is_over_says_so(db, sent, state, words):
    invitation, token = sent
    invitation.state = state
    with pytest.raises(ClosedInvitation, match=words):
        open_invitation(db, token, "1985")


def test_a_renewed_link_ends_the_old_one_and_an_open_page(db, asked, clock, sent):
    invitation, token = sent
    held = hold_of(open_invitation(db, token, "1985"))
    renew_link(db, invitation)
    assert find_invitation(db, token) is None
    assert resume_invitation(db, held) is None
    clock.forward(hours=21)
    send(asked, invitation, "job-9")
    new = token_in(asked.caught.messages[-1])
    assert new != token
    assert open_invitation(db, new, "1985") is not None


def test_an_ended_invitation_has_no_link_and_ends_once(db, sent):
    invitation, token = sent
    end_invitation(db, invitation, "refused", "said so on the telephone")
    assert find_invitation(db, token) is None
    assert invitation.token_sealed is None
    with pytest.raises(AppError, match="over already"):
        end_invitation(db, invitation, "cancelled", "said so on the telephone")
    with pytest.raises(AppError, match="over already"):
        renew_link(db, invitation)


@pytest.fixture
def by_code(asked):
    """Someone without a birth date in the vault, who was sent a link."""
    invitation = asked.invite(asked.person(birth_date=None))
    send(asked, invitation)
    return invitation, token_in(asked.caught.messages[0])


def test_whoever_has_no_birth_date_gets_a_code_when_asked_for(db, asked, by_code):
    invitation, token = by_code
    assert invitation.second_secret == ONE_TIME_CODE
    assert open_invitation(db, token, "1985") is None
    assert send_code(asked.writing, asked.messenger, token) == "sent"
    code = re.search(r"\b\d{6}\b", asked.caught.messages[-1].text)[0]
    assert token not in asked.caught.messages[-1].text
    assert open_invitation(db, token, code) is not None
    assert open_invitation(db, token, code) is None  # once


def test_a_code_is_good_for_a_quarter_of_an_hour_and_a_new_one_ends_it(db, asked, clock, by_code):
    _, token = by_code
    send_code(asked.writing, asked.messenger, token)
    send_code(asked.writing, asked.messenger, token)
    first, second = (re.search(r"\b\d{6}\b", message.text)[0] for message in asked.caught.messages[1:])
    if first != second:
        assert open_invitation(db, token, first) is None
    clock.forward(minutes=15)
    assert open_invitation(db, token, second) is None


def test_codes_are_not_sent_without_end(asked, by_code):
    _, token = by_code

    def ask_on():
        for _ in range(10):
            send_code(asked.writing, asked.messenger, token)

    with pytest.raises(TooManyAttempts):
        ask_on()
    assert send_code(asked.writing, asked.messenger, "x" * 32) == "skipped"


def test_a_code_is_no_reminder(db, asked, by_code):
    invitation, token = by_code
    send_code(asked.writing, asked.messenger, token)
    assert len(list_invitations(db, asked.wave.id)[invitation.entrepreneur_id].tries) == 1
