"""Dates and times."""

from __future__ import annotations

import datetime as dt
import math

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.dates import DAY, EPOCH, decimal_days, format_moment, from_decimal_days, midnight, parse_moment
from evalapp.xform.xpath.functions.numbers import whole
from evalapp.xform.xpath.functions.registry import Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Result, plain, text

MOST_DAYS = 2_900_000  # the year 9909: the calendar of Python ends with 9999
LEAST_DAYS = -719_162


def moment(scope: Scope, result: Result, *, with_time: bool) -> str | float | dt.datetime:
    """Return a result as a date; empty text and NaN stay what they are."""
    value = plain(result)
    if isinstance(value, dt.datetime):
        return value if with_time else midnight(value)
    if isinstance(value, str):
        return parse_moment(value) if value else value
    days = value if with_time else whole(scope, value)
    if isinstance(days, bool) or math.isinf(days) or not (math.isnan(days) or LEAST_DAYS < days < MOST_DAYS):
        raise FormError(N_("%(value)s cannot be turned into a date."), value=text(value))
    if math.isnan(days):
        return days
    return from_decimal_days(days) if with_time else EPOCH + days * DAY


def _formatted(scope: Scope, value: Result, pattern: Result) -> str:
    when = moment(scope, value, with_time=True)
    return format_moment(when, text(pattern)) if isinstance(when, dt.datetime) else ""


def _decimal_date_time(scope: Scope, value: Result) -> str | float:
    given = plain(value)
    when = given if isinstance(given, float) else moment(scope, given, with_time=True)
    return decimal_days(when) if isinstance(when, dt.datetime) else when


def _decimal_time(scope: Scope, value: Result) -> str | float:
    given = plain(value)
    if isinstance(given, float) and not math.isnan(given):
        return given - math.floor(given)
    when = moment(scope, given, with_time=True)
    return (when - midnight(when)) / DAY if isinstance(when, dt.datetime) else when


FUNCTIONS = {
    "today": Function(lambda scope: midnight(scope.around.now()), 0, 0),
    "now": Function(lambda scope: scope.around.now(), 0, 0),
    "date": Function(lambda scope, value: moment(scope, value, with_time=False), 1, 1),
    "date-time": Function(lambda scope, value: moment(scope, value, with_time=True), 1, 1),
    "format-date": Function(_formatted, 2, 2),
    "format-date-time": Function(_formatted, 2, 2),
    "decimal-date-time": Function(_decimal_date_time, 1, 1),
    "decimal-time": Function(_decimal_time, 1, 1),
}
