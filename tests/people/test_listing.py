"""The people of a programme as a list: narrowed, sorted, page by page; and the lists that someone keeps."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.accounts.tables import Account
from evalapp.accounts.viewer import Viewer
from evalapp.core.clock import now
from evalapp.core.errors import AppError, NotFound
from evalapp.people.consents.consent_states import consent_state
from evalapp.people.consents.queries import list_consent_rows
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.contacts.record_exit import record_exit
from evalapp.people.listing.consent_groups import GROUPS, in_consent_group
from evalapp.people.listing.keep_view import LONGEST_QUERY, MOST_VIEWS, drop_view, keep_view
from evalapp.people.listing.queries import (
    CONTACTS,
    PEOPLE_A_PAGE,
    SORTS,
    PeopleFilter,
    get_registration,
    list_people,
    list_saved_views,
)
from evalapp.people.records.erase_person import erase_person
from evalapp.people.records.preview_erasure import preview_erasure
from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration, StudyIdAlias
from tests.people.registered import register

TODAY = dt.date(2026, 11, 22)
DAYS = [dt.date(2026, 11, 1) + dt.timedelta(days=day) for day in (0, 5, 30)]
STATES_OF_GROUP = {
    "valid": {"given", "renewed"}, "expired": {"expired"}, "requested": {"requested"}, "said_no": {"refused", "withdrawn"},
    "not_asked": {"not_asked"},
}  # fmt: skip


@pytest.fixture
def other(db):
    found = Programme(code="other", name_ko="다른", name_en="Other", created_at=now())
    db.add(found)
    db.flush()
    return found


@pytest.fixture
def three(db, programme):
    return [register(db, programme, f"form-{number}") for number in range(3)]


def study_ids(db, programme, sort="registered", **wanted):
    return [line.study_id for line in list_people(db, programme.id, PeopleFilter(**wanted), TODAY, sort).lines]


def attempt(db, programme, person, key, *, days_ago=0, next_on=None):
    at = dt.datetime.combine(TODAY, dt.time(3), dt.UTC) - dt.timedelta(days=days_ago)
    record_contact(db, programme, person, key, Attempt(at, "phone", "no_answer", next_on))


def statement(db, programme, person, **dates):
    version = str(len(db.scalars(select(Consent.id)).all()))
    consent = {"programme_id": programme.id, "entrepreneur_id": person.id, "purpose": "survey", "text_version": version}
    db.add(Consent(**consent, **{f"{name}_on": day for name, day in dates.items()}))
    db.flush()


HISTORIES = [
    [],
    [{"asked": DAYS[0]}],
    [{"asked": DAYS[2]}],
    [{"given": DAYS[0]}],
    [{"given": DAYS[0], "expires": DAYS[1]}],
    [{"given": DAYS[0], "expires": TODAY + dt.timedelta(days=3)}],
    [{"given": DAYS[0]}, {"given": DAYS[1]}],
    [{"refused": DAYS[0]}],
    [{"given": DAYS[0], "withdrawn": DAYS[1]}],
    [{"given": DAYS[0], "withdrawn": DAYS[0]}],
    [{"given": DAYS[0], "withdrawn": DAYS[1]}, {"asked": DAYS[1]}],
    [{"asked": DAYS[0]}, {"refused": DAYS[0]}],
    [{"refused": DAYS[0]}, {"asked": DAYS[0]}],
    [{"refused": DAYS[0]}, {"given": DAYS[1], "expires": DAYS[1]}],
    [{"given": DAYS[0], "expires": DAYS[1]}, {"asked": DAYS[1]}],
]


@pytest.mark.parametrize("history", HISTORIES, ids=str)
def test_the_groups_say_of_everybody_what_the_states_say_of_one(db, programme, history):
    person = register(db, programme, "form-1")
    for dates in history:
        statement(db, programme, person, **dates)
    state = consent_state(list_consent_rows(db, programme.id, person.id, "survey"), TODAY)
    groups = {group for group in GROUPS if study_ids(db, programme, consent=group)} - {"ending"}
    assert [group for group, states in STATES_OF_GROUP.items() if state in states] == list(groups)


def test_a_consent_that_ends_soon_is_listed_as_ending_and_as_valid(db, programme, three):
    soon, later, _ = three
    statement(db, programme, soon, given=DAYS[0], expires=TODAY + dt.timedelta(days=14))
    statement(db, programme, later, given=DAYS[0], expires=TODAY + dt.timedelta(days=15))
    assert study_ids(db, programme, consent="ending") == [soon.study_id]
    assert set(study_ids(db, programme, consent="valid")) == {soon.study_id, later.study_id}


def test_consents_of_another_programme_and_purpose_do_not_count(db, programme, other, three):
    db.add(Registration(programme_id=other.id, entrepreneur_id=three[0].id, registered_on=DAYS[0]))
    statement(db, other, three[0], given=DAYS[0])
    statement(db, programme, three[1], refused=DAYS[0])
    db.scalars(select(Consent).where(Consent.entrepreneur_id == three[1].id)).one().purpose = "linkage"
    db.flush()
    assert len(study_ids(db, programme, consent="not_asked")) == 3
    assert study_ids(db, other, consent="valid") == [three[0].study_id]


def test_every_group_is_a_condition_and_every_sort_an_order(db, programme, three):
    for group in GROUPS:
        in_consent_group(programme.id, group, TODAY)
    for sort in SORTS:
        assert set(study_ids(db, programme, sort)) == {person.study_id for person in three}


def test_contacts_narrow_and_sort_by_the_last_attempt_only(db, programme, three):
    due, planned, never = three
    attempt(db, programme, due, "a", days_ago=9, next_on=TODAY)
    attempt(db, programme, planned, "b", days_ago=5, next_on=TODAY)
    attempt(db, programme, planned, "c", days_ago=1, next_on=TODAY + dt.timedelta(days=2))
    assert {contact: study_ids(db, programme, contact=contact) for contact in CONTACTS} == {
        "due": [due.study_id], "planned": [planned.study_id], "never": [never.study_id],
    }  # fmt: skip
    assert study_ids(db, programme, "last_contact") == [never.study_id, due.study_id, planned.study_id]
    assert study_ids(db, programme, "next_contact") == [due.study_id, planned.study_id, never.study_id]
    lines = {line.study_id: line for line in list_people(db, programme.id, PeopleFilter(), TODAY).lines}
    assert lines[planned.study_id].next_on == TODAY + dt.timedelta(days=2)
    assert lines[never.study_id].last_contact_at is None


def test_who_left_is_listed_apart_and_is_no_more_due(db, programme, three):
    attempt(db, programme, three[0], "a", days_ago=2, next_on=DAYS[0] + dt.timedelta(days=20))
    record_exit(db, programme, three[0], "moved", DAYS[0])
    assert study_ids(db, programme, presence="left") == [three[0].study_id]
    assert len(study_ids(db, programme, presence="here")) == 2
    assert study_ids(db, programme, contact="due") == []


def test_a_list_is_narrowed_by_channel_and_to_some_people(db, programme, three):
    register(db, programme, "web", recruitment_channel="website")
    assert len(study_ids(db, programme, channel="website")) == 1
    assert study_ids(db, programme, among=[three[1].id]) == [three[1].study_id]
    assert study_ids(db, programme, among=[]) == []


def test_pages_have_fifty_people_and_one_beyond_the_last_is_the_last(db, programme):
    for number in range(PEOPLE_A_PAGE + 1):
        register(db, programme, f"form-{number}")
    first = list_people(db, programme.id, PeopleFilter(), TODAY)
    last = list_people(db, programme.id, PeopleFilter(), TODAY, page=99)
    assert (len(first.lines), first.pages, first.people) == (PEOPLE_A_PAGE, 2, PEOPLE_A_PAGE + 1)
    assert (len(last.lines), last.page) == (1, 2)
    assert not {line.id for line in first.lines} & {line.id for line in last.lines}
    assert list_people(db, programme.id, PeopleFilter(), TODAY, page=-3).page == 1


def test_nobody_of_another_programme_is_listed(db, programme, other, three):
    assert list_people(db, other.id, PeopleFilter(), TODAY).people == 0
    with pytest.raises(NotFound):
        get_registration(db, other.id, three[0])
    db.add(Registration(programme_id=other.id, entrepreneur_id=three[0].id, registered_on=DAYS[0]))
    db.add(StudyIdAlias(programme_id=other.id, alias="elsewhere", entrepreneur_id=three[0].id))
    db.flush()
    facts = get_registration(db, programme.id, three[0])
    assert (facts.aliases, facts.other_programmes) == ((), 1)


@pytest.fixture
def viewer(db):
    return _viewer(db, "AC-1")


def _viewer(db, code):
    account = Account(code=code, email_sealed="s", email_index=code, name_sealed="s", state="active", created_at=now())
    db.add(account)
    db.flush()
    return Viewer(account.id, code, "Staff", frozenset({"program_officer"}), "en")


def test_a_list_is_kept_under_a_name_for_oneself(db, programme, viewer):
    keep_view(db, viewer, programme, " To  call ", "contact=due")
    keep_view(db, viewer, programme, "To call", "contact=never")
    assert [(view.name, view.query) for view in list_saved_views(db, viewer, programme)] == [("To call", "contact=never")]
    colleague = _viewer(db, "AC-2")
    (view,) = list_saved_views(db, viewer, programme)
    assert list_saved_views(db, colleague, programme) == []
    with pytest.raises(NotFound):
        drop_view(db, colleague, programme, view.id)
    drop_view(db, viewer, programme, view.id)
    assert list_saved_views(db, viewer, programme) == []


@pytest.mark.parametrize(
    ("name", "query", "said"),
    [
        (" ", "contact=due", "name"),
        ("x" * 61, "contact=due", "characters"),
        ("call 010-1234-5678", "contact=due", "number"),
        ("kim@example.org", "contact=due", "address"),
        ("850302-1234567", "contact=due", "number"),
        ("Long", "x" * (LONGEST_QUERY + 1), "too long"),
    ],
)
def test_a_name_that_says_too_much_or_nothing_is_refused(db, programme, viewer, name, query, said):
    with pytest.raises(AppError, match=said):
        keep_view(db, viewer, programme, name, query)


def test_lists_are_not_kept_without_end(db, programme, viewer):
    for number in range(MOST_VIEWS):
        keep_view(db, viewer, programme, f"List {number}", "")
    keep_view(db, viewer, programme, "List 0", "contact=due")
    with pytest.raises(AppError, match="Delete one"):
        keep_view(db, viewer, programme, "One more", "")


@pytest.mark.parametrize("kind", ["identity_only", "everything"])
def test_an_erasure_removes_what_its_preview_says(db, programme, three, kind):
    person = three[0]
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    record_contact(db, programme, person, "call", Attempt(at, "phone", "no_answer", None, "calls back on Monday"))
    db.add(StudyIdAlias(programme_id=programme.id, alias="A-7", entrepreneur_id=person.id))
    statement(db, programme, person, given=DAYS[0])
    foreseen = preview_erasure(db, person)[kind]
    erased = erase_person(db, db.get_one(Entrepreneur, person.id), kind, "asked for it", ())
    assert erased.removed == foreseen
    assert erased.removed["identity_fields"] == 1
