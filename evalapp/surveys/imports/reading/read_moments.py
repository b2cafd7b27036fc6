"""Dates and times as tools and computers write them, in whatever order of day and month."""

from __future__ import annotations

import datetime as dt
import re

from evalapp.core.cells import YEARS, BadCell, calendar_date
from evalapp.core.clock import SEOUL
from evalapp.core.faults import shown_entry
from evalapp.core.language import Message

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})")  # Mar 5, 2026
DAY_NAMED = re.compile(r"(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4})")  # 5-Mar-2026
NUMBERED = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")  # 03/05/2026
KOREAN = re.compile(r"(\d{4})년 ?(\d{1,2})월 ?(\d{1,2})일")
YEAR_FIRST = re.compile(r"\d{4}(?:-|\. ?|/)\d{1,2}(?:-|\. ?|/)\d{1,2}\.?")
CLOCK = re.compile(
    r"(?:(AM|PM|오전|오후) ?)?(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?: ?(AM|PM))?(Z|[+-]\d{2}:?(?:\d{2})?)?", re.IGNORECASE
)
AFTERNOON = ("pm", "오후")
HALF_DAY = 12


def read_date(cell: str, order: str = "") -> dt.date:
    """Read a date, or the date of a moment, as it is written. `order` (dmy or mdy) is needed where both numbers could be the month."""
    return _split(cell, order)[0]


def read_moment(cell: str, order: str = "", zone: dt.tzinfo = SEOUL) -> dt.datetime:
    """Read a date with a time; one that does not name its zone is of `zone`. A date alone is its first moment."""
    date, clock = _split(cell, order)
    if not clock:
        return dt.datetime.combine(date, dt.time(), zone)
    found = CLOCK.fullmatch(clock)
    if not found:
        raise _no_date(cell)
    before, hour, minute, second, after, offset = found.groups()
    half = (before or after or "").lower()
    hours = int(hour) % HALF_DAY + HALF_DAY * (half in AFTERNOON) if half else int(hour)
    try:
        time = dt.time(hours, int(minute), int(second or 0))
        return dt.datetime.combine(date, time, _zone(offset) if offset else zone)
    except ValueError:
        raise _no_date(cell) from None


def read_time(cell: str) -> dt.time:
    """Read a time of day, as Seoul's clocks show it."""
    found = CLOCK.fullmatch(cell)
    if not found:
        raise BadCell(
            Message("“%(cell)s” is not a time of day. Write hours and minutes, for example 09:30.", cell=shown_entry(cell))
        )
    return read_moment(f"2000-01-01 {cell}").astimezone(SEOUL).timetz()


def _split(cell: str, order: str) -> tuple[dt.date, str]:
    """Return the date at the beginning of a cell, and the rest."""
    for pattern in (YEAR_FIRST, KOREAN, NAMED, DAY_NAMED, NUMBERED):
        if found := pattern.match(cell):
            date = _date(pattern, found, order, cell)
            if date.year not in YEARS:
                raise _no_date(cell)
            rest = cell[found.end() :]
            if rest and rest[0] not in " T,":
                raise _no_date(cell)
            return date, rest.strip(" T,")
    raise _no_date(cell)


def _date(pattern: re.Pattern[str], found: re.Match[str], order: str, cell: str) -> dt.date:
    if pattern is YEAR_FIRST:
        return calendar_date(found[0])
    try:
        if pattern is KOREAN:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
        if pattern is NUMBERED:
            return _numbered(int(found[1]), int(found[2]), int(found[3]), order, cell)
        month, day = (found[1], found[2]) if pattern is NAMED else (found[2], found[1])
        return dt.date(int(found[3]), MONTHS.index(month.lower()) + 1, int(day))
    except ValueError:
        raise _no_date(cell) from None


def _numbered(first: int, second: int, year: int, order: str, cell: str) -> dt.date:
    if not order and first != second and max(first, second) <= len(MONTHS):
        raise BadCell(
            Message(
                "“%(cell)s” can be two dates. Say for the whole file whether the day or the month comes first.",
                cell=shown_entry(cell),
            )
        )
    day_first = order == "dmy" or (not order and first > len(MONTHS))
    return dt.date(year, second, first) if day_first else dt.date(year, first, second)


def _zone(offset: str) -> dt.timezone:
    if offset in "Zz":
        return dt.UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    away = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return dt.timezone(-away if offset[0] == "-" else away)


def _no_date(cell: str) -> BadCell:
    return BadCell(Message("“%(cell)s” is not a date. Write year, month and day, for example 2026-03-02.", cell=shown_entry(cell)))
