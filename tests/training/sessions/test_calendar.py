"""Calendars: what a calendar program reads of a trainer's sessions, under which address, and for how long."""

from __future__ import annotations

import datetime as dt

import icalendar
import pytest

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.clock import SEOUL, today
from evalapp.training.sessions.calendar_feeds import GUESSES, end_feed, find_open_feed, find_trainer_by_feed, open_feed
from evalapp.training.sessions.calendar_file import write_calendar
from evalapp.training.sessions.change_session import cancel_session, mark_of
from evalapp.training.sessions.queries import list_lines_of_trainer
from evalapp.training.sessions.session_trainers import add_helper, send_substitute
from evalapp.training.sessions.tables import CalendarFeed
from tests.people.registered import actions
from tests.training.sessions.planned import DAY, FIRST, REASON, Planned

ADDRESS = "127.0.0.1"
LEAST_LETTERS = 32  # of base 32: 160 bits


@pytest.fixture
def planned(db, programme):
    return Planned(db, programme, prefix="KIM-")


def calendar_of(db, trainer):
    """Return a trainer's events by their number in the file, as a calendar program reads them."""
    content = write_calendar(list_lines_of_trainer(db, trainer), "en", trainer.code)
    return icalendar.Calendar.from_ical(content).walk("VEVENT"), content.decode()


def test_an_event_is_the_same_while_it_moves(db, planned):
    session = planned.session(place="Above the church")
    planned.session(1, starts=None)
    (event, whole_day), _ = calendar_of(db, planned.t1)
    begins = dt.datetime.combine(FIRST, dt.time(19), SEOUL)
    assert (event["summary"], event["status"], event["sequence"]) == ("Session 1, A", "CONFIRMED", 0)
    assert (event.start, event.end) == (begins, begins + dt.timedelta(minutes=120))
    assert (whole_day.start, whole_day.end) == (FIRST + DAY, FIRST + 2 * DAY)
    planned.change(session, held_on=FIRST + 2 * DAY, minutes=60)
    _, moved = calendar_of(db, planned.t1)[0]
    assert (moved["uid"], moved.start) == (event["uid"], begins + 2 * DAY)
    assert moved["sequence"] > event["sequence"]
    assert moved["dtstamp"].dt > event["dtstamp"].dt
    cancel_session(db, session, mark_of(session), REASON)
    _, cancelled = calendar_of(db, planned.t1)[0]
    assert (cancelled["uid"], cancelled["status"]) == (event["uid"], "CANCELLED")
    assert cancelled["sequence"] > moved["sequence"]


def test_a_calendar_holds_ones_own_sessions_and_nobodys_name(db, programme, planned):
    led, helped, replaced = (planned.session(days) for days in range(3))
    planned.session(3, trainer=planned.t2, place="Above the church", module="north")
    add_helper(db, helped, planned.t2, "co_trainer")
    send_substitute(db, replaced, planned.t2, mark_of(replaced), "the trainer is ill")
    events, content = calendar_of(db, planned.t2)
    assert [event["summary"] for event in events] == ["Session 2, A", "Session 3, A", "Session 4, A"]
    events, _ = calendar_of(db, planned.t1)
    assert [event["summary"] for event in events] == ["Session 1, A", "Session 2, A", "Session 3, A: a substitute leads it"]
    assert [event["transp"] for event in events] == ["OPAQUE", "OPAQUE", "TRANSPARENT"]
    for word in (programme.name_en, programme.name_ko, "church", "north", "ill", planned.t1.code, planned.t2.code, REASON):
        assert word not in content, word
    assert led.number == 1


def test_an_address_opens_the_calendar_until_it_ends(db, planned):
    planned.session()
    first = open_feed(db, planned.t1)
    assert len(first) >= LEAST_LETTERS
    assert find_open_feed(db, planned.t1).last_read_at is None
    assert find_trainer_by_feed(db, first, ADDRESS) is planned.t1
    assert find_open_feed(db, planned.t1).last_read_at is not None
    second = open_feed(db, planned.t1)
    assert (find_trainer_by_feed(db, first, ADDRESS), find_trainer_by_feed(db, second, ADDRESS)) == (None, planned.t1)
    assert first not in str([feed.token_sha256 for feed in db.query(CalendarFeed)]), "a hash is all that is kept"
    planned.t1.left_on = today() + DAY
    assert find_trainer_by_feed(db, second, ADDRESS) is planned.t1
    planned.t1.left_on = today()
    assert find_trainer_by_feed(db, second, ADDRESS) is None
    planned.t1.left_on = None
    end_feed(db, planned.t1)
    end_feed(db, planned.t1)
    assert find_trainer_by_feed(db, second, ADDRESS) is None
    assert actions(db)[-3:] == ["calendar_opened", "calendar_opened", "calendar_ended"]


def test_nobody_guesses_addresses_without_end(db):
    for number in range(GUESSES.most):
        assert find_trainer_by_feed(db, f"guess{number}", ADDRESS) is None
    with pytest.raises(TooManyAttempts):
        find_trainer_by_feed(db, "guess", ADDRESS)
    assert find_trainer_by_feed(db, "guess", "10.0.0.9") is None
