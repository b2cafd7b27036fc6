"""Marks from devices: each counts once, a contradiction is kept and settled, and only who should be there can be marked."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from evalapp.core.actor import Actor
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.training.attendance.check_marking import NotNow, Permit
from evalapp.training.attendance.queries import list_open_taps
from evalapp.training.attendance.record_taps import MOST_TAPS, TooManyTaps, record_taps
from evalapp.training.attendance.tables import AttendanceTap
from evalapp.training.attendance.write_notes import Note, write_notes
from evalapp.training.tables import Attendance
from tests.people.registered import actions, after
from tests.training.attendance.taught import DAY, PLANNED, Taught

REASON = "list found in the paper folder"


@pytest.fixture
def taught(db, programme):
    return Taught(db, programme, people=3)


def acting(db, account):
    db.info["actor"] = Actor(account, "trainer", "127.0.0.1", "request")


def outcomes(taken):
    return [each.outcome for each in taken]


def stored(db, table=Attendance):
    return db.scalar(select(func.count()).select_from(table))


def test_a_batch_is_recorded_with_the_minutes_of_each_status_and_one_audit_entry(db, taught):
    one, two, three = taught.people
    taps = [taught.tap(one, "present"), taught.tap(two, "late"), taught.tap(three, "unexcused")]
    assert outcomes(record_taps(db, taught.session, taps)) == ["taken"] * 3
    marks = [taught.mark(person) for person in taught.people]
    assert [(mark.status, mark.minutes, mark.version) for mark in marks] == [
        ("present", PLANNED, 1), ("late", PLANNED - 15, 1), ("unexcused", 0, 1),
    ]  # fmt: skip
    (entry,) = actions(db, "attendance_marked")
    assert after(entry) == {"taken": 3}
    assert entry.object_key == str(taught.session.id)


def test_a_tap_sent_twice_counts_once_and_says_so_both_times(db, taught):
    tap = taught.tap(taught.people[0], "present")
    assert outcomes(record_taps(db, taught.session, [tap])) == ["taken"]
    assert outcomes(record_taps(db, taught.session, [tap, tap])) == ["taken", "taken"]
    assert (taught.mark(taught.people[0]).version, stored(db, AttendanceTap), stored(db)) == (1, 1, 1)
    assert len(actions(db, "attendance_marked")) == 1


def test_the_same_key_for_somebody_else_is_refused(db, taught):
    one, two, _ = taught.people
    tap = taught.tap(one, "present")
    record_taps(db, taught.session, [tap])
    (taken,) = record_taps(db, taught.session, [taught.tap(two, "present", key=tap.key)])
    assert taken.outcome == "refused"
    assert taught.mark(two).status is None


def test_what_is_stored_already_is_taken_silently_though_it_saw_an_older_version(db, taught):
    person = taught.people[0]
    record_taps(db, taught.session, [taught.tap(person, "late", minutes=120)])
    acting(db, "AC-B")
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, "late", minutes=120)])) == ["taken"]
    assert taught.mark(person).version == 1
    assert list_open_taps(db, taught.session) == {}
    assert len(actions(db, "attendance_marked")) == 1


def test_a_mark_on_an_older_version_that_says_something_else_changes_nothing_and_is_kept(db, taught):
    person = taught.people[0]
    acting(db, "AC-A")
    record_taps(db, taught.session, [taught.tap(person, "late")])
    acting(db, "AC-B")
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, "present")])) == ["conflict"]
    mark, (waiting,) = taught.mark(person), list_open_taps(db, taught.session)[person.id]
    assert (mark.status, mark.account) == ("late", "AC-A")
    assert (waiting.status, waiting.minutes, waiting.account) == ("present", PLANNED, "AC-B")


@pytest.mark.parametrize("choice", ["late", "present"])
def test_a_conflict_is_settled_with_one_tap_by_anybody(db, taught, choice):
    person = taught.people[0]
    acting(db, "AC-A")
    record_taps(db, taught.session, [taught.tap(person, "late")])
    acting(db, "AC-B")
    record_taps(db, taught.session, [taught.tap(person, "present")])
    acting(db, "AC-OFFICER")
    settling = taught.tap(person, choice, seen=1, settles=True)
    assert outcomes(record_taps(db, taught.session, [settling])) == ["taken"]
    assert taught.mark(person).status == choice
    assert list_open_taps(db, taught.session) == {}
    assert after(actions(db, "attendance_marked")[-1])["settled"] == 1


def test_two_who_settle_differently_at_once_make_a_new_conflict(db, taught):
    person = taught.people[0]
    for account, status in (("AC-A", "late"), ("AC-B", "present"), ("AC-C", "excused")):
        acting(db, account)
        record_taps(db, taught.session, [taught.tap(person, status)])
    record_taps(db, taught.session, [taught.tap(person, "present", seen=1, settles=True)])
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, "excused", seen=1, settles=True)])) == ["conflict"]
    assert taught.mark(person).status == "present"
    assert [tap.status for tap in list_open_taps(db, taught.session)[person.id]] == ["excused"]


def test_whoever_marks_anew_takes_back_their_own_contradiction_and_nobody_elses(db, taught):
    person = taught.people[0]
    for account, status in (("AC-A", "late"), ("AC-B", "present"), ("AC-C", "excused")):
        acting(db, account)
        record_taps(db, taught.session, [taught.tap(person, status)])
    acting(db, "AC-B")
    record_taps(db, taught.session, [taught.tap(person, "late", seen=1)])
    assert [tap.account for tap in list_open_taps(db, taught.session)[person.id]] == ["AC-C"]


def test_a_mark_is_taken_away_and_the_versions_go_on(db, taught):
    person = taught.people[0]
    record_taps(db, taught.session, [taught.tap(person, "present")])
    record_taps(db, taught.session, [taught.tap(person, None, seen=1)])
    assert (taught.mark(person).status, taught.mark(person).version, stored(db)) == (None, 2, 0)
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, "late", seen=1)])) == ["conflict"]
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, "late", seen=2)])) == ["taken"]
    assert taught.mark(person).version == 3


def test_a_mark_from_an_import_is_changed_like_any_other(db, taught):
    person = taught.people[0]
    taught.add(Attendance(session_id=taught.session.id, entrepreneur_id=person.id, status="present", minutes=PLANNED))
    assert outcomes(record_taps(db, taught.session, [taught.tap(person, None, seen=1)])) == ["taken"]
    assert taught.mark(person).version == 2


def test_a_mark_with_a_note_is_not_taken_away(db, taught):
    person = taught.people[0]
    record_taps(db, taught.session, [taught.tap(person, "present")])
    write_notes(db, taught.session, {taught.number(person): Note("left her bag", "")})
    (taken,) = record_taps(db, taught.session, [taught.tap(person, None, seen=1)])
    assert (taken.outcome, "note" in str(taken.fault)) == ("refused", True)
    assert taught.mark(person).status == "present"


@pytest.mark.parametrize(
    ("status", "minutes", "outcome"),
    [
        ("present", PLANNED, "taken"), ("late", 1, "taken"), ("left_early", PLANNED, "taken"), ("excused", 0, "taken"),
        ("present", 0, "refused"), ("late", PLANNED + 1, "refused"), ("late", -1, "refused"), ("unexcused", 10, "refused"),
        ("absent", None, "refused"), ("", None, "refused"),
    ],
)  # fmt: skip
def test_status_and_minutes_fit_each_other_and_the_session(db, taught, status, minutes, outcome):
    assert outcomes(record_taps(db, taught.session, [taught.tap(taught.people[0], status, minutes=minutes)])) == [outcome]
    assert stored(db) == (outcome == "taken")


@pytest.mark.parametrize("change", [{"key": "short"}, {"key": "x" * 65}, {"key": "with spaces in the key"}, {"seen": -1}])
def test_a_damaged_tap_is_refused_and_the_others_are_taken(db, taught, change):
    taps = [taught.tap(taught.people[0], "present", **change), taught.tap(taught.people[1], "present")]
    assert outcomes(record_taps(db, taught.session, taps)) == ["refused", "taken"]


def test_nobody_outside_of_the_roster_is_marked(db, programme, taught):
    other = Taught(db, programme, people=1, code="B", trainers=("T3",), accounts=(None,))
    stranger = other.tap(other.people[0], "present")
    (taken,) = record_taps(db, taught.session, [stranger])
    assert (taken.outcome, stored(db)) == ("refused", 0)


def test_a_device_whose_clock_runs_ahead_marks_no_later_than_now(db, taught):
    person = taught.people[0]
    record_taps(db, taught.session, [taught.tap(person, "present", at=now() + 3 * DAY)])
    assert taught.mark(person).at <= now()


def test_too_many_at_once_are_refused_as_a_whole(db, taught):
    taps = [taught.tap(taught.people[0], "present") for _ in range(MOST_TAPS + 1)]
    with pytest.raises(TooManyTaps):
        record_taps(db, taught.session, taps)


def test_a_cancelled_session_is_not_marked(db, taught):
    taught.session.state = "cancelled"
    with pytest.raises(NotNow, match="cancelled"):
        record_taps(db, taught.session, [taught.tap(taught.people[0], "present")])


@pytest.mark.parametrize(
    ("days", "permit", "message"),
    [
        (1, Permit(), "from the day"),
        (1, Permit(at_any_time=True, reason=REASON), "from the day"),
        (0, Permit(), None),
        (-14, Permit(), None),
        (-15, Permit(), "until 14 days"),
        (-15, Permit(reason=REASON), "until 14 days"),
        (-15, Permit(at_any_time=True), "in a few words"),
        (-15, Permit(at_any_time=True, reason=REASON), None),
    ],
)
def test_trainers_mark_for_two_weeks_and_officers_later_with_a_reason(db, programme, days, permit, message):
    taught = Taught(db, programme, people=1, held_on=today() + days * DAY)
    taps = [taught.tap(taught.people[0], "present")]
    if message:
        with pytest.raises(AppError, match=message):
            record_taps(db, taught.session, taps, permit)
        assert stored(db) == 0
    else:
        record_taps(db, taught.session, taps, permit)
        assert actions(db, "attendance_marked")[0].reason == (REASON if days < -14 else "")


STATUSES = ("present", "late", "left_early", "excused", "unexcused", None)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(STATUSES), st.booleans()), max_size=12), st.randoms())
def test_whatever_is_sent_again_in_whatever_order_changes_nothing_more(db, taught, pressed, dice):
    """Two trainers tap, each seeing what is stored or what was there at first; afterwards any of it arrives again."""
    person = taught.people[0]
    taps = []
    for account, status, is_up_to_date in pressed:
        acting(db, account)
        taps.append(taught.tap(person, status, seen=taught.mark(person).version if is_up_to_date else 0))
        record_taps(db, taught.session, taps[-1:])
    mark, waiting = taught.mark(person), list_open_taps(db, taught.session)
    again = taps + taps
    dice.shuffle(again)
    record_taps(db, taught.session, again)
    assert (taught.mark(person), list_open_taps(db, taught.session)) == (mark, waiting)
    made = db.scalars(
        select(AttendanceTap.version).where(AttendanceTap.entrepreneur_id == person.id, AttendanceTap.version.is_not(None))
    ).all()
    assert sorted(made) == list(range(1, mark.version + 1)), "every version was made by exactly one tap"
