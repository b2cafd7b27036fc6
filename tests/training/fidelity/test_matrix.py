"""The matrix of attendance against one counted by hand, and what holds of every one."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.training.enrolments.minutes import HeldSession, Minutes, count_minutes
from evalapp.training.fidelity.matrix import Mark, Meeting, Member, build_matrix, count_in_a_row
from evalapp.training.fidelity.measures import (
    Adherence,
    Agreement,
    Count,
    Rating,
    TraitChange,
    add_up,
    average,
    compare_raters,
    measure_change,
)
from evalapp.training.tables import ATTENDANCE, ATTENDED

DAY = dt.date(2026, 3, 1)
TODAY = dt.date(2026, 3, 20)
CLOSE = 1e-12  # sums of a few numbers
PRESENT, LATE, AWAY, EXCUSED = Mark("present", 100), Mark("late", 70), Mark("unexcused", 0), Mark("excused", 0)


def meeting(number, state="held", *, planned=100, make_up_of=None, day=None):
    return Meeting(number, number, DAY + dt.timedelta(days=day or number), state, planned, "m", make_up_of)


# Six sessions of 100 minutes: the third was cancelled, the fifth makes up for the second, the sixth is to come.
MEETINGS = [meeting(1), meeting(2), meeting(3, "cancelled"), meeting(4), meeting(5, make_up_of=2), meeting(6, "planned", day=25)]


def row_of(marks, *, stage="active", enrolled_on=None, meetings=MEETINGS):
    return build_matrix(meetings, [Member(1, "PI-1", stage, enrolled_on)], {1: marks}, TODAY).rows[0]


@pytest.mark.parametrize(
    ("marks", "statuses", "minutes", "came", "excused"),
    [
        ({1: PRESENT, 2: PRESENT, 4: LATE}, ["present", "present", "cancelled", "late"], (270, 300), (3, 3), 0),
        (
            {1: PRESENT, 2: AWAY, 4: AWAY, 5: Mark("late", 60)},
            ["present", "made_up", "cancelled", "unexcused"],
            (160, 300),
            (2, 3),
            0,
        ),
        ({1: PRESENT, 2: LATE, 4: EXCUSED, 5: PRESENT}, ["present", "late", "cancelled", "excused"], (200, 300), (2, 3), 1),
        ({}, ["not_marked", "not_marked", "cancelled", "not_marked"], (0, 300), (0, 3), 0),
        ({1: PRESENT, 3: PRESENT}, ["present", "not_marked", "cancelled", "not_marked"], (100, 300), (1, 3), 0),
    ],
)
def test_a_row_is_counted_as_by_hand(marks, statuses, minutes, came, excused):
    row = row_of(marks)
    assert [cell.status for cell in row.cells] == statuses
    assert (row.minutes, row.planned, row.came, row.excused) == (Minutes(*minutes), 400, Count(*came), excused)


def test_what_was_before_the_enrolment_counts_for_nothing():
    row = row_of({1: AWAY, 2: AWAY, 4: PRESENT}, enrolled_on=DAY + dt.timedelta(days=4))
    assert [cell.status for cell in row.cells] == ["before", "before", "cancelled", "present"]
    assert (row.minutes, row.planned, row.came, row.in_a_row) == (Minutes(100, 100), 200, Count(1, 1), 0)


def test_a_session_of_the_past_that_nobody_ended_is_shown_and_not_counted_and_one_to_come_is_not_shown():
    meetings = [meeting(1), meeting(2, "planned"), meeting(3, "planned", day=25)]
    matrix = build_matrix(meetings, [Member(1, "PI-1", "active")], {1: {1: PRESENT, 2: PRESENT}}, TODAY)
    assert [m.number for m in matrix.columns] == [1, 2]
    assert (matrix.rows[0].minutes, matrix.rows[0].planned) == (Minutes(100, 100), 300)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], (0, 0)),
        (["unexcused"] * 3, (3, 0)),
        (["present", "unexcused", "excused", "unexcused"], (3, 1)),
        (["unexcused", "unexcused", "unexcused", "left_early"], (0, 0)),
        (["unexcused", "cancelled", "unexcused", "not_marked", "excused"], (3, 1)),
        (["unexcused", "made_up", "unexcused", "unexcused"], (2, 0)),
    ],
)
def test_absences_in_a_row_are_counted_from_the_last_session_back(statuses, expected):
    assert count_in_a_row(statuses) == expected


def test_the_alert_is_about_people_in_training_only():
    meetings = [meeting(number) for number in (1, 2, 3)]
    marks = {1: AWAY, 2: EXCUSED, 3: AWAY}
    assert row_of(marks, meetings=meetings).is_alert
    assert not row_of(marks, meetings=meetings, stage="withdrawn").is_alert
    assert not row_of({**marks, 3: LATE}, meetings=meetings).is_alert
    assert not row_of({1: AWAY, 2: AWAY}, meetings=meetings).is_alert


states = st.sampled_from(("held", "cancelled", "planned"))
statuses = st.none() | st.sampled_from(ATTENDANCE)
cohorts = st.lists(st.tuples(states, st.integers(1, 200), st.booleans(), statuses), max_size=7)


@given(cohorts, st.integers(0, 8), st.randoms())
def test_no_share_is_above_one_no_cancelled_session_counts_and_the_order_says_nothing(sessions, first, random):
    meetings = [
        meeting(number, state, planned=planned, make_up_of=number - 1 if makes_up and number > 1 else None)
        for number, (state, planned, makes_up, _) in enumerate(sessions, start=1)
    ]
    marks = {
        number: Mark(status, 250 if status in ATTENDED else 0)
        for number, (*_, status) in enumerate(sessions, start=1)
        if status is not None
    }
    enrolled_on = DAY + dt.timedelta(days=first)
    row = row_of(marks, enrolled_on=enrolled_on, meetings=meetings)
    assert 0 <= row.minutes.attended <= row.minutes.planned <= row.planned
    assert 0 <= row.came.part <= row.came.whole
    without = [m for m in meetings if m.state != "cancelled"]
    bare = row_of(marks, enrolled_on=enrolled_on, meetings=without)
    assert (bare.minutes, bare.planned, bare.came, bare.in_a_row) == (row.minutes, row.planned, row.came, row.in_a_row)
    held = [HeldSession(m.id, m.held_on, m.planned_minutes, m.make_up_of_id) for m in meetings if m.state == "held"]
    attended = {number: mark.minutes for number, mark in marks.items() if mark.status in ATTENDED}
    assert row.minutes == count_minutes(held, attended, enrolled_on)
    random.shuffle(meetings)
    assert row_of(marks, enrolled_on=enrolled_on, meetings=meetings) == row


def test_adherence_adds_items_and_not_percentages():
    assert (Adherence(3, 4, 1).share, Adherence(0, 0).share) == (0.75, None)
    assert add_up([Adherence(3, 4, 1), Adherence(1, 6)]) == Adherence(4, 10, 1)
    assert add_up([]) == Adherence(0, 0)


def test_raters_are_compared_within_their_session():
    sessions = [
        [Rating("trainer", 5, 4), Rating("observer", 4, 4)],  # 1 apart, the same
        [Rating("trainer", 5, 5), Rating("trainer", 3, 3), Rating("observer", 3, 2)],  # 2, 3 apart; the same, 1 apart
        [Rating("trainer", 1, 1)],
    ]
    assert compare_raters(sessions) == Agreement(pairs=6, same=2, near=4)
    assert compare_raters([]) == Agreement()
    found = average([Rating("trainer", 5, 4), Rating("trainer", 2, 3)])
    assert (found.n, found.engagement, found.quality) == (2, 3.5, 3.5)
    assert average([]).engagement is None


def test_a_change_counts_people_and_not_ratings():
    pairs = [(person, 2, 4) for person in range(5)] + [(0, 4, 4)]  # two trainers rated the first person
    found = measure_change(pairs)
    assert (found.n, found.change.n) == (5, 5)
    assert found.start == pytest.approx((3 + 4 * 2) / 5, abs=CLOSE)
    assert found.change.mean == pytest.approx((1 + 4 * 2) / 5, abs=CLOSE)
    assert found.change.conf_low < found.change.mean < found.change.conf_high


def test_of_few_people_nothing_is_said_but_how_many():
    assert measure_change([(person, 1, 5) for person in range(4)]) == TraitChange(4)
