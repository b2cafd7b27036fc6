"""People ask for their data, for mending, for an end: within ten days somebody settles it, and what they wrote stays sealed."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.people.consents.queries import list_consents
from evalapp.people.records.destroy_identities import destroy_identities
from evalapp.people.records.erase_person import erase_person
from evalapp.people.records.merge_records import merge_records
from evalapp.people.records.own_rows import list_own_rows
from evalapp.people.rights.ask_request import ask_request
from evalapp.people.rights.decide_request import decide_request
from evalapp.people.rights.hand_over_data import hand_over_data
from evalapp.people.rights.queries import count_requests, list_open_requests, list_requests_of, read_details
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Consent
from tests.people.registered import actions, register

WHY = "spoke with the person"
SAID = "제 전화번호는 010-9876-5432입니다."


@pytest.fixture
def person(db, programme):
    return register(db, programme, "k1", phone="010-1234-5678", enterprise_name="하늘가게")


def test_a_request_is_due_in_ten_days_and_asked_twice_it_is_one(db, person):
    asked = ask_request(db, person, "correction", SAID)
    assert asked.due_on == today() + dt.timedelta(days=10)
    assert ask_request(db, person, "correction", "again").id == asked.id
    assert ask_request(db, person, "access").id != asked.id
    assert count_requests(db) == 2
    assert count_requests(db, due_before=today() + dt.timedelta(days=11)) == 2
    assert count_requests(db, due_before=today()) == 0


def test_what_the_person_wrote_is_sealed_and_reading_it_is_kept(db, person):
    asked = ask_request(db, person, "correction", SAID)
    assert "9876" not in asked.details_sealed
    assert read_details(db, asked) == SAID
    entries = db.scalars(select(AuditEntry)).all()
    assert actions(db, "request_read")[0].subject == person.study_id
    assert "9876" not in str([(entry.after, entry.reason) for entry in entries])


@pytest.mark.parametrize(
    ("kind", "details", "why"),
    [
        ("correction", " ", "what is wrong"),
        ("access", "880101-1234567", "resident"),
        ("access", "x" * 1_001, "Shorten"),
        ("x", "", "kind"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_mend(db, person, kind, details, why):
    with pytest.raises(AppError, match=why):
        ask_request(db, person, kind, details)


def test_a_granted_restriction_ends_every_consent_at_once(db, programme, person):
    facts = {"programme_id": programme.id, "entrepreneur_id": person.id, "text_version": "1", "given_on": dt.date(2026, 1, 1)}
    db.add_all([Consent(**facts, purpose=purpose) for purpose in ("survey", "linkage")])
    db.flush()
    decide_request(db, ask_request(db, person, "restriction"), "done", WHY)
    states = {consent.purpose: consent.state for consent in list_consents(db, programme.id, person.id)}
    assert (states["survey"], states["linkage"]) == ("withdrawn", "withdrawn")


def test_a_request_is_settled_once_and_with_a_reason(db, person):
    asked = ask_request(db, person, "correction", SAID)
    with pytest.raises(AppError, match="few words"):
        decide_request(db, asked, "done", "ok")
    decide_request(db, asked, "refused", WHY)
    with pytest.raises(AppError, match="already"):
        decide_request(db, asked, "done", WHY)
    assert list_open_requests(db) == []
    assert ask_request(db, person, "correction", SAID).id != asked.id, "a settled one does not stand in the way of another"


@pytest.mark.parametrize("kind", ["access", "erasure"])
def test_what_is_done_by_doing_it_is_not_done_by_saying_so(db, person, kind):
    with pytest.raises(AppError, match="handing the data over"):
        decide_request(db, ask_request(db, person, kind), "done", WHY)


def test_data_are_handed_over_once_with_the_identity_and_settle_the_request(db, person):
    asked = ask_request(db, person, "access")
    found, fields = hand_over_data(db, asked)
    assert found.id == person.id
    assert {field.field: field.value for field in fields} == {
        "name": "김하늘",
        "phone": "010-1234-5678",
        "enterprise_name": "하늘가게",
    }
    assert asked.state == "done"
    assert "010" not in actions(db, "own_data_handed_over")[0].after
    with pytest.raises(AppError, match="already"):
        hand_over_data(db, asked)
    with pytest.raises(AppError, match="see their data"):
        hand_over_data(db, ask_request(db, person, "restriction"))


def test_every_row_is_a_persons_own_and_none_of_another_s(db, programme, person):
    other = register(db, programme, "k2", phone="010-2222-3333")
    rows = list_own_rows(db, person)
    assert {"registrations", "enterprises", "identity_fields"} <= rows.keys()
    assert {row["entrepreneur_id"] for name in ("registrations", "identity_fields") for row in rows[name]} == {person.id}
    assert str(other.study_id) not in str(rows)
    assert not any(column.endswith(("sealed", "index", "hash")) for some in rows.values() for row in some for column in row)


@pytest.mark.parametrize("kind", ["identity_only", "everything"])
def test_an_erasure_settles_what_was_asked_and_keeps_only_that_it_was(db, person, kind):
    erasure = ask_request(db, person, "erasure")
    correction = ask_request(db, person, "correction", SAID)
    erase_person(db, person, kind, "asked on the own page")
    db.refresh(erasure)
    db.refresh(correction)
    assert (erasure.state, correction.state, correction.details_sealed) == ("done", "refused", None)
    assert (erasure.entrepreneur_id is None) == (kind == "everything")
    assert db.scalar(select(func.count()).select_from(RespondentRequest)) == 2


def test_requests_go_with_a_record_that_is_merged(db, programme, person):
    twin = register(db, programme, "k2")
    ask_request(db, twin, "access")
    merge_records(db, person, twin, "the same person")
    assert [asked.study_id for asked in list_requests_of(db, person.id)] == [twin.study_id]


def test_when_identities_are_destroyed_what_people_wrote_goes_with_them(db, programme, person):
    asked = ask_request(db, person, "correction", SAID)
    programme.identity_kept_until = today() - dt.timedelta(days=1)
    destroy_identities(db, programme, today())
    db.refresh(asked)
    assert (asked.details_sealed, asked.state) == (None, "open")
