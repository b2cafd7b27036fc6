"""Enterprises open, change, close and open again in the order of their days, and one at most is current."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.errors import AppError, NotFound
from evalapp.people.enterprises.queries import get_enterprise, list_enterprises
from evalapp.people.enterprises.record_event import open_enterprise, record_enterprise_event, switch_current_enterprise
from evalapp.people.tables import ENTERPRISE_EVENTS, INDUSTRIES, RECRUITMENT_CHANNELS, Enterprise
from evalapp.people.words import EVENTS, INDUSTRY_WORDS, RECRUITMENT
from tests.people.registered import actions, register

MAY, JUNE, JULY = (dt.date(2025, month, 1) for month in (5, 6, 7))


@pytest.fixture
def person(db, programme):
    return register(db, programme, "form-1")


def current(db, person):
    return [h.enterprise.id for h in list_enterprises(db, person) if h.enterprise.is_current]


def test_every_code_has_words():
    assert tuple(EVENTS) == ENTERPRISE_EVENTS
    assert tuple(INDUSTRY_WORDS) == INDUSTRIES
    assert tuple(RECRUITMENT) == RECRUITMENT_CHANNELS


def test_a_second_enterprise_becomes_the_current_one(db, person):
    first = open_enterprise(db, person, MAY, "retail")
    second = open_enterprise(db, person, JUNE)
    side = open_enterprise(db, person, JULY, current=False)
    assert current(db, person) == [second.id]
    switch_current_enterprise(db, person, first.id)
    assert current(db, person) == [first.id]
    assert [h.enterprise.start_year for h in list_enterprises(db, person)] == [2025] * 3
    assert {h.enterprise.id for h in list_enterprises(db, person)} == {first.id, second.id, side.id}
    assert len(actions(db, "current_enterprise_switched")) == 1


def test_the_history_is_told_in_order(db, person):
    enterprise = open_enterprise(db, person, MAY, "retail")
    record_enterprise_event(db, person, enterprise.id, "registered", MAY)
    record_enterprise_event(db, person, enterprise.id, "industry_changed", JUNE, "catering")
    record_enterprise_event(db, person, enterprise.id, "closed", JULY)
    history = get_enterprise(db, person, enterprise.id)
    assert [event.kind for event in history.events] == ["opened", "registered", "industry_changed", "closed"]
    assert (history.is_open, history.last_on, history.enterprise.industry, current(db, person)) == (False, JULY, "catering", [])
    record_enterprise_event(db, person, enterprise.id, "reopened", JULY)
    assert get_enterprise(db, person, enterprise.id).is_open
    assert current(db, person) == [enterprise.id]
    assert {entry.subject for entry in actions(db, "enterprise_event_recorded")} == {person.study_id}


def test_opening_again_takes_the_place_of_the_current_one(db, person):
    old = open_enterprise(db, person, MAY)
    record_enterprise_event(db, person, old.id, "closed", JUNE)
    open_enterprise(db, person, JUNE)
    with pytest.raises(AppError, match="closed"):
        switch_current_enterprise(db, person, old.id)
    record_enterprise_event(db, person, old.id, "reopened", JULY)
    assert current(db, person) == [old.id]


@pytest.mark.parametrize(
    ("kind", "day", "industry", "words"),
    [
        ("sold", JUNE, None, "not an event"),
        ("opened", JUNE, None, "happens once"),
        ("reopened", JUNE, None, "Only a closed enterprise"),
        ("industry_changed", JUNE, None, "Choose the industry"),
        ("industry_changed", JUNE, "retail", "Choose the industry"),
        ("industry_changed", JUNE, "space", "not an industry"),
        ("closed", dt.date(2025, 4, 30), None, "before the last event, 2025-05-01"),
        ("closed", dt.date(2090, 1, 1), None, "lies in the future"),
    ],
)
def test_an_event_that_cannot_be_is_refused_in_words(db, person, kind, day, industry, words):
    enterprise = open_enterprise(db, person, MAY, "retail")
    with pytest.raises(AppError, match=words):
        record_enterprise_event(db, person, enterprise.id, kind, day, industry)
    assert len(get_enterprise(db, person, enterprise.id).events) == 1


def test_nothing_but_opening_again_happens_to_a_closed_enterprise(db, person):
    enterprise = open_enterprise(db, person, MAY)
    record_enterprise_event(db, person, enterprise.id, "closed", JUNE)
    for kind in ("closed", "registered"):
        with pytest.raises(AppError, match="Only a closed enterprise"):
            record_enterprise_event(db, person, enterprise.id, kind, JULY)


def test_an_imported_enterprise_without_events_can_be_opened_afterwards(db, person):
    imported = Enterprise(entrepreneur_id=person.id, industry="retail", start_year=2020, is_current=True)
    db.add(imported)
    db.flush()
    record_enterprise_event(db, person, imported.id, "opened", MAY)
    assert get_enterprise(db, person, imported.id).last_on == MAY
    other = Enterprise(entrepreneur_id=person.id, is_current=False)
    db.add(other)
    db.flush()
    record_enterprise_event(db, person, other.id, "closed", MAY)
    record_enterprise_event(db, person, other.id, "reopened", JUNE)
    with pytest.raises(AppError, match="comes before every other"):
        record_enterprise_event(db, person, other.id, "opened", JULY)


def test_another_persons_enterprise_is_not_there(db, programme, person):
    enterprise = open_enterprise(db, person, MAY)
    other = register(db, programme, "form-2")
    with pytest.raises(NotFound):
        record_enterprise_event(db, other, enterprise.id, "closed", JUNE)
    assert db.scalars(select(Enterprise.is_current)).all() == [True]
