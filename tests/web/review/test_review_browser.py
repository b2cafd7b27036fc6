"""Journey 3 in a real browser: the queue is worked off by keys alone, and every page of it is sound."""

import pytest
from playwright.sync_api import expect

from evalapp.surveys.review.ask_query import ask_query
from evalapp.surveys.tables import Submission
from tests.web.browsing import check_page, follow
from tests.web.review.submissions import Reviewed

PAGES = ("", "/quality", "/rules", "/locks")
OF_A_SUBMISSION = ("", "/answers/profit_krw", "/back-check")


@pytest.fixture
def reviewed(served):
    interviewer = served.site.account("interviewer", programmes=("pi",))
    return Reviewed(served.site, interviewer=interviewer)


def tab(served, **options):
    return served.page("program_officer", programmes=("pi",), **options)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("rest", PAGES)
def test_a_page_of_review_is_sound(served, reviewed, rest, language):
    page = tab(served, width=390, language=language)
    page.goto(served.address + reviewed.url(rest=rest))
    check_page(page)


@pytest.mark.parametrize("rest", OF_A_SUBMISSION)
def test_a_page_of_a_submission_is_sound(served, reviewed, rest):
    with served.site.transaction() as db:
        ask_query(db, db.get_one(Submission, reviewed.keys["PI-0001-1"]), "profit_krw", "Is this the whole month?")
    page = tab(served, width=390, language="ko")
    page.goto(served.address + reviewed.url("PI-0001-1", rest))
    check_page(page)


def test_the_page_of_an_interviewers_questions_is_sound(served, reviewed):
    account = served.site.account("interviewer", programmes=("pi",))
    with served.site.transaction() as db:
        submission = db.get_one(Submission, reviewed.keys["PI-0002-2"])
        submission.account = account
        ask_query(db, submission, "revenue_krw", "Is this the whole month?")
    page = served.page(width=390)
    client = served.site.app.test_client()
    token = served.site.sign_in(client, account)
    page.context.add_cookies([{"name": "sign-in", "value": token, "url": served.address}])
    page.goto(served.address + reviewed.url(rest="/questions"))
    check_page(page)


def test_the_queue_is_worked_off_by_keys_alone(served, reviewed):
    page = tab(served)
    page.goto(served.address + reviewed.url())
    follow(page.get_by_role("link", name="Begin with the first"), "Enter")
    expect(page.locator("h1")).to_have_text("PI-0004-4, Three months")
    page.keyboard.press("n")
    page.wait_for_url("**/review/*")
    page.get_by_role("heading", name="PI-0001-1, Three months").wait_for()
    page.keyboard.press("i")
    page.keyboard.type("The profit is above the revenue: ask again")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="PI-0002-2, Three months").wait_for()
    page.keyboard.press("r")
    page.keyboard.type("The same answer to everything, and nobody remembers the call")
    page.keyboard.press("Control+Enter")
    page.get_by_role("heading", name="PI-0003-3, Three months").wait_for()
    page.keyboard.press("a")
    page.get_by_role("heading", name="PI-0004-4, Three months").wait_for()
    states = {study_id: reviewed.state(study_id) for study_id in reviewed.keys}
    assert states == {"PI-0001-1": "has_issues", "PI-0002-2": "rejected", "PI-0003-3": "approved", "PI-0004-4": "received"}


def test_letters_in_the_comment_and_keys_that_are_switched_off_decide_nothing(served, reviewed):
    page = tab(served)
    page.goto(served.address + reviewed.url("PI-0003-3"))
    page.get_by_label("Comment").press_sequentially("air")
    page.keyboard.press("Escape")
    page.get_by_label("Use the keys").press("Space")
    page.locator("main").focus()
    page.keyboard.press("a")
    page.reload()
    assert not page.get_by_label("Use the keys").is_checked()
    assert reviewed.state("PI-0003-3") == "received"


def test_a_submission_is_decided_without_javascript(served, reviewed):
    page = tab(served, width=390, javascript=False)
    page.goto(served.address + reviewed.url("PI-0003-3"))
    follow(page.get_by_role("button", name="Approve"), "Enter")
    assert reviewed.state("PI-0003-3") == "approved"
