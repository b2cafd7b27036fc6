"""An officer plans a cohort's sessions, moves one, cancels one and sends a substitute, on a phone; a trainer subscribes to them."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import expect

from evalapp.core.clock import today
from evalapp.people.tables import Programme
from evalapp.training.tables import Cohort, Trainer
from tests.web.browsing import check_page, follow
from tests.web.training.classes import give_class

SESSIONS = "/programmes/pi/cohorts/A/sessions"
DAY = dt.timedelta(days=1)
WEEK = 7 * DAY


def press(page, name):
    follow(page.get_by_role("button", name=name, exact=True).first)


def test_an_officer_plans_moves_cancels_and_sends_a_substitute(served):
    page = served.page("program_officer", programmes=("pi",), width=390)
    trainer = served.site.account("trainer", programmes=("pi",))
    give_class(served.site, trainer, people=3)
    with served.site.transaction() as db:
        programme = db.query(Programme).filter_by(code="pi").one()
        for each in db.query(Trainer):
            each.programme_id = programme.id
        db.query(Cohort).one().ends_on = today() + 20 * WEEK
    page.goto(served.address + SESSIONS)
    check_page(page)
    follow(page.get_by_role("link", name="Plan a schedule"))
    page.get_by_label((today() + DAY).strftime("%A")).check()
    page.get_by_label("Lead trainer").select_option("T1")
    page.get_by_label("How many sessions").fill("12")
    press(page, "Show the days")
    expect(page.get_by_role("button", name="Add these 12 sessions")).to_be_visible()
    check_page(page)
    press(page, "Add these 12 sessions")
    follow(page.get_by_role("link", name="Session 2", exact=True))
    follow(page.get_by_role("link", name="Change"))
    page.get_by_label("Day").fill((today() + 18 * WEEK).isoformat())
    press(page, "Save")
    expect(page.locator("#reason-fault")).to_be_visible()
    check_page(page)
    page.get_by_label("Reason").fill("the room is taken on that day")
    press(page, "Save")
    follow(page.get_by_role("link", name="Send a substitute"))
    check_page(page)
    page.get_by_label("Who leads it instead").select_option("T2")
    page.get_by_label("Reason").fill("the trainer is ill")
    press(page, "Save")
    expect(page.get_by_text("the trainer is ill")).to_be_visible()
    follow(page.get_by_role("link", name="Cancel the session"))
    check_page(page)
    page.get_by_label("Reason").fill("too few people could come")
    press(page, "Cancel the session")
    expect(page.get_by_text("too few people could come").first).to_be_visible()
    check_page(page)
    page.goto(f"{served.address}{SESSIONS}")
    expect(page.get_by_role("link", name="Session 13")).to_be_visible()
    check_page(page)
    page.goto(f"{served.address}/programmes/pi/closed-days")
    check_page(page)
    subscribe(served, trainer)


def subscribe(served, trainer):
    """The trainer makes an address and a calendar program reads it."""
    page = served.page(width=390)
    token = served.site.sign_in(served.site.app.test_client(), trainer)
    page.context.add_cookies([{"name": "sign-in", "value": token, "url": served.address}])
    page.goto(served.address + "/work")
    check_page(page)
    follow(page.get_by_role("link", name="Your calendar"))
    press(page, "Make an address")
    check_page(page)
    calendar = page.request.get(page.locator("#address").inner_text()).text()
    assert (calendar.count("BEGIN:VEVENT"), calendar.count("STATUS:CANCELLED")) == (13, 1)
