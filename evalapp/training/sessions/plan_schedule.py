"""A schedule from its rule: which days, at what time, with which module; and the days it skips."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evalapp.core.errors import AppError
from evalapp.core.language import Message

MOST_SESSIONS = 60
MOST_WEEKS = 104


@dataclass(frozen=True)
class Recurrence:
    """The rule of a schedule: from a day on, on these weekdays (0 is Monday) every so many weeks, one module after the other.

    A session for each entry of `modules`, in their order.
    """

    first_on: dt.date
    weekdays: frozenset[int]
    every_weeks: int
    modules: tuple[str, ...]


@dataclass(frozen=True)
class PlannedDay:
    """A day of the schedule and what is taught on it."""

    held_on: dt.date
    module: str


@dataclass(frozen=True)
class SkippedDay:
    """A day of the rule on which there is no training, and why."""

    day: dt.date
    reason: str | Message


@dataclass(frozen=True)
class Schedule:
    """What a rule comes to."""

    days: tuple[PlannedDay, ...]
    skipped: tuple[SkippedDay, ...]


def last_day_of(rule: Recurrence) -> dt.date:
    """Return the last day that a schedule can reach."""
    return rule.first_on + dt.timedelta(weeks=MOST_WEEKS)


def plan_schedule(rule: Recurrence, closed: Mapping[dt.date, str], taken: Collection[dt.date] = ()) -> Schedule:
    """Lay the modules on the days of the rule, leaving out closed days and days on which the cohort has a session already."""
    if not rule.weekdays or not rule.modules:
        raise AppError(Message("Choose at least one weekday and one session."))
    if len(rule.modules) > MOST_SESSIONS:
        raise AppError(Message("At most %(most)s sessions are planned at once.", most=MOST_SESSIONS))
    already = Message("The cohort has a session on this day.")
    left = list(rule.modules)
    days: list[PlannedDay] = []
    skipped: list[SkippedDay] = []
    for day in _days_of(rule):
        if not left:
            return Schedule(tuple(days), tuple(skipped))
        if day in closed:
            skipped.append(SkippedDay(day, closed[day]))
        elif day in taken:
            skipped.append(SkippedDay(day, already))
        else:
            days.append(PlannedDay(day, left.pop(0)))
    if left:
        raise AppError(Message("The schedule would last more than two years. Choose more weekdays or fewer sessions."))
    return Schedule(tuple(days), tuple(skipped))


def _days_of(rule: Recurrence) -> Sequence[dt.date]:
    monday = rule.first_on - dt.timedelta(days=rule.first_on.weekday())
    weeks = range(0, MOST_WEEKS, rule.every_weeks)
    days = (monday + dt.timedelta(weeks=week, days=weekday) for week in weeks for weekday in sorted(rule.weekdays))
    return [day for day in days if day >= rule.first_on]
