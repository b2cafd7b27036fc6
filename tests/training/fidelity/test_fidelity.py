"""Checklists, homework, ratings of sessions and of people, and the six elements, on both databases."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from sqlalchemy import select

from evalapp.accounts.tables import Account
from evalapp.core.actor import Actor
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError, NotFound
from evalapp.training.attendance.check_marking import NotNow, Permit
from evalapp.training.curricula.tables import Module, ModuleItem
from evalapp.training.fidelity.attendance_queries import count_absences, get_matrix
from evalapp.training.fidelity.export_matrix import export_matrix
from evalapp.training.fidelity.measures import Adherence, Agreement, Count
from evalapp.training.fidelity.process import get_process
from evalapp.training.fidelity.queries import (
    find_role,
    get_checklist,
    get_homework,
    list_adherence,
    list_ratings,
    state_of_delivery,
)
from evalapp.training.fidelity.rate_session import RefusedRating, rate_session
from evalapp.training.fidelity.rate_traits import RefusedTraits, find_occasion, find_window, rate_traits
from evalapp.training.fidelity.record_delivery import Delivery, ItemMark, RefusedDelivery, SavedMeanwhile, record_delivery
from evalapp.training.fidelity.tables import SessionRating, TraitRating
from evalapp.training.fidelity.trait_queries import get_place, list_changes, list_places, list_rated, may_rate
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Attendance, Cohort, Enrolment
from tests.training.attendance.taught import DAY, Taught, viewer

DONE, CUT = ItemMark(True), ItemMark(True, "shortened", "the room was cold")
LEFT = ItemMark(False, "left_out", "no time")


@pytest.fixture
def taught(db, programme):
    taught = Taught(db, programme, people=6)
    words = {"name_ko": "계획", "name_en": "Planning", "principle": "future_thinking"}
    module = taught.add(Module(programme_id=programme.id, code="planning", position=1, planned_minutes=150, **words))
    for position, kind in enumerate(("content", "exercise", "homework"), start=1):
        taught.add(ModuleItem(module_id=module.id, code=f"i{position}", position=position, kind=kind, text_ko="글", text_en=kind))
    taught.module = module
    return taught


def record(taught, marks=None, *, seen=None, permit=None, **more):
    seen = state_of_delivery(taught.db, taught.session) if seen is None else seen
    return record_delivery(taught.db, taught.session, Delivery(marks or {}, **more), seen, permit)


def acts(db, account):
    db.info["actor"] = Actor(account, "trainer", "127.0.0.1", "request")


def entries(db, action):
    return db.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_a_checklist_is_kept_with_its_reasons_and_adds_up(db, taught):
    assert record(taught, {"i1": DONE, "i2": CUT, "i3": LEFT}, materials="v2")
    taught.session.state = "held"
    db.flush()
    assert list_adherence(db, taught.cohort) == {taught.session.id: Adherence(2, 3, 1)}
    assert [(line.mark.was_delivered, line.mark.adaptation) for line in get_checklist(db, taught.session)] == [
        (True, None), (True, "shortened"), (False, "left_out"),
    ]  # fmt: skip
    assert taught.session.materials_version == "v2"
    assert not record(taught, {"i1": DONE, "i2": CUT, "i3": LEFT}, materials="v2")
    (entry,) = entries(db, "delivery_recorded")
    assert ("cold" in entry.after, '"delivered": 2' in entry.after) == (False, True)


@pytest.mark.parametrize(
    ("marks", "wrong"),
    [
        ({"i1": DONE}, {"i2", "i3"}),
        ({"i1": DONE, "i2": ItemMark(True, "shortened"), "i3": DONE}, {"i2"}),
        ({"i1": DONE, "i2": ItemMark(True, "", "why"), "i3": DONE}, {"i2"}),
        ({"i1": DONE, "i2": ItemMark(False, "shortened", "why"), "i3": DONE}, {"i2"}),
        ({"i1": DONE, "i2": ItemMark(False, "left_out", "call 010-1234-5678"), "i3": DONE}, {"i2"}),
        ({"i1": DONE, "i2": DONE, "i3": ItemMark(False, "left_out", "x" * 201)}, {"i3"}),
    ],
)
def test_a_checklist_that_is_not_whole_or_not_explained_is_refused(taught, marks, wrong):
    with pytest.raises(RefusedDelivery) as refused:
        record(taught, marks)
    assert set(refused.value.faults) == wrong
    assert all(line.mark is None for line in get_checklist(taught.db, taught.session))


def test_an_item_added_later_is_not_missing_from_a_session_before(db, taught):
    record(taught, {"i1": DONE, "i2": DONE, "i3": DONE})
    taught.add(ModuleItem(module_id=taught.module.id, code="i4", position=4, kind="content", text_ko="글", text_en="new"))
    assert [line.item.code for line in get_checklist(db, taught.session)] == ["i1", "i2", "i3"]
    later = taught.add_session(2, today())
    assert [line.item.code for line in get_checklist(db, later)] == ["i1", "i2", "i3", "i4"]


def test_marks_of_another_module_do_not_count(db, taught):
    record(taught, {"i1": DONE, "i2": DONE, "i3": DONE})
    taught.session.state, taught.session.module = "held", "other"
    db.flush()
    assert (get_checklist(db, taught.session), list_adherence(db, taught.cohort)) == ([], {})


def test_who_saves_what_somebody_else_changed_meanwhile_is_told_and_the_same_twice_is_no_change(db, taught):
    seen = state_of_delivery(db, taught.session)
    marks = {"i1": DONE, "i2": DONE, "i3": DONE}
    assert record(taught, marks, seen=seen)
    assert not record(taught, marks, seen=seen)
    with pytest.raises(SavedMeanwhile):
        record(taught, {**marks, "i3": LEFT}, seen=seen)


def test_homework_is_kept_by_person_and_taken_back(db, taught):
    one, other, *_ = taught.people
    places = {person.id: taught.number(person) for person in (one, other)}
    record(taught, homework={places[one.id]: True, places[other.id]: False, 10**9: True})
    assert get_homework(db, taught.session) == {one.id: True, other.id: False}
    record(taught, homework={places[one.id]: None})
    assert get_homework(db, taught.session) == {other.id: False}


def test_nothing_is_recorded_before_the_day_nor_of_a_cancelled_session_and_late_only_for_a_reason(db, taught):
    session = taught.session
    for day, state in ((today() + DAY, "planned"), (today(), "cancelled"), (today() - 15 * DAY, "held")):
        session.held_on, session.state = day, state
        db.flush()
        with pytest.raises(NotNow):
            record(taught, materials="v1")
        with pytest.raises(NotNow):
            rate_session(db, session, "trainer", 4, 4)
    record(taught, materials="v1", permit=Permit(at_any_time=True, reason="from the paper list"))
    assert entries(db, "delivery_recorded")[0].reason == "from the paper list"


def test_each_account_rates_once_and_the_remark_is_sealed(db, taught):
    acts(db, "AC-A")
    assert rate_session(db, taught.session, "trainer", 4, 5, "a lively evening")
    assert not rate_session(db, taught.session, "trainer", 4, 5, "a lively evening ")
    assert rate_session(db, taught.session, "trainer", 3, 5, "a lively evening")
    acts(db, "AC-B")
    rate_session(db, taught.session, "observer", 2, 5)
    lines = list_ratings(db, taught.session)
    assert [(line.role, line.engagement, line.quality, line.remark) for line in lines] == [
        ("trainer", 3, 5, "a lively evening"), ("observer", 2, 5, ""),
    ]  # fmt: skip
    sealed = db.scalars(select(SessionRating.remark_sealed).where(SessionRating.account == "AC-A")).one()
    assert "lively" not in sealed
    assert not [entry for entry in entries(db, "session_rated") if "lively" in entry.after]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ((0, 3, ""), "engagement"),
        ((3, 6, ""), "quality"),
        ((3, 3, "850302-1234567"), "remark"),
        ((3, 3, "x" * 2001), "remark"),
    ],
)
def test_a_rating_out_of_its_bounds_is_refused(db, taught, given, field):
    with pytest.raises(RefusedRating) as refused:
        rate_session(db, taught.session, "trainer", *given)
    assert refused.value.field == field


@pytest.fixture
def accounts(db, taught):
    """Accounts of T1, who leads, of T2, who watches, and of T3, who is not at the session; their keys."""
    keys = []
    for number, trainer in enumerate((*taught.trainers, None), start=1):
        account = Account(
            code=f"AC-{number}", email_sealed="x", email_index=f"{number}", name_sealed="x", state="active", created_at=now()
        )
        taught.add(account)
        if trainer is not None:
            trainer.account_id = account.id
        keys.append(account.id)
    db.execute(SessionTrainer.__table__.update().values(role="observer"))
    db.flush()
    return keys


def test_who_teaches_rates_as_a_trainer_who_watches_as_an_observer_and_others_not_at_all(db, taught, accounts):
    lead, watcher, other = (viewer(key, "trainer") for key in accounts)
    assert [find_role(db, who, taught.session) for who in (lead, watcher, other)] == ["trainer", "observer", None]
    assert find_role(db, viewer(accounts[2], "program_officer"), taught.session) == "observer"
    assert find_role(db, viewer(accounts[0], "program_officer", "trainer"), taught.session) == "trainer"
    assert [may_rate(db, who, taught.cohort) for who in (lead, watcher, other)] == [True, False, False]


def test_the_start_closes_before_the_end_opens(taught):
    cohort = taught.cohort  # sixty days, half of them over
    start, end = find_window(cohort, "start"), find_window(cohort, "end")
    assert start == (today() - 44 * DAY, today())
    assert end == (today() + DAY, today() + 44 * DAY)
    for day, occasion in ((start[0] - DAY, None), (start[0], "start"), (start[1], "start"), (end[0], "end"), (end[1] + DAY, None)):
        assert find_occasion(cohort, day) == occasion
    one_day = Cohort(arm="treatment", starts_on=today(), ends_on=today())
    assert [find_occasion(one_day, today()), find_occasion(one_day, today() + DAY)] == ["start", "end"]
    assert find_occasion(Cohort(arm="waitlist"), today()) is None


def rate(taught, place, number, occasion="start"):
    enrolment = get_place(taught.db, taught.cohort, place.number)
    return rate_traits(
        taught.db,
        taught.cohort,
        enrolment,
        occasion,
        dict.fromkeys(("self_starting", "future_thinking", "overcoming_barriers"), number),
    )


def move(taught, days):
    taught.cohort.starts_on -= days * DAY
    taught.cohort.ends_on -= days * DAY
    taught.db.flush()


def test_traits_are_rated_twice_and_the_change_is_told_of_enough_people(db, taught):
    places = list_places(db, taught.cohort)
    acts(db, "AC-A")
    for place, number in zip(places, (1, 2, 2, 3, 3, 3), strict=True):
        assert rate(taught, place, number)
    assert not rate(taught, places[0], 1)
    with pytest.raises(AppError):
        rate(taught, places[0], 5, "end")
    move(taught, 10)
    for place in places[:5]:
        rate(taught, place, 4, "end")
    assert list_rated(db, taught.cohort, "AC-A", "end").keys() == {place.number for place in places[:5]}
    assert list_rated(db, taught.cohort, "AC-B", "end") == {}
    found = list_changes(db, taught.cohort)["self_starting"]
    assert (found.n, round(found.start, 6), found.end) == (5, 2.2, 4)
    assert round(found.change.mean, 6) == 1.8
    acts(db, "AC-B")  # who rates only the end changes nothing
    rate(taught, places[5], 5, "end")
    assert list_changes(db, taught.cohort)["self_starting"] == found


def test_the_log_tells_that_somebody_was_rated_and_not_how(db, taught):
    rate(taught, list_places(db, taught.cohort)[0], 5)
    (entry,) = entries(db, "traits_rated")
    assert "5" not in entry.after


def test_a_rating_of_all_traits_or_none_and_only_of_who_has_a_place(db, taught):
    place = list_places(db, taught.cohort)[0]
    with pytest.raises(RefusedTraits) as refused:
        rate_traits(
            db, taught.cohort, get_place(db, taught.cohort, place.number), "start", {"self_starting": 3, "future_thinking": 6}
        )
    assert set(refused.value.faults) == {"future_thinking", "overcoming_barriers"}
    assert db.scalars(select(TraitRating)).all() == []
    db.get_one(Enrolment, place.number).stage = "withdrawn"
    db.flush()
    with pytest.raises(NotFound):
        get_place(db, taught.cohort, place.number)


def hold(taught, number, *statuses, planned=100, **more):
    """Hold a session some days ago with the statuses of the people, none where it is None."""
    facts = {"state": "held", "planned_minutes": planned, **more}
    session = taught.add_session(number, today() - (20 - number) * DAY, **facts)
    for person, status in zip(taught.people, statuses, strict=False):
        if status:
            minutes = planned if status == "present" else 0
            taught.add(Attendance(session_id=session.id, entrepreneur_id=person.id, status=status, minutes=minutes))
    return session


def test_the_matrix_and_the_six_elements_of_a_cohort_counted_by_hand(db, programme, taught):
    taught.session.state = "cancelled"
    hold(taught, 2, "present", "unexcused", "unexcused")
    missed = hold(taught, 3, "present", "excused", "unexcused")
    hold(taught, 4, "present", "unexcused", "unexcused")
    taught.add_session(6, today() + DAY, planned_minutes=100)
    assert count_absences(db, programme.id) == {"A": 2}
    hold(taught, 5, None, None, "present", make_up_of_id=missed.id)
    matrix = get_matrix(db, taught.cohort)
    assert [meeting.number for meeting in matrix.columns] == [2, 3, 4, 1]
    rows = {row.member.entrepreneur_id: row for row in matrix.rows}
    first, second, third, *_ = (rows[person.id] for person in taught.people)
    assert [row.minutes.attended for row in (first, second, third)] == [300, 0, 100]
    assert [cell.status for cell in third.cells] == ["unexcused", "made_up", "unexcused", "cancelled"]
    assert (second.in_a_row, second.excused_in_a_row, second.excused, third.in_a_row) == (3, 1, 1, 1)
    assert count_absences(db, programme.id) == {"A": 1}
    found = get_process(db, taught.cohort)
    assert (found.recruitment, found.reach) == (Count(6, 6), Count(2, 6))
    assert (found.sessions, found.delivered, found.cancelled) == (Count(3, 4), Count(300, 400), 1)
    assert (found.received, found.came) == (Count(400, 1800), Count(4, 18))
    assert found.fidelity.adherence.share is None
    assert found.fidelity.checklists == Count(0, 4)


def test_nothing_supports_a_number_in_an_empty_cohort(db, programme):
    empty = Cohort(programme_id=programme.id, code="E", arm="treatment", starts_on=today(), ends_on=today())
    db.add(empty)
    db.flush()
    found = get_process(db, empty)
    shares = [count.share for count in (found.recruitment, found.reach, found.delivered, found.received)]
    assert shares == [None] * 4
    assert (found.fidelity.agreement, get_matrix(db, empty).rows) == (Agreement(), ())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_names_people_by_study_id_runs_no_formula_and_is_logged(db, taught, kind):
    person = taught.person(study_id="=1+1")
    hold(taught, 2, "present", "excused")
    content = export_matrix(db, taught.cohort, kind, {"present": "+here", "excused": "E", "not_marked": ""}.__getitem__)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        sheet = openpyxl.load_workbook(io.BytesIO(content))["attendance"]
        assert "f" not in {cell.data_type for row in sheet for cell in row}
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0][:2] == ["study_id", "stage"]
    by_id = {row[0]: row for row in rows[1:]}
    assert "'=1+1" in by_id
    assert "'+here" in by_id[taught.people[0].study_id]
    assert str(by_id[taught.people[0].study_id][-1]) in ("1", "1.0")
    assert (len(entries(db, "attendance_exported")), "하늘" in str(rows), person.study_id in by_id) == (1, False, False)
