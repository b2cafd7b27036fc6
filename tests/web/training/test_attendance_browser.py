"""Journey 5: a trainer marks twelve people on a phone, with a line that comes and goes."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Error, expect
from sqlalchemy import select

from evalapp.training.attendance.queries import open_session_note
from evalapp.training.attendance.tables import AttendanceTap
from evalapp.training.tables import Attendance, TrainingSession
from tests.training.attendance.taught import NAMES, PLANNED
from tests.web.browsing import TRAFFIC, Traffic, check_page, follow
from tests.web.training.classes import PAGE, give_class

MOST_TAPS = 14
KEPT = "() => JSON.stringify(localStorage)"
EVERYTHING_KEPT = """async () => {
  const names = await caches.keys();
  const texts = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
  for (const name of names) for (const asked of await (await caches.open(name)).keys())
    texts.push(asked.url, await (await caches.match(asked)).text());
  return texts.join(" ");
}"""


class Phone:
    """A trainer's phone at the attendance page; every press is counted."""

    def __init__(self, served, account, *, language="en", javascript=True):
        self.served, self.account = served, account
        self.page = served.page(width=390, language=language, javascript=javascript)
        self.taps = 0
        self.sign_in()

    def sign_in(self):
        token = self.served.site.sign_in(self.served.site.app.test_client(), self.account)
        self.page.context.add_cookies([{"name": "sign-in", "value": token, "url": self.served.address}])

    def open(self):
        self.page.goto(self.served.address + PAGE)
        return self

    def reopen(self):
        """Kill the tab and open the page in another."""
        context = self.page.context
        TRAFFIC.pop(self.page, None)
        self.page.close()
        self.page = context.new_page()
        TRAFFIC[self.page] = Traffic()
        TRAFFIC[self.page].watch(self.page)
        return self.open()

    def offline(self, is_offline=True):
        self.page.context.set_offline(is_offline)

    def person(self, number):
        return self.page.locator(".person").nth(number)

    def press(self, locator):
        locator.click()
        self.taps += 1

    def mark(self, number, word="Present"):
        place = self.person(number)
        self.press(place.locator(".mark-who") if word == "Present" else place.locator(".mark-other", has_text=word))

    def says(self, text):
        expect(self.page.get_by_role("status")).to_contain_text(text, timeout=15_000)

    def kept(self):
        return json.loads(self.page.evaluate(KEPT))


@pytest.fixture
def trainers(served):
    return [served.site.account("trainer", programmes=("pi",)) for _ in range(2)]


def stored(served):
    with served.site.transaction() as db:
        return db.scalars(select(Attendance).order_by(Attendance.id)).all()


def test_twelve_people_a_note_and_done_in_fourteen_taps_while_the_line_is_cut(served, trainers):
    taught = give_class(served.site, *trainers)
    phone = Phone(served, trainers[0])
    phone.page.goto(served.address + "/work")
    follow(phone.page.get_by_role("link", name="Mark attendance"))
    for number in range(5):
        phone.mark(number)
    phone.mark(5, "Late")
    phone.says("6 of 12 marked. All is saved.")
    phone.offline()
    for number in range(6, 11):
        phone.mark(number)
    phone.mark(11, "Absent")
    phone.page.get_by_label("Note on the session").fill("설주 asked about loans")
    phone.press(phone.page.get_by_role("button", name="Done"))
    phone.says("No connection")
    expect(phone.person(11)).to_contain_text("Absent · not sent yet")
    assert len(stored(served)) == 6
    everything = phone.page.evaluate(EVERYTHING_KEPT)
    assert not [name for name in NAMES if name[1:] in everything]
    assert "PI-" not in everything
    assert "loans" not in everything
    phone.offline(False)
    phone.says("12 of 12 marked. The session is done.")
    assert phone.taps <= MOST_TAPS
    assert phone.kept() == {}
    assert [(row.status, row.minutes) for row in stored(served)][:6] == [("present", PLANNED)] * 5 + [("late", PLANNED - 15)]
    assert sorted(row.status for row in stored(served)) == ["late", *["present"] * 10, "unexcused"]
    with served.site.transaction() as db:
        session = db.get(TrainingSession, taught.session.id)
        assert (session.state, open_session_note(db, session)) == ("held", "설주 asked about loans")
        assert session.began_at == session.starts_at


def test_what_was_tapped_without_a_line_outlives_the_tab_and_is_sent_when_the_page_opens_again(served, trainers):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0]).open()
    phone.offline()
    phone.mark(0)
    phone.mark(1, "Excused")
    phone.mark(1, "Excused")  # taken back
    phone.press(phone.page.get_by_role("button", name="Rest absent"))
    phone.press(phone.page.get_by_role("button", name="Done"))
    phone.says("12 of 12 marked. 12 not sent yet.")
    phone.offline(False)
    phone.page.route("**/taps", lambda route: route.abort())  # the page dies before anything leaves it
    phone.reopen()
    phone.says("12 of 12 marked. The session is done.")
    assert sorted(row.status for row in stored(served)) == ["present", *["unexcused"] * 11]
    assert phone.kept() == {}


def test_a_mark_whose_answer_was_lost_counts_once_and_a_later_one_of_the_same_person_follows_it(served, trainers):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0]).open()

    lost = []

    def lose_the_first(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    phone.page.route("**/taps", lose_the_first)
    with phone.page.expect_event("requestfailed"):
        phone.mark(0)
    assert len(stored(served)) == 1
    phone.mark(0, "Late")
    phone.person(0).get_by_role("button", name="−30").click()
    phone.says("1 of 12 marked. All is saved.")
    (row,) = stored(served)
    assert (row.status, row.minutes) == ("late", PLANNED - 30)
    assert row.version in (2, 3), "the second mark is left out where it had not gone out before the third"
    with served.site.transaction() as db:
        assert {tap.outcome for tap in db.scalars(select(AttendanceTap))} == {"taken"}


def test_two_trainers_at_once_see_both_marks_and_either_settles_it_with_one_tap(served, trainers):
    give_class(served.site, *trainers)
    one, other = (Phone(served, trainer).open() for trainer in trainers)
    other.offline()
    one.mark(0, "Late")
    one.says("All is saved")
    other.mark(0)
    other.mark(1)
    other.offline(False)
    expect(other.person(0)).to_contain_text("two marks differ")
    expect(other.person(0).get_by_role("button", name="Late, 135 of 150 min (T1")).to_be_visible()
    expect(other.person(1)).to_contain_text("Present · saved")
    expect(one.person(0)).to_contain_text("Two marks differ. Which is right?", timeout=20_000)
    check_page(one.page)
    one.person(0).get_by_role("button", name="Present (T2").click()
    expect(one.person(0)).to_contain_text("Present · saved")
    expect(other.person(0)).to_contain_text("Present · saved", timeout=20_000)
    expect(other.person(0).get_by_role("button", name="Late, 135")).to_be_hidden()
    assert [(row.status, row.version) for row in stored(served)] == [("present", 2), ("present", 1)]


def test_a_lost_sign_in_loses_no_mark_and_signing_out_warns_of_what_is_not_sent(served, trainers):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0]).open()
    with served.site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE sign_ins SET ended_at = started_at")
    phone.mark(0)
    phone.says("You are signed out. Your marks are kept on this device")
    phone.page.get_by_role("status").get_by_role("link").click()
    phone.page.wait_for_url("**/sign-in?back=**")
    assert len(phone.kept()) == 1
    phone.sign_in()
    phone.open()
    phone.says("1 of 12 marked. All is saved.")
    assert len(stored(served)) == 1
    phone.page.route("**/taps", lambda route: route.abort())
    phone.mark(1)
    phone.says("1 not sent yet")
    phone.page.locator(".menu > summary").click()
    warnings = []

    def answer(dialog):
        warnings.append(dialog.message)
        dialog.dismiss() if len(warnings) == 1 else dialog.accept()

    phone.page.on("dialog", answer)
    phone.page.get_by_role("button", name="Sign out").click()
    assert len(phone.kept()) == 1
    follow(phone.page.get_by_role("button", name="Sign out"))
    expect(phone.page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert "have not been sent" in warnings[0]
    assert phone.kept() == {}


def test_without_a_script_the_same_page_is_a_form(served, trainers):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0], javascript=False).open()
    for number in range(11):
        phone.mark(number)
    phone.mark(11, "Left early")
    phone.person(11).get_by_label("Minutes there").fill("100")
    follow(phone.page.get_by_role("button", name="Done"))
    expect(phone.page.get_by_text("Left early, 100 of 150 min")).to_be_visible()
    assert [row.minutes for row in stored(served)].count(PLANNED) == 11


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_page_is_sound(served, trainers, language):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0], language=language).open()
    phone.page.locator(".mark-other").nth(0).click()
    phone.page.locator(".mark-other").nth(7).click()
    check_page(phone.page)
    small = [
        box
        for button in phone.page.locator(".marks label, .bar-buttons button:visible, .missed button:visible").all()
        if (box := button.bounding_box()) and min(box["width"], box["height"]) < 44
    ]
    assert small == []


def test_a_tab_that_was_closed_cannot_be_opened_without_a_line_by_its_names(served, trainers):
    give_class(served.site, *trainers)
    phone = Phone(served, trainers[0]).open()
    phone.offline()
    with pytest.raises(Error):
        phone.reopen()
