"""A schedule from its rule: the days it takes, and those it leaves out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.core.errors import AppError, NotFound
from evalapp.training.sessions.closed_days import (
    add_closed_day,
    holidays_of,
    list_closed_days,
    list_own_closed_days,
    open_closed_day,
)
from evalapp.training.sessions.plan_schedule import MOST_SESSIONS, MOST_WEEKS, Recurrence, plan_schedule
from tests.people.registered import actions

DAY = dt.timedelta(days=1)
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31))
RULES = st.builds(
    Recurrence,
    DAYS,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from((1, 2)),
    st.lists(st.sampled_from(("m1", "m2", "m3")), min_size=1, max_size=20).map(tuple),
)
# Public holidays as the government announced them, by their sources other than the library: the decree and its yearly calendar.
LUNAR_NEW_YEAR_2026 = {dt.date(2026, 2, day) for day in (16, 17, 18)}
LUNAR_NEW_YEAR_2027 = {dt.date(2027, 2, day) for day in (6, 7, 8, 9)}  # the 7th is a Sunday: one more day
SUBSTITUTES = {
    dt.date(2024, 2, 12),
    dt.date(2024, 5, 6),
    dt.date(2025, 3, 3),
    dt.date(2025, 10, 8),
    dt.date(2026, 3, 2),
    dt.date(2026, 8, 17),
}
WORKDAYS = {dt.date(2026, 2, 19), dt.date(2026, 2, 13), dt.date(2027, 2, 10), dt.date(2026, 11, 23), dt.date(2025, 4, 1)}


@given(RULES, st.data())
def test_a_schedule_keeps_its_rule(rule, data):
    span = [rule.first_on + n * DAY for n in range(120)]
    closed = dict.fromkeys(data.draw(st.sets(st.sampled_from(span), max_size=30)), "closed")
    taken = data.draw(st.sets(st.sampled_from(span), max_size=10))
    found = plan_schedule(rule, closed, taken)
    days = [day.held_on for day in found.days]
    assert [day.module for day in found.days] == list(rule.modules), "each in its order, none left out"
    assert days == sorted(set(days))
    assert days[0] >= rule.first_on
    assert {day.weekday() for day in days} <= rule.weekdays
    assert not {*days} & ({*closed} | taken)
    weeks = {(day - rule.first_on + rule.first_on.weekday() * DAY).days // 7 for day in days}
    assert {week % rule.every_weeks for week in weeks} == {0}
    between = (rule.first_on + n * DAY for n in range((days[-1] - rule.first_on).days + 1))
    of_the_rule = {
        day
        for day in between
        if day.weekday() in rule.weekdays and not (day - rule.first_on + rule.first_on.weekday() * DAY).days // 7 % rule.every_weeks
    }
    assert of_the_rule == {*days} | {day.day for day in found.skipped}, "no day of the rule is passed over in silence"


def test_holidays_and_their_substitutes_are_left_out():
    for first, away in ((dt.date(2026, 2, 9), LUNAR_NEW_YEAR_2026), (dt.date(2027, 2, 1), LUNAR_NEW_YEAR_2027)):
        rule = Recurrence(first, frozenset(range(7)), 1, ("m1",) * 12)
        found = plan_schedule(rule, holidays_of(first.year, "en"))
        assert {day.day for day in found.skipped} == away
    closed = {day for year in range(2024, 2029) for day in holidays_of(year, "ko")}
    assert closed >= SUBSTITUTES
    assert not closed & WORKDAYS
    assert holidays_of(2026, "ko")[dt.date(2026, 2, 17)] == "설날"


@pytest.mark.parametrize(
    ("weekdays", "modules", "closed"),
    [((), ("m1",), 0), ((1,), (), 0), ((1,), ("m1",) * (MOST_SESSIONS + 1), 0), ((1,), ("m1",), MOST_WEEKS + 1)],
)
def test_a_rule_that_comes_to_nothing_is_refused(weekdays, modules, closed):
    first = dt.date(2026, 11, 24)
    shut = {first + n * 7 * DAY: "closed" for n in range(closed)}
    with pytest.raises(AppError):
        plan_schedule(Recurrence(first, frozenset(weekdays), 1, modules), shut)


def test_a_programme_closes_days_of_its_own(db, programme):
    day = dt.date(2026, 11, 24)
    add_closed_day(db, programme, day, "the building is closed")
    with pytest.raises(AppError):
        add_closed_day(db, programme, day, "the building is closed")
    assert list_closed_days(db, programme.id, day, day + 40 * DAY, "en") == {
        day: "the building is closed",
        dt.date(2026, 12, 25): "Christmas Day",
        dt.date(2027, 1, 1): "New Year's Day",
    }
    open_closed_day(db, programme, day)
    assert list_own_closed_days(db, programme.id) == []
    with pytest.raises(NotFound):
        open_closed_day(db, programme, day)
    assert actions(db)[-2:] == ["day_closed", "day_opened"]
