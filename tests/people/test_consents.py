"""A consent is asked, given, refused, renewed, withdrawn and expires; the last word decides whether data may be used."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.errors import AppError, NotFound
from evalapp.panel.build_panel import build_panel
from evalapp.people.consents.answer_consent import Asked, ask_consent, give_consent, months_later, refuse_consent, renew_consent
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.consents.queries import (
    consenting_people,
    get_consent_text,
    list_consent_history,
    list_consent_texts,
    list_consents,
)
from evalapp.people.consents.withdraw_consent import WITHDRAWAL_REASONS, withdraw_consent
from evalapp.people.import_people import import_people
from evalapp.people.tables import CONSENT_PURPOSES, Consent, ConsentText, Entrepreneur
from evalapp.people.words import CONSENT_STATES, PURPOSES
from evalapp.people.words import WITHDRAWAL_REASONS as REASON_WORDS
from tests.people.registered import actions, after, register
from tests.programme import SmallProgramme

TEXTS = {"ko": "설문에 동의합니다.", "en": "I agree to the survey."}
V1, V2 = Asked("survey", "v1", "ko"), Asked("survey", "v2", "en")
JANUARY, MARCH, JUNE = dt.date(2026, 1, 10), dt.date(2026, 3, 10), dt.date(2026, 6, 10)


@pytest.fixture
def person(db, programme):
    for version, months in (("v1", 12), ("v2", None)):
        publish_consent_text(db, programme, "survey", version, TEXTS, months)
        publish_consent_text(db, programme, "recontact", version, TEXTS, months)
    return register(db, programme, "form-1")


def state(db, programme, person, on=None, purpose="survey"):
    return next(c for c in list_consents(db, programme.id, person.id, on) if c.purpose == purpose)


def may(db, programme, on, purpose="survey", **options):
    return set(db.scalars(consenting_people(programme.id, purpose, on, **options)))


def test_every_code_has_words():
    assert tuple(PURPOSES) == CONSENT_PURPOSES
    assert tuple(REASON_WORDS) == WITHDRAWAL_REASONS
    assert set(CONSENT_STATES) == {"not_asked", "requested", "given", "renewed", "refused", "withdrawn", "expired"}


def test_a_text_is_published_in_both_languages_and_never_changed(db, programme):
    publish_consent_text(db, programme, "survey", "v1", TEXTS, 12)
    publish_consent_text(db, programme, "survey", "v1", TEXTS, 12)
    assert [(t.language, t.text, t.valid_months) for t in list_consent_texts(db, programme.id)][::-1] == [
        ("ko", TEXTS["ko"], 12), ("en", TEXTS["en"], 12),
    ]  # fmt: skip
    assert len(actions(db, "consent_text_published")) == 1
    for texts, months in ((TEXTS, 24), ({**TEXTS, "en": "Other."}, 12)):
        with pytest.raises(AppError, match="Give the new text a new version"):
            publish_consent_text(db, programme, "survey", "v1", texts, months)
    assert db.scalars(select(ConsentText.text).order_by(ConsentText.text)).all() == sorted(TEXTS.values())


@pytest.mark.parametrize(
    ("purpose", "version", "texts", "months", "words"),
    [
        ("fun", "v1", TEXTS, None, "not a purpose"),
        ("survey", "버전", TEXTS, None, "A version has"),
        ("survey", "v1", {"ko": "동의", "en": " "}, None, "in Korean and in English"),
        ("survey", "v1", TEXTS, 0, "1 to 240 months"),
    ],
)
def test_a_text_that_cannot_be_published_is_refused_in_words(db, programme, purpose, version, texts, months, words):
    with pytest.raises(AppError, match=words):
        publish_consent_text(db, programme, purpose, version, texts, months)
    assert db.scalars(select(ConsentText)).all() == []


def test_a_consent_is_asked_given_and_expires(db, programme, person):
    assert state(db, programme, person).state == "not_asked"
    ask_consent(db, programme, person, V1, JANUARY)
    assert state(db, programme, person).state == "requested"
    row = give_consent(db, programme, person, V1, MARCH)
    assert (row.asked_on, row.given_on, row.expires_on, row.language) == (JANUARY, MARCH, dt.date(2027, 3, 10), "ko")
    given = state(db, programme, person, MARCH)
    assert (given.state, given.since, given.expires_on, given.version, given.is_valid) == (
        "given",
        MARCH,
        row.expires_on,
        "v1",
        True,
    )
    assert state(db, programme, person, dt.date(2027, 3, 9)).is_valid
    assert state(db, programme, person, dt.date(2027, 3, 10)).state == "expired"
    assert may(db, programme, dt.date(2027, 3, 9)) == {person.id}
    assert may(db, programme, dt.date(2027, 3, 10)) == set()
    assert may(db, programme, dt.date(2027, 3, 10), expired_too=True) == {person.id}
    assert may(db, programme, MARCH - dt.timedelta(days=1)) == set()
    assert may(db, programme, MARCH, "recontact") == set()


def test_saying_the_same_again_changes_nothing(db, programme, person):
    for _ in range(2):
        ask_consent(db, programme, person, V1, JANUARY)
        give_consent(db, programme, person, V1, MARCH)
    rows = db.scalars(select(Consent)).all()
    assert [(row.asked_on, row.given_on) for row in rows] == [(JANUARY, MARCH), (JANUARY, None)]
    assert len(actions(db, "consent_given")) == 1
    assert state(db, programme, person).state == "given"


def test_a_refusal_is_a_no_until_the_person_says_otherwise(db, programme, person):
    refuse_consent(db, programme, person, V1, JANUARY)
    assert state(db, programme, person).state == "refused"
    assert may(db, programme, JUNE) == set()
    ask_consent(db, programme, person, V2, MARCH)
    assert state(db, programme, person).state == "requested"
    give_consent(db, programme, person, V2, JUNE)
    assert may(db, programme, JUNE) == {person.id}


def test_the_no_to_a_renewal_ends_the_earlier_consent(db, programme, person):
    give_consent(db, programme, person, V1, JANUARY)
    with pytest.raises(AppError, match="Record a withdrawal instead"):
        refuse_consent(db, programme, person, V2, MARCH)
    ask_consent(db, programme, person, V2, MARCH)
    assert state(db, programme, person).state == "given"
    refuse_consent(db, programme, person, V2, MARCH)
    assert state(db, programme, person).state == "refused"
    assert may(db, programme, MARCH) == set()
    assert may(db, programme, MARCH - dt.timedelta(days=1)) == {person.id}


def test_a_withdrawal_takes_effect_at_once_and_a_renewal_after_it_counts(db, programme, person):
    give_consent(db, programme, person, V1, JANUARY)
    assert withdraw_consent(db, programme, person, MARCH, "safety") == ("survey",)
    assert state(db, programme, person).state == "withdrawn"
    assert may(db, programme, MARCH) == set()
    with pytest.raises(AppError, match="Record a renewal instead"):
        give_consent(db, programme, person, V2, JUNE)
    renew_consent(db, programme, person, V2, MARCH)
    assert state(db, programme, person).state == "renewed"
    assert may(db, programme, MARCH) == {person.id}
    assert [said.kind for said in list_consent_history(db, programme.id, person.id)] == ["renewed", "withdrawn", "given"]
    entry = actions(db, "consent_withdrawn")[0]
    assert (entry.subject, entry.reason, after(entry)["purposes"]) == (person.study_id, "safety", ["survey"])


def test_one_purpose_can_be_withdrawn_and_the_others_stay(db, programme, person):
    give_consent(db, programme, person, V1, JANUARY)
    give_consent(db, programme, person, Asked("recontact", "v1", "ko"), JANUARY)
    assert withdraw_consent(db, programme, person, MARCH, "not_said", ["recontact"]) == ("recontact",)
    assert (may(db, programme, MARCH), may(db, programme, MARCH, "recontact")) == ({person.id}, set())
    assert withdraw_consent(db, programme, person, MARCH, "not_said") == ("survey",)
    with pytest.raises(AppError, match="no consent to withdraw"):
        withdraw_consent(db, programme, person, MARCH, "not_said")


def test_a_withdrawal_ends_the_earlier_versions_too(db, programme, person):
    give_consent(db, programme, person, V2, JANUARY)
    renew_consent(db, programme, person, V1, MARCH)
    withdraw_consent(db, programme, person, JUNE, "other")
    assert db.scalars(select(Consent.withdrawn_on)).all() == [JUNE, JUNE]
    assert may(db, programme, JUNE) == set()


def test_a_no_counts_against_every_earlier_row_even_one_that_it_does_not_stand_on(db, programme, person):
    ids = {"programme_id": programme.id, "entrepreneur_id": person.id, "purpose": "survey"}
    db.add(Consent(**ids, text_version="a", given_on=JANUARY))
    db.add(Consent(**ids, text_version="b", given_on=MARCH, withdrawn_on=JUNE))
    db.flush()
    assert may(db, programme, JUNE) == set()
    assert state(db, programme, person, JUNE).state == "withdrawn"


@pytest.mark.parametrize(
    ("verb", "asked", "day", "words"),
    [
        (give_consent, Asked("survey", "v9", "ko"), MARCH, "No consent text is published"),
        (give_consent, Asked("survey", "v1", "fr"), MARCH, "No consent text is published"),
        (give_consent, V1, dt.date(2090, 1, 1), "lies in the future"),
        (ask_consent, V1, dt.date(2090, 1, 1), "lies in the future"),
        (refuse_consent, V1, dt.date(2090, 1, 1), "lies in the future"),
        (renew_consent, V1, MARCH, "no earlier consent to renew"),
    ],
)
def test_what_cannot_be_said_is_refused_and_leaves_nothing(db, programme, person, verb, asked, day, words):
    with pytest.raises(AppError, match=words):
        verb(db, programme, person, asked, day)
    assert db.scalars(select(Consent)).all() == []


def test_dates_are_in_order(db, programme, person):
    ask_consent(db, programme, person, V1, MARCH)
    with pytest.raises(AppError, match="cannot be earlier than the question"):
        give_consent(db, programme, person, V1, JANUARY)
    give_consent(db, programme, person, V1, MARCH)
    with pytest.raises(AppError, match="withdrawn before it was given, 2026-03-10"):
        withdraw_consent(db, programme, person, JANUARY, "other")
    with pytest.raises(AppError, match="lies in the future"):
        withdraw_consent(db, programme, person, dt.date(2090, 1, 1), "other")
    with pytest.raises(AppError, match="not a reason"):
        withdraw_consent(db, programme, person, JUNE, "bored")
    withdraw_consent(db, programme, person, JUNE, "other")
    with pytest.raises(AppError, match="earlier than the last statement, 2026-06-10"):
        renew_consent(db, programme, person, V2, MARCH)


def test_a_month_that_is_too_short_ends_the_consent_on_its_last_day():
    assert months_later(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert months_later(dt.date(2026, 12, 1), 12) == dt.date(2027, 12, 1)
    assert months_later(dt.date(2026, 11, 30), 1) == dt.date(2026, 12, 30)


def test_an_unknown_text_is_not_found(db, programme):
    with pytest.raises(NotFound):
        get_consent_text(db, programme.id, "survey", "v1", "ko")


DAYS = [dt.date(2026, month, 1) for month in (1, 2, 3)]


def test_the_state_of_one_person_and_the_query_of_all_say_the_same(db, programme):
    """Every way in which two rows of one purpose can stand: given, refused, withdrawn, expired, in any order of three days."""
    kinds = [
        {"given_on": given, "withdrawn_on": withdrawn, "expires_on": expires}
        for given in DAYS
        for withdrawn in (None, *DAYS)
        for expires in (None, DAYS[2])
        if withdrawn is None or withdrawn >= given
    ] + [{"refused_on": day} for day in DAYS] + [{"asked_on": day} for day in DAYS]  # fmt: skip
    pairs = [(a, b) for a in kinds for b in kinds]
    people = [Entrepreneur(study_id=f"X-{number}", created_at=programme.created_at) for number in range(len(pairs))]
    db.add_all(people)
    db.flush()
    for person, pair in zip(people, pairs, strict=True):
        ids = {"programme_id": programme.id, "entrepreneur_id": person.id, "purpose": "survey"}
        for version, row in zip("ab", pair, strict=True):
            db.add(Consent(**ids, text_version=version, **row))
            db.flush()
    for on in DAYS:
        wanted = {person.id for person in people if state(db, programme, person, on).is_valid}
        assert 0 < len(wanted) < len(people)
        assert may(db, programme, on) == wanted


def test_an_expired_consent_keeps_the_person_out_of_the_next_panel(db):
    small = SmallProgramme(db)
    kept = small.person("A", {"bl": {"profit_krw": 1}})
    small.person("A", {"bl": {"profit_krw": 2}})
    db.scalars(select(Consent).order_by(Consent.id.desc())).first().expires_on = dt.date(2021, 1, 1)
    db.flush()
    panel = build_panel(db, small.programme)
    assert set(panel.frame["study_id"]) == {kept}
    assert panel.flow["no_consent"] == 1


HEADER = "study_id,registered_on,consent_version,consent_survey,consent_recontact,consent_withdrawn_on"


def test_a_list_that_comes_again_does_not_mind_what_was_recorded_since(db, programme, write):
    path = write(HEADER, "A-1,2026-01-01,v1,2026-01-10,,")
    import_people(db, "pi", path)
    person = db.scalars(select(Entrepreneur)).one()
    publish_consent_text(db, programme, "survey", "v2", TEXTS)
    publish_consent_text(db, programme, "recontact", "v2", TEXTS)
    renew_consent(db, programme, person, V2, MARCH)
    give_consent(db, programme, person, Asked("recontact", "v2", "ko"), MARCH)
    assert import_people(db, "pi", path).already_there == 1
    newer = write(HEADER, "A-1,2026-01-01,v2,2026-03-10,2026-03-10,")
    assert import_people(db, "pi", newer).already_there == 1


def test_a_withdrawal_from_a_list_leaves_a_later_renewal_alone(db, programme, write):
    import_people(db, "pi", write(HEADER, "A-1,2026-01-01,v1,2026-01-10,,"))
    person = db.scalars(select(Entrepreneur)).one()
    publish_consent_text(db, programme, "survey", "v2", TEXTS)
    renew_consent(db, programme, person, V2, JUNE)
    late = write(HEADER, "A-1,2026-01-01,v1,2026-01-10,,2026-03-10")
    assert import_people(db, "pi", late).changed == 1
    assert state(db, programme, person).state == "renewed"
    assert actions(db, "consent_withdrawn")[0].subject == person.study_id
