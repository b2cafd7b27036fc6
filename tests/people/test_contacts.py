"""Attempts at reaching people count once, keep their notes sealed, and stop when somebody says no."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.errors import AppError
from evalapp.people.consents.answer_consent import Asked, give_consent, refuse_consent
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.contacts.queries import OUTCOME_FLAGS, find_exit, list_contacts
from evalapp.people.contacts.read_contact_notes import read_contact_notes
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.contacts.record_exit import record_exit, undo_exit
from evalapp.people.contacts.tables import CHANNELS, EXIT_REASONS, OUTCOMES, ContactAttempt
from evalapp.people.words import CHANNELS as CHANNEL_WORDS
from evalapp.people.words import EXIT_REASONS as EXIT_WORDS
from evalapp.people.words import OUTCOMES as OUTCOME_WORDS
from tests.people.registered import actions, register

AT = dt.datetime(2026, 3, 10, 5, tzinfo=dt.UTC)
CALL = Attempt(AT, "phone", "appointment", dt.date(2026, 3, 12), "동생 집 전화로 다시")
NEXT_DAY = Attempt(AT + dt.timedelta(days=1), "phone", "no_answer")


@pytest.fixture
def person(db, programme):
    for purpose in ("survey", "recontact"):
        publish_consent_text(db, programme, purpose, "v1", {"ko": "동의", "en": "Yes"})
    return register(db, programme, "form-1")


def test_every_outcome_has_flags_and_every_code_has_words():
    assert tuple(OUTCOME_FLAGS) == OUTCOMES == tuple(OUTCOME_WORDS)
    assert tuple(CHANNEL_WORDS) == CHANNELS
    assert tuple(EXIT_WORDS) == EXIT_REASONS
    assert [name for name, flags in OUTCOME_FLAGS.items() if flags.completed] == ["complete"]
    assert [name for name, flags in OUTCOME_FLAGS.items() if flags.refused] == ["partial_refused", "refused"]
    assert not any(flags.assignable for flags in OUTCOME_FLAGS.values() if flags.completed or flags.refused)


def test_a_form_sent_twice_counts_once(db, programme, person):
    first = record_contact(db, programme, person, "k1", CALL)
    assert record_contact(db, programme, person, "k1", CALL).id == first.id
    record_contact(db, programme, person, "k2", NEXT_DAY)
    listed = list_contacts(db, programme.id, person.id)
    assert [(c.outcome, c.flags.assignable, c.next_on, c.has_note) for c in listed] == [
        ("no_answer", True, None, False), ("appointment", True, dt.date(2026, 3, 12), True),
    ]  # fmt: skip
    assert len(actions(db, "contact_recorded")) == 2
    with pytest.raises(AppError, match="for somebody else"):
        record_contact(db, programme, register(db, programme, "form-2"), "k1", CALL)


def test_a_note_is_sealed_and_reading_it_is_written_down(db, programme, person):
    attempt = record_contact(db, programme, person, "k1", CALL)
    assert "동생" not in db.scalars(select(ContactAttempt.note_sealed)).one()
    assert not any("동생" in entry.after for entry in actions(db, "contact_recorded"))
    assert read_contact_notes(db, programme, person) == {attempt.id: "동생 집 전화로 다시"}
    assert [entry.subject for entry in actions(db, "contact_notes_read")] == [person.study_id]


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (Attempt(AT, "pigeon", "complete"), "not a way of reaching"),
        (Attempt(AT, "phone", "done"), "not an outcome"),
        (Attempt(dt.datetime(2090, 1, 1, tzinfo=dt.UTC), "phone", "complete"), "lies in the future"),
        (Attempt(AT, "phone", "appointment", dt.date(2026, 3, 9)), "cannot be before"),
        (Attempt(AT, "phone", "complete", None, "번호 800101-1234567"), "resident registration number"),
        (Attempt(AT, "phone", "complete", None, "가" * 1_001), "more than 1,000 characters"),
    ],
)
def test_an_attempt_that_cannot_be_is_refused_in_words(db, programme, person, attempt, words):
    with pytest.raises(AppError, match=words):
        record_contact(db, programme, person, "k1", attempt)
    with pytest.raises(AppError, match="no key"):
        record_contact(db, programme, person, "", CALL)
    assert list_contacts(db, programme.id, person.id) == []


@pytest.mark.parametrize("said", ["withdrawn", "refused"])
def test_nobody_is_contacted_after_they_said_no(db, programme, person, said):
    asked, day = Asked("recontact", "v1", "ko"), dt.date(2026, 3, 10)
    if said == "refused":
        refuse_consent(db, programme, person, asked, day)
    else:
        give_consent(db, programme, person, asked, day)
        withdraw_consent(db, programme, person, day, "burden", ["recontact"])
    record_contact(db, programme, person, "the call in which they said it", CALL)
    with pytest.raises(AppError, match="said on 2026-03-10 that they do not want to be contacted"):
        record_contact(db, programme, person, "k2", NEXT_DAY)


def test_who_withdrew_the_last_consent_is_left_alone_and_who_was_never_asked_is_not(db, programme, person):
    record_contact(db, programme, person, "k1", CALL)
    give_consent(db, programme, person, Asked("survey", "v1", "ko"), dt.date(2026, 3, 10))
    record_contact(db, programme, person, "k2", NEXT_DAY)
    withdraw_consent(db, programme, person, dt.date(2026, 3, 11), "privacy")
    with pytest.raises(AppError, match="2026-03-11"):
        record_contact(db, programme, person, "k3", Attempt(AT + dt.timedelta(days=2), "visit", "not_available"))


def test_an_exit_is_recorded_once_and_can_be_undone(db, programme, person):
    day = dt.date(2026, 3, 10)
    for _ in range(2):
        record_exit(db, programme, person, "moved", day)
    assert (find_exit(db, programme.id, person.id).reason, len(actions(db, "exit_recorded"))) == ("moved", 1)
    with pytest.raises(AppError, match="left the programme on 2026-03-10 already"):
        record_exit(db, programme, person, "died", day)
    undo_exit(db, programme, person, "came back")
    assert find_exit(db, programme.id, person.id) is None
    assert actions(db, "exit_undone")[0].reason == "came back"
    with pytest.raises(AppError, match="has not left"):
        undo_exit(db, programme, person, "again")


@pytest.mark.parametrize(("reason", "day"), [("bored", dt.date(2026, 3, 10)), ("moved", dt.date(2090, 1, 1))])
def test_an_exit_that_cannot_be_is_refused(db, programme, person, reason, day):
    with pytest.raises(AppError, match=r"not a reason|in the future"):
        record_exit(db, programme, person, reason, day)
