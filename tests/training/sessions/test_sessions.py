"""Sessions as they are planned and changed: what cannot stand, what a change leaves behind, two officers at once."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import text

from evalapp.core.clock import now
from evalapp.core.db import make_engine, transaction
from evalapp.core.errors import AppError, NotFound
from evalapp.core.migrate import upgrade
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.training.sessions.add_sessions import add_make_up, add_sessions
from evalapp.training.sessions.change_session import ChangedMeanwhile, cancel_session, mark_of, restore_session
from evalapp.training.sessions.check_session import RefusedSession
from evalapp.training.sessions.queries import list_changes, list_helpers, list_session_lines
from evalapp.training.sessions.session_trainers import add_helper, remove_helper, send_substitute
from evalapp.training.tables import Attendance, Cohort, Trainer, TrainingSession
from tests.conftest import ACTOR, KEYS
from tests.people.registered import actions, after
from tests.training.sessions.planned import DAY, FIRST, REASON, Planned


@pytest.fixture
def planned(db, programme):
    return Planned(db, programme)


@pytest.fixture
def neighbour(db, programme):
    """Cohort B of the same trainers."""
    return Planned(db, programme, "B")


def refused(verb, *positional, **named):
    with pytest.raises(RefusedSession) as found:
        verb(*positional, **named)
    return found.value.field


def kinds(db, session):
    return [(change.kind, change.before, change.after, change.reason) for change in reversed(list_changes(db, session))]


def attend(db, session):
    person = Entrepreneur(study_id="PI-0001-0", created_at=now())
    db.add(person)
    db.flush()
    db.add(Attendance(session_id=session.id, entrepreneur_id=person.id, status="present", minutes=session.planned_minutes))
    db.flush()


def test_sessions_lie_within_the_cohorts_days_and_with_somebody_who_is_there(planned):
    for days in (-1, 71):
        assert refused(planned.session, days) == "held_on"
    assert refused(planned.session, minutes=0) == "minutes"
    planned.t1.left_on = FIRST + 2 * DAY
    assert refused(planned.session, 2) == "trainer"
    assert planned.session(1).number == 1
    planned.cohort.arm, planned.cohort.starts_on, planned.cohort.ends_on = "comparison", None, None
    assert refused(planned.session) == "held_on"


def test_a_trainer_and_a_cohort_are_in_one_place_at_a_time(db, planned, neighbour):
    session = planned.session(starts=dt.time(19), minutes=120)
    assert refused(planned.session, starts=dt.time(20, 59), trainer=planned.t2) == "held_on", "the same cohort"
    assert refused(neighbour.session, starts=dt.time(17, 30), minutes=91) == "trainer"
    assert neighbour.session(starts=dt.time(17, 30), minutes=90).number == 1, "one ends when the other begins"
    add_helper(db, session, planned.t2, "co_trainer")
    assert refused(neighbour.session, starts=dt.time(20), trainer=planned.t2) == "trainer", "who helps is taken, too"
    cancel_session(db, session, mark_of(session), REASON)
    assert neighbour.session(starts=dt.time(20)).number == 2
    assert refused(restore_session, db, planned.cohort, session, mark_of(session), REASON) == "trainer"


def test_sessions_without_a_time_meet_only_in_their_own_cohort(planned, neighbour):
    planned.session(starts=None)
    assert refused(planned.session, starts=None, trainer=planned.t2) == "held_on"
    assert neighbour.session(starts=None).starts_at is None


def test_a_schedule_is_added_whole_or_not_at_all_and_once(db, planned):
    plans = [planned.plan(days) for days in (0, 2, 4)]
    add_sessions(db, planned.cohort, plans, after=0)
    with pytest.raises(AppError, match="changed meanwhile"):
        add_sessions(db, planned.cohort, [planned.plan(days) for days in (1, 3)], after=0)
    with pytest.raises(RefusedSession), db.begin_nested():
        planned.sessions(planned.plan(6), planned.plan(2))
    lines = list_session_lines(db, planned.cohort)
    assert [(line.number, line.held_on) for line in lines] == [(1, FIRST), (2, FIRST + 2 * DAY), (3, FIRST + 4 * DAY)]
    (entry,) = actions(db, "sessions_added")
    assert after(entry)["numbers"] == [1, 2, 3]


def test_a_session_is_moved_cancelled_and_restored_with_a_trace(db, planned):
    session = planned.session()
    with pytest.raises(AppError, match="Say in a few words"):
        planned.change(session, reason="", held_on=FIRST + DAY)
    planned.change(session, reason="", place="Room 2", module="m2")
    assert (session.state, list_changes(db, session)) == ("planned", []), "only day, time, length and trainer leave a trace"
    planned.change(session, held_on=FIRST + DAY)
    assert (session.state, session.held_on) == ("rescheduled", FIRST + DAY)
    planned.change(session, reason="", minutes=90)
    planned.change(session, trainer=planned.t2)
    cancel_session(db, session, mark_of(session), REASON)
    for verb in (planned.change, lambda each: cancel_session(db, each, mark_of(each), REASON)):
        with pytest.raises(AppError):
            verb(session)
    restore_session(db, planned.cohort, session, mark_of(session), REASON)
    moved = f"{FIRST + DAY} 19:00"
    assert kinds(db, session) == [
        ("moved", f"{FIRST} 19:00", moved, REASON),
        ("minutes", "120", "90", ""),
        ("trainer", "T1", "T2", REASON),
        ("cancelled", moved, "", REASON),
        ("restored", "", moved, REASON),
    ]
    assert (session.state, session.number) == ("planned", 1)
    with pytest.raises(AppError, match="not cancelled"):
        restore_session(db, planned.cohort, session, mark_of(session), REASON)


def test_what_somebody_else_changed_is_not_overwritten(db, planned):
    session = planned.session()
    seen = mark_of(session)
    planned.change(session, reason="", place="Room 2")
    for verb in (
        lambda: planned.change(session, seen=seen, held_on=FIRST + DAY),
        lambda: cancel_session(db, session, seen, REASON),
        lambda: send_substitute(db, session, planned.t2, seen, REASON),
    ):
        with pytest.raises(ChangedMeanwhile):
            verb()


def test_a_session_with_attendance_stays_where_it_is(db, planned):
    session = planned.session()
    attend(db, session)
    with pytest.raises(AppError, match="Attendance is marked"):
        cancel_session(db, session, mark_of(session), REASON)
    assert refused(planned.change, session, held_on=FIRST + DAY) == "held_on"
    assert refused(planned.change, session, minutes=90) == "minutes"
    session.state = "held"
    assert refused(planned.change, session, held_on=FIRST + DAY) == "held_on"
    planned.change(session, module="m2")
    assert (session.module, session.state) == ("m2", "held")
    with pytest.raises(AppError, match="still to come"):
        cancel_session(db, session, mark_of(session), REASON)


def test_a_substitute_leads_instead_and_the_log_says_of_whom(db, planned, neighbour):
    session, there = planned.session(), neighbour.session(1, trainer=neighbour.t2)
    send_substitute(db, session, planned.t2, mark_of(session), "the trainer is ill")
    assert list_helpers(db, session) == [("T2", "substitute")]
    assert kinds(db, session) == [("substitute", "T1", "T2", "the trainer is ill")]
    (line,) = list_session_lines(db, planned.cohort)
    assert (line.lead, line.substitute, line.changes) == ("T1", "T2", 1)
    neighbour.session(trainer=neighbour.t1)  # who is replaced is free
    for trainer in (planned.t1, planned.t2):
        with pytest.raises(AppError):
            send_substitute(db, session, trainer, mark_of(session), REASON)
    assert refused(planned.change, session, held_on=there.held_on) == "trainer", "the substitute teaches elsewhere then"
    remove_helper(db, session, planned.t2)
    with pytest.raises(NotFound):
        remove_helper(db, session, planned.t2)


def test_co_trainers_and_observers_stand_beside_the_lead_once(db, planned, neighbour):
    session = planned.session()
    add_helper(db, session, planned.t2, "observer")
    for trainer in (planned.t1, planned.t2):
        with pytest.raises(AppError, match="on this session already"):
            add_helper(db, session, trainer, "co_trainer")
    planned.change(session, trainer=planned.t2)
    assert list_helpers(db, session) == [], "who leads it stands nowhere else"
    assert refused(add_helper, db, neighbour.session(trainer=neighbour.t1), planned.t2, "observer") == "trainer"
    planned.t1.left_on = FIRST
    assert refused(add_helper, db, session, planned.t1, "co_trainer") == "trainer"


def test_a_session_that_was_held_is_made_up_for_on_a_later_day(db, planned):
    missed = planned.session(2)
    with pytest.raises(AppError, match="was held"):
        add_make_up(db, planned.cohort, missed, planned.plan(3), after=1)
    missed.state = "held"
    assert refused(add_make_up, db, planned.cohort, missed, planned.plan(1), after=1) == "held_on"
    made_up = add_make_up(db, planned.cohort, missed, planned.plan(3), after=1)
    made_up.state = "held"
    with pytest.raises(AppError, match="makes up for another"):
        add_make_up(db, planned.cohort, made_up, planned.plan(4), after=2)
    made_up.state = "planned"
    assert refused(planned.change, made_up, held_on=FIRST + DAY) == "held_on"
    assert [line.make_up_of for line in list_session_lines(db, planned.cohort)] == [None, 1]


@pytest.fixture
def own_engine(engine, tmp_path):
    """A database of its own, whose work is committed."""
    url = f"sqlite:///{tmp_path / 'sessions.db'}"
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE sessions_at_once"))
        url = engine.url.set(database="sessions_at_once").render_as_string(hide_password=False)
    upgrade(url)
    own = make_engine(url)
    yield own
    own.dispose()


def test_two_officers_at_once_add_a_schedule_once_and_never_the_same_trainer_twice(own_engine):
    info = {"actor": ACTOR, "keys": KEYS}
    with transaction(own_engine, **info) as db:
        programme = Programme(code="pi", name_ko="교육", name_en="Training", created_at=now())
        db.add(programme)
        db.flush()
        for code in ("A", "B"):
            Planned(db, programme, code)
    outcomes, ready = [], threading.Barrier(3)

    def add(code):
        ready.wait()
        try:
            with transaction(own_engine, **info) as db:
                cohort, trainer = db.query(Cohort).filter_by(code=code).one(), db.query(Trainer).filter_by(code="T1").one()
                plans = [Planned.plan(None, days, trainer=trainer) for days in (0, 2, 4)]
                outcomes.append(len(add_sessions(db, cohort, plans, after=0)))
        except AppError:
            outcomes.append(0)

    threads = [threading.Thread(target=add, args=(code,)) for code in ("A", "A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(own_engine, **info) as db:
        assert sorted(outcomes) == [0, 0, 3]
        assert db.query(TrainingSession).count() == 3
