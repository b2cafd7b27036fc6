"""Dates and times of expressions: wall-clock time in Seoul without a zone, written and read as ODK does."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

from evalapp.xform.faults import N_, FormError

SEOUL = ZoneInfo("Asia/Seoul")
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock time, as everywhere in this package
DAY = dt.timedelta(days=1)
DATE = re.compile(r"(\d{1,4})-(\d{1,2})-(\d{1,2})")
TIME = re.compile(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d+))?)?(Z|[+-]\d{2}(?::?\d{2})?)?")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def in_seoul(moment: dt.datetime) -> dt.datetime:
    """Return the wall-clock time in Seoul at a moment that knows its zone."""
    return moment.astimezone(SEOUL).replace(tzinfo=None)


def midnight(moment: dt.datetime) -> dt.datetime:
    """Return the beginning of the day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def day_number(moment: dt.datetime) -> int:
    """Return whole days since 1970-01-01."""
    return (midnight(moment) - EPOCH).days


def decimal_days(moment: dt.datetime) -> float:
    """Return days since the epoch with their fraction, counted in UTC as decimal-date-time() does."""
    return round(moment.replace(tzinfo=SEOUL).timestamp() * 1000) / 86_400_000


def from_decimal_days(days: float) -> dt.datetime:
    """Return the time in Seoul at a number of days since the epoch in UTC."""
    return in_seoul(dt.datetime.fromtimestamp(0, dt.UTC) + dt.timedelta(milliseconds=int(days * 86_400_000)))


def iso_date(moment: dt.datetime) -> str:
    """Return the day as 2026-09-01."""
    return moment.date().isoformat()


def iso_datetime(moment: dt.datetime) -> str:
    """Return the moment with Seoul's offset, as 2026-09-01T09:30:00.000+09:00."""
    return moment.replace(tzinfo=SEOUL).isoformat(timespec="milliseconds")


def iso_time(moment: dt.datetime) -> str:
    """Return the time of day with Seoul's offset, as 09:30:00.000+09:00."""
    return iso_datetime(moment).partition("T")[2]


def parse_moment(text: str) -> dt.datetime:
    """Read a date, or a date with a time after T; an offset is turned into Seoul's."""
    day, _, time = text.partition("T")
    found = DATE.fullmatch(day.strip())
    if found:
        try:
            moment = dt.datetime(int(found[1]), int(found[2]), int(found[3]))  # noqa: DTZ001 - wall-clock time
            return parse_time(time, moment) if time else moment
        except (ValueError, OverflowError):
            pass
    raise FormError(N_("“%(text)s” is not a date. Write year, month and day, for example 2026-09-01."), text=text)


def parse_time(text: str, day: dt.datetime) -> dt.datetime:
    """Read a time of day, 9:30 or 09:30:00.000+09:00, on the given day; ValueError where it is none."""
    found = TIME.fullmatch(text)
    if not found:
        raise ValueError(text)
    fraction = int(f"{found[4] or ''}000000"[:6])
    moment = day.replace(hour=int(found[1]), minute=int(found[2]), second=int(found[3] or 0), microsecond=fraction)
    if not (zone := found[5]):
        return moment
    offset = dt.timedelta()
    if zone != "Z":
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (-1 if zone[0] == "-" else 1)
    return in_seoul(moment.replace(tzinfo=dt.timezone(offset)))


def format_moment(moment: dt.datetime, pattern: str) -> str:
    """Write a moment by ODK's signs: %Y %y %m %n %b %d %e %H %h %M %S %3 %a %W and %%."""
    written = {
        "%": "%",
        "Y": f"{moment.year:04d}",
        "y": f"{moment.year % 100:02d}",
        "m": f"{moment.month:02d}",
        "n": str(moment.month),
        "b": MONTHS[moment.month - 1],
        "d": f"{moment.day:02d}",
        "e": str(moment.day),
        "H": f"{moment.hour:02d}",
        "h": str(moment.hour),
        "M": f"{moment.minute:02d}",
        "S": f"{moment.second:02d}",
        "3": f"{moment.microsecond // 1000:03d}",
        "a": WEEKDAYS[moment.weekday()],
        "W": str(moment.isocalendar().week),
    }
    return re.sub(r"%(.?)", lambda sign: _sign(sign[1], written), pattern, flags=re.DOTALL)


def _sign(sign: str, written: dict[str, str]) -> str:
    if sign not in written:
        raise FormError(
            N_("%%%(sign)s is not a sign of a date format. Use %%Y %%m %%d %%H %%M %%S and the others of ODK."), sign=sign
        )
    return written[sign]
