"""Sessions as an iCalendar file (RFC 5545), as calendar programs subscribe to it. It names no person and no programme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import icalendar

from evalapp.core.language import Message
from evalapp.training.sessions.queries import SessionLine

PRODUCT = "-//evalapp//sessions//EN"
REFRESH = dt.timedelta(hours=1)
# When a session that never changed was last changed: before everything, so that a change is always later.
UNCHANGED_SINCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def write_calendar(lines: Sequence[SessionLine], language: str, reader: str = "") -> bytes:
    """Return an iCalendar file of sessions. An event keeps its UID while it is moved; a cancelled one says so.

    `reader` is the trainer whose calendar it is: what a substitute leads instead of them does not make them busy.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", Message("Sessions").within(language))
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for line in lines:
        calendar.add_component(_event(line, language, is_replaced=line.lead == reader and line.substitute is not None))
    return bytes(calendar.to_ical())


def _event(line: SessionLine, language: str, *, is_replaced: bool) -> icalendar.Event:
    event = icalendar.Event()
    facts = {"number": line.number, "cohort": line.cohort_code}
    title = Message("Session %(number)s, %(cohort)s: a substitute leads it", **facts)
    event.add("uid", f"session-{line.id}@evalapp")
    event.add("summary", (title if is_replaced else Message("Session %(number)s, %(cohort)s", **facts)).within(language))
    if line.starts_at is None:
        event.add("dtstart", line.held_on)
        event.add("dtend", line.held_on + dt.timedelta(days=1))
    else:
        begins = line.starts_at.astimezone(dt.UTC)
        event.add("dtstart", begins)
        event.add("dtend", begins + dt.timedelta(minutes=line.planned_minutes))
    event.add("dtstamp", line.changed_at or UNCHANGED_SINCE)
    event.add("sequence", line.changes)
    event.add("status", "CANCELLED" if line.state == "cancelled" else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if is_replaced else "OPAQUE")
    return event
