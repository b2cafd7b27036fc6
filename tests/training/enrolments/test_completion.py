"""The minutes somebody was there for, and the rule that a cohort's completion is held to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.core.errors import AppError
from evalapp.training.enrolments.complete_cohort import complete_cohort, preview_completion
from evalapp.training.enrolments.minutes import HeldSession, Minutes, count_minutes, percent
from evalapp.training.queries import list_enrolments_of
from tests.people.registered import actions, after
from tests.training.enrolments.joining import DAY, START, Joining

PLANNED = (100, 150, 50)
SESSIONS = [HeldSession(number, START + number * DAY, planned) for number, planned in enumerate(PLANNED, start=1)]


@pytest.mark.parametrize(
    ("attended", "enrolled_on", "expected"),
    [
        ({}, None, Minutes(0, 300)),
        ({1: 100, 2: 75, 3: 50}, None, Minutes(225, 300)),
        ({1: 100, 2: 75, 3: 50}, START + 2 * DAY, Minutes(125, 200)),  # what was before the enrolment does not count
        ({1: 100}, START + 9 * DAY, Minutes(0, 0)),
        ({1: 240, 2: 0, 3: 50}, None, Minutes(150, 300)),  # nobody is there for longer than a session lasts
    ],
)
def test_minutes_are_counted_as_by_hand(attended, enrolled_on, expected):
    assert count_minutes(SESSIONS, attended, enrolled_on) == expected


def test_what_was_made_up_counts_for_the_session_that_was_missed():
    make_up = HeldSession(4, START + 8 * DAY, 100, make_up_of_id=1)
    assert count_minutes([*SESSIONS, make_up], {2: 150, 4: 90}) == Minutes(240, 300)
    assert count_minutes([*SESSIONS, make_up], {1: 60, 2: 150, 4: 90}) == Minutes(250, 300)
    instead = HeldSession(5, START + 9 * DAY, 80, make_up_of_id=99)  # the session it is for was not held
    assert count_minutes([*SESSIONS, instead], {5: 80}) == Minutes(80, 380)


@given(
    st.lists(st.tuples(st.integers(1, 300), st.booleans()), max_size=8),
    st.lists(st.integers(0, 400), min_size=8, max_size=8),
    st.integers(0, 9),
    st.randoms(),
)
def test_a_share_is_never_above_one_and_the_order_of_sessions_says_nothing(planned, spent, first, random):
    sessions = [
        HeldSession(n, START + n * DAY, minutes, make_up_of_id=n - 1 if makes_up and n > 1 else None)
        for n, (minutes, makes_up) in enumerate(planned, start=1)
    ]
    attended = dict(enumerate(spent, start=1))
    found = count_minutes(sessions, attended, START + first * DAY)
    assert 0 <= found.attended <= found.planned
    random.shuffle(sessions)
    assert count_minutes(sessions, attended, START + first * DAY) == found


def test_a_rule_that_is_just_met_is_met_and_one_just_missed_is_not_rounded_up():
    assert Minutes(240, 300).meets(0.8)
    assert not Minutes(2399, 3000).meets(0.8)
    assert (percent(2399 / 3000), percent(0.8), percent(1), percent(0.575)) == ("79.9", "80", "100", "57.5")
    assert not Minutes().meets(0.5)


@pytest.fixture
def joining(db, programme):
    joining = Joining(db, programme)
    joining.crowd = joining.people(3)
    joining.move(joining.crowd, "enrolled", cohort=joining.a)
    joining.move(joining.crowd, "active")
    joining.train(joining.crowd, [100, 80, 79])
    return joining


def stages(joining):
    lines = list_enrolments_of(joining.db, joining.programme.id, [person.id for person in joining.crowd])
    return [lines[person.id].stage for person in joining.crowd]


def test_those_who_meet_the_rule_complete_and_the_others_stay_or_end(joining):
    preview = preview_completion(joining.db, joining.a)
    by_name = {line.study_id: (line.minutes.attended, line.completes) for line in preview.lines}
    assert [by_name[person.study_id] for person in joining.crowd] == [(100, True), (80, True), (79, False)]
    assert complete_cohort(joining.db, joining.a, START + 30 * DAY) == (2, 0)
    assert stages(joining) == ["completed", "completed", "active"]
    assert complete_cohort(joining.db, joining.a, START + 31 * DAY, end_others=True) == (0, 1)
    assert stages(joining) == ["completed", "completed", "withdrawn"]
    assert [after(entry)["completed"] for entry in actions(joining.db, "cohort_completed")] == [2, 0]


def test_a_make_up_session_brings_somebody_over_the_line(joining):
    first = joining.train([], [], held_on=START + 3 * DAY)
    joining.train(joining.crowd[2:], [100], held_on=START + 4 * DAY, make_up_of_id=first.id)
    minutes = {line.study_id: line.minutes for line in preview_completion(joining.db, joining.a).lines}
    assert minutes[joining.crowd[2].study_id] == Minutes(179, 200)
    assert minutes[joining.crowd[0].study_id] == Minutes(100, 200)


def test_a_cohort_is_completed_only_after_its_last_session_and_with_people_in_it(joining):
    planned = joining.train([], [], state="planned")
    with pytest.raises(AppError, match="Sessions still to come: 1"):
        complete_cohort(joining.db, joining.a, START + 30 * DAY)
    planned.state = "cancelled"
    complete_cohort(joining.db, joining.a, START + 30 * DAY, end_others=True)
    with pytest.raises(AppError, match=f"goes on until {joining.a.ends_on}"):
        complete_cohort(joining.db, joining.a, joining.a.ends_on - DAY)
    with pytest.raises(AppError, match="Nobody of this cohort is in training"):
        complete_cohort(joining.db, joining.a, START + 30 * DAY)
