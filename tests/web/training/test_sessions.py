"""Pages of sessions: what a trainer may reach, forms that are refused, a schedule that is added as it was shown, the calendar's address."""

from __future__ import annotations

import datetime as dt
import re

import icalendar
import pytest

from evalapp.core.clock import today
from evalapp.training.sessions.closed_days import add_closed_day
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Trainer, TrainingSession
from tests.training.attendance.taught import Taught, find_programme
from tests.web.site import csrf_token, send
from tests.web.training.classes import give_class

SESSIONS = "/programmes/pi/cohorts/A/sessions"
OTHERS = "/programmes/pi/cohorts/B/sessions"
DAY = dt.timedelta(days=1)
REASON = "the room is taken on that day"


@pytest.fixture
def owner(site):
    return site.account("trainer", programmes=("pi",))


@pytest.fixture
def colleague(site):
    return site.account("trainer", programmes=("pi",))


@pytest.fixture(autouse=True)
def classes(site, owner, colleague):
    """Cohort A with a session of the owner, cohort B with one of the colleague, both today; T-numbers stand in the register."""
    give_class(site, owner, people=2)
    with site.transaction() as db:
        Taught(db, find_programme(db), people=1, code="B", trainers=["T3"], accounts=[colleague])
        for trainer in db.query(Trainer):
            trainer.programme_id = find_programme(db).id


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


def client_of(site, account):
    client = site.app.test_client()
    client.set_cookie("language", "en")
    site.sign_in(client, account)
    return client


def hidden(page):
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))


def fill(client, path, page=None, **fields):
    """Send the form of a page with what it holds hidden."""
    return client.post(path, data={**hidden(page or client.get(path).text), **fields})


def rule(**changes):
    first = today() + DAY
    given = {
        "first_on": first.isoformat(),
        "weekday": [str(first.weekday())],
        "every_weeks": "1",
        "starts": "19:00",
        "minutes": "120",
        "trainer": "T1",
        "count": "2",
    }
    return {**given, **changes}


def count_sessions(site):
    with site.transaction() as db:
        return db.query(TrainingSession).count()


def test_a_trainer_reaches_no_session_of_another_trainer(site, owner):
    client = client_of(site, owner)
    assert "Session 1" in client.get(SESSIONS).text
    assert client.get(f"{SESSIONS}/1").status_code == 200
    token = csrf_token(client.get("/calendar").text)
    for path in ("", "/1", "/calendar.ics", "/1/attendance"):
        assert client.get(OTHERS + path).status_code == 404, path
    for path in ("/1/edit", "/1/cancel", "/1/substitute", "/1/trainers", "/1/trainers/remove", "/1/make-up", "/new", "/schedule"):
        for cohort in (SESSIONS, OTHERS):
            assert client.post(cohort + path, data={"csrf_token": token}).status_code == 403, path
    assert client.post(f"{OTHERS}/1/attendance", data={"csrf_token": token}).status_code == 404
    with site.transaction() as db:
        session = (
            db.query(TrainingSession).filter_by(number=1, lead_trainer_id=db.query(Trainer).filter_by(code="T3").one().id).one()
        )
        db.add(SessionTrainer(session_id=session.id, trainer_id=db.query(Trainer).filter_by(code="T1").one().id, role="substitute"))
    assert client.get(f"{OTHERS}/1").status_code == 200, "who is sent as a substitute sees the cohort"
    assert client.get(f"{OTHERS}/1/attendance").status_code == 200
    work = client.get("/work").text
    assert work.count("Mark attendance") == 2
    assert "T1 instead of T3" in work


def test_a_schedule_is_added_as_it_was_shown_and_once(site, officer):
    path = f"{SESSIONS}/schedule"
    shown = fill(officer, path, do="preview", **rule())
    assert (shown.status_code, count_sessions(site)) == (200, 2), "nothing is added yet"
    changed = fill(officer, path, shown.text, do="save", **rule(count="3"))
    assert (changed.status_code, "not those that you saw" in changed.text) == (200, True)
    with site.transaction() as db:
        add_closed_day(db, find_programme(db), today() + DAY, "the building is closed")
    closed = fill(officer, path, changed.text, do="save", **rule(count="3"))
    assert (closed.status_code, "the building is closed" in closed.text, count_sessions(site)) == (200, True, 2)
    saved = fill(officer, path, closed.text, do="save", **rule(count="3"))
    assert (saved.status_code, count_sessions(site)) == (303, 5)
    again = fill(officer, path, closed.text, do="save", **rule(count="3"))
    assert count_sessions(site) == 5
    assert again.status_code in (200, 422)


def test_a_rule_that_cannot_be_names_the_field(officer):
    page = officer.get(f"{SESSIONS}/schedule").text
    for fault, value in (
        ("weekday", []), ("trainer", "T9"), ("starts", "25:00"), ("minutes", "0"), ("first_on", "9999-12-31"), ("count", ""),
        ("first_on", "1901-01-01"), ("first_on", (today() - DAY * 60).isoformat()), ("count", "60"),
    ):  # fmt: skip
        answer = fill(officer, f"{SESSIONS}/schedule", page, do="preview", **rule(**{fault: value}))
        place = "first_on" if value == "60" else fault
        assert (answer.status_code, f'id="{place}-fault"' in answer.text) == (422, True), (fault, value)


def test_two_officers_do_not_overwrite_each_other(site, officer):
    page = officer.get(f"{SESSIONS}/1/edit").text
    plan = {"held_on": today().isoformat(), "starts": "19:00", "minutes": "150", "module": "planning", "trainer": "T1"}
    other = site.client("program_officer", programmes=("pi",))
    later = {**plan, "held_on": (today() + 2 * DAY).isoformat(), "reason": REASON}
    assert fill(other, f"{SESSIONS}/1/edit", **later).status_code == 303
    answer = fill(officer, f"{SESSIONS}/1/edit", page, **plan, place="Room 2")
    assert (answer.status_code, "Somebody has changed this session meanwhile" in answer.text) == (422, True)
    assert (
        fill(officer, f"{SESSIONS}/1/trainers", officer.get(f"{SESSIONS}/1").text, trainer="T1", role="observer").status_code == 422
    )


def test_a_calendar_address_is_shown_once_and_opens_ones_own_sessions(site, owner, colleague):
    client = client_of(site, owner)
    send(client, "/calendar")
    address = re.search(r"/calendars/[a-z2-7]+\.ics", client.get("/calendar").text)[0]
    assert "/calendars/" not in client.get("/calendar").text
    stranger = site.app.test_client()
    answer = stranger.get(address)
    assert (answer.status_code, answer.mimetype, answer.headers.get("Set-Cookie")) == (200, "text/calendar", None)
    assert "no-store" in answer.headers["Cache-Control"]
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["summary"] == "Session 1, A"
    page = client.get("/calendar").text
    assert "not yet" not in page
    theirs = client_of(site, colleague)
    assert "Made" not in theirs.get("/calendar").text
    send(theirs, "/calendar/end", page="/calendar")
    assert stranger.get(address).status_code == 200, "nobody ends another's"
    send(client, "/calendar/end", page="/calendar")
    assert {stranger.get(path).status_code for path in (address, "/calendars/unknown.ics")} == {404}


def test_an_account_that_is_no_trainer_of_the_register_has_no_calendar(site):
    client = site.client("trainer", programmes=("pi",))
    assert "no register of trainers" in client.get("/calendar").text
    assert send(client, "/calendar", page="/account/password").status_code == 404


def test_officers_fetch_the_calendar_of_a_cohort(officer):
    answer = officer.get(f"{SESSIONS}/calendar.ics")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="sessions-A.ics"'
    assert len(icalendar.Calendar.from_ical(answer.data).walk("VEVENT")) == 1
