"""The time of day, in one place so that tests can set it."""

import datetime as dt

SEOUL = dt.timezone(dt.timedelta(hours=9))


def now() -> dt.datetime:
    """Return this instant in UTC, to the second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def today() -> dt.date:
    """Return today's date in Seoul, where the programmes are."""
    return dt.datetime.now(SEOUL).date()
