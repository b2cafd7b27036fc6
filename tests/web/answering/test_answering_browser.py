"""Answering in a real browser: on a phone, in Korean, with a bad connection, by keyboard, and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from evalapp.surveys.tables import Answer, Submission
from tests.surveys.answering.invited import BIRTH_YEAR
from tests.web.answering.surveys import open_survey
from tests.web.browsing import check_page, follow

NEXT = ".survey-moves button[value=next]"
SMALLEST_TARGET_PX = 44
# What each screen is given; the others may be left empty.
TYPED = {"revenue_krw": "1,250,000", "trade.goods": "쌀과 콩"}
CHOSEN = {"firm_operating": "yes", "city": "mapo", "mood": "7", "likert": "4"}
# One screen of each way of drawing a question.
EVERY_KIND = {
    "firm_operating", "revenue_krw", "opened_on", "province", "channels", "best", "mood", "likert", "difficulty", "loans",
    "trade.goods", "rounds:trade", "registration_number", "paid", "understood",
}  # fmt: skip


@pytest.fixture
def invited(served):
    return open_survey(served.site, consent=False)


def open_link(page, served, token):
    page.goto(f"{served.address}/s/{token}")
    page.locator("#secret").fill(BIRTH_YEAR)
    follow(page.locator("main form .button-primary"))


def screen_of(page):
    """Return the key of the screen shown, None for a page that is none."""
    field = page.locator("#answers [name=screen]")
    return field.get_attribute("value") if field.count() else None


def fill(page, key):
    """Give the answer of a screen."""
    if key in TYPED:
        page.locator(".question .input").first.fill(TYPED[key])
    elif key in CHOSEN:
        page.locator(f".question input[value='{CHOSEN[key]}']").check()
    elif key == "province":
        page.locator("select").select_option("seoul")
    elif key == "difficulty":
        for row in page.locator(".matrix-row").all():
            row.locator("input[value='3']").check()


def walk(page, *, until=None, check=False):
    """Answer screen after screen until one is reached, or the last look."""
    while (key := screen_of(page)) and key != until:
        fill(page, key)
        if check and key in EVERY_KIND:
            check_page(page)
        follow(page.locator(NEXT))
        assert screen_of(page) != key, page.locator("main").inner_text()


def small_targets(page):
    """Return what a finger could miss: whatever takes a press and is not large enough, with the label around it."""
    return page.evaluate(
        """(least) => [...document.querySelectorAll("button:not(.unseen), a, input:not([type=hidden]), select, textarea, summary")]
        .map((e) => e.closest("label") ?? e).filter((e) => e.offsetParent)
        .filter((e) => { const box = e.getBoundingClientRect(); return box.height < least || box.width < least; })
        .map((e) => e.outerHTML.slice(0, 100))""",
        SMALLEST_TARGET_PX,
    )


def test_journey_2_a_respondent_on_a_phone_with_a_bad_connection(served, invited):
    phone = served.page(width=390, language="ko")
    open_link(phone, served, invited.token)
    expect(phone.get_by_text("저희는 사업이 어떻게 되어 가는지 묻습니다.")).to_be_visible()
    follow(phone.locator("button[name=consent][value=yes]"))
    assert invited.token not in phone.url
    walk(phone, until="hours")
    phone.context.set_offline(True)
    phone.locator(".input").fill("45.5")
    phone.locator(NEXT).click()
    expect(phone.locator("#offline")).to_be_visible()
    expect(phone.locator(".input")).to_have_value("45.5")
    phone.context.set_offline(False)
    follow(phone.locator(NEXT))
    assert screen_of(phone) == "opened_on"

    tomorrow = served.page(width=390, language="ko")
    open_link(tomorrow, served, invited.token)
    assert screen_of(tomorrow) == "opened_on"
    follow(tomorrow.locator("button[value=back]:visible"))
    expect(tomorrow.locator(".input")).to_have_value("45.5")
    walk(tomorrow)
    follow(tomorrow.locator("main form .button-primary"))
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", tomorrow.locator(".receipt strong").inner_text())
    follow(phone.locator(NEXT))
    assert screen_of(phone) is None, "the first phone is told that it holds the survey no more"
    with served.site.transaction() as db:
        assert db.query(Submission).one().language == "ko"
        kept = {answer.variable: answer.text for answer in db.query(Answer)}
    assert (kept["revenue_krw"], kept["hours"], kept["goods"]) == ("1250000", "45.5", "쌀과 콩")


def test_every_kind_of_screen_is_sound(served, invited):
    page = served.page(width=390, language="ko")
    page.goto(f"{served.address}/s/{invited.token}")
    check_page(page)
    open_link(page, served, invited.token)
    check_page(page)
    follow(page.locator("button[name=consent][value=yes]"))
    follow(page.locator(NEXT))
    check_page(page)  # refused
    walk(page, check=True)
    page.locator("summary").click()
    check_page(page)
    follow(page.locator("main form .button-primary"))
    check_page(page)


def test_every_target_is_large_enough_for_a_finger(served, invited):
    page = served.page(width=320, language="ko")
    open_link(page, served, invited.token)
    found = {"consent": small_targets(page)}
    follow(page.locator("button[name=consent][value=yes]"))
    while key := screen_of(page):
        found[key] = small_targets(page)
        fill(page, key)
        follow(page.locator(NEXT))
    assert {key: targets for key, targets in found.items() if targets} == {}


def test_it_is_answered_by_keyboard_without_javascript(served, invited):
    page = served.page(width=390, language="en", javascript=False)
    page.goto(f"{served.address}/s/{invited.token}")
    page.locator("#secret").fill(BIRTH_YEAR)
    page.keyboard.press("Enter")
    follow(page.locator("button[name=consent][value=yes]"), "Enter")
    page.locator("input[value=yes]").first.press("Space")
    follow(page.locator("input[value=yes]").first, "Enter")
    assert screen_of(page) == "revenue_krw", "Enter means “next”, not another language"
    page.locator(".input").fill("5")
    page.keyboard.press("Enter")
    page.wait_for_url("**/s/answer/3")
    walk(page, until="loans")
    page.locator("input[value=yes]").check()
    follow(page.locator(NEXT))
    assert screen_of(page) == "loans"
    expect(page.get_by_label("How much?")).to_be_visible()


def test_what_an_answer_asks_for_appears_at_once_and_is_kept(served, invited):
    page = served.page(width=390, language="en")
    open_link(page, served, invited.token)
    follow(page.locator("button[name=consent][value=yes]"))
    walk(page, until="loans")
    page.locator("input[value=yes]").check()
    page.get_by_label("How much?").wait_for()
    page.get_by_label("How much?").fill("700")
    page.locator("input[value=no]").check()
    page.get_by_label("How much?").wait_for(state="detached")
    page.locator("input[value=yes]").check()
    page.get_by_label("How much?").wait_for()
    expect(page.get_by_label("How much?")).to_have_value("700")
    follow(page.locator(NEXT))
    follow(page.locator("button[value=back]:visible"))
    expect(page.get_by_label("How much?")).to_have_value("700")


def test_nothing_is_stored_in_the_browser(served, invited):
    page = served.page(width=390, language="ko")
    open_link(page, served, invited.token)
    follow(page.locator("button[name=consent][value=yes]"))
    walk(page, until="word")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    follow(page.locator(".survey-languages button[value=leave]"))
    assert "answering" not in {cookie["name"] for cookie in page.context.cookies()}


def test_an_interviewer_works_through_a_list(served):
    invited = open_survey(served.site)
    page = served.page("interviewer", programmes=("pi",), language="en")
    page.goto(f"{served.address}/programmes/pi/interviews")
    check_page(page)
    follow(page.get_by_role("link", name=f"Begin {invited.study_id}"))
    check_page(page)
    page.get_by_label("On the telephone").check()
    follow(page.get_by_role("button", name="Begin or go on"))
    check_page(page)
    walk(page)
    follow(page.get_by_role("button", name="Hand in"))
    check_page(page)
    follow(page.get_by_role("button", name="Record"))
    expect(page.get_by_text("The contact is recorded.")).to_be_visible()
    expect(page.get_by_text("Nobody is to be interviewed now")).to_be_visible()
