"""Journeys 1 and 10 in a real browser, at phone and laptop width, in both languages; every page of people is sound."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.web.browsing import check_page, follow
from tests.web.people.crowd import PEOPLE, consent, count_people, enter, publish

PASTED = "이름\t연락처\n김하나\t010-2000-1001\n박두리\t010-12\n이세나\t010-2000-1003"
MENDED = "이름\t연락처\n박두리\t010-2000-1002"
SIZES = [(390, "ko"), (390, "en"), (1280, "ko"), (1280, "en")]
PAGES = (
    "", "?contact=due", "/new", "/paste", "/consent-texts", "/consent-texts/new", "/duplicates", "/{0}", "/{0}/contacts/new", "/{0}/exit",
    "/{0}/consents/survey", "/{0}/consents/linkage", "/{0}/withdrawal", "/{0}/enterprises/new", "/{0}/enterprises/1", "/{0}/merge",
    "/{0}/erase", "/duplicates/{0}/{1}",
)  # fmt: skip


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_is_sound(served, language):
    page = served.page("program_officer", programmes=("pi",), width=390, language=language)
    firm = {"enterprise_name": "한라산 식당", "registration_number": "220-81-62517", "industry": "catering"}
    two = [enter(served.site, key=key, phone="010-5555-1234", **cells) for key, cells in (("a", firm), ("b", {}))]
    publish(served.site, "survey", "recontact")
    consent(served.site, two[0])
    for path in PAGES:
        page.goto(served.address + PEOPLE + path.format(*two))
        check_page(page)


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_an_officer_pastes_a_list_mends_what_fails_and_loses_nobody(served, width, language):
    page = served.page("program_officer", programmes=("pi",), width=width, language=language)
    page.goto(f"{served.address}{PEOPLE}/paste")
    page.locator("#rest").fill(PASTED)
    follow(page.locator("main form button"))
    check_page(page)
    follow(page.locator(".actions-below button"))
    assert count_people(served.site) == 2
    check_page(page)
    assert "010-12" in page.locator("#rest").input_value()
    page.locator("#rest").fill(MENDED)
    follow(page.locator("button[formaction]"))
    follow(page.locator(".actions-below button"))
    check_page(page)
    assert count_people(served.site) == 3


def test_a_list_is_pasted_by_keyboard_without_javascript(served):
    page = served.page("program_officer", programmes=("pi",), width=390, javascript=False)
    page.goto(f"{served.address}{PEOPLE}")
    follow(page.get_by_role("link", name="Paste a list").first, "Enter")
    page.get_by_label("Rows of the spreadsheet").fill(PASTED)
    follow(page.get_by_role("button", name="Check the rows"), "Enter")
    follow(page.get_by_role("button", name="Register the 2 good rows"), "Enter")
    expect(page.get_by_role("heading", name="What is left of the list")).to_be_visible()
    follow(page.get_by_role("button", name="한국어"), "Enter")
    expect(page.locator("#rest")).to_be_visible()


@pytest.mark.parametrize(("width", "language"), SIZES)
def test_somebody_is_forgotten_in_one_step_that_says_what_it_does(served, width, language):
    page = served.page("program_officer", programmes=("pi",), width=width, language=language)
    study_id = enter(served.site, phone="010-5555-1234")
    page.goto(f"{served.address}{PEOPLE}/{study_id}")
    page.locator(f'a[href$="/{study_id}/erase"]').click()
    check_page(page)
    page.locator("#reason").fill("asked by telephone")
    page.locator("#study_id").fill(study_id)
    follow(page.locator("main form .button-danger"))
    page.wait_for_url(f"**{PEOPLE}/erased/{study_id}")
    check_page(page)
    assert count_people(served.site) == 0


def test_a_refused_form_has_the_focus_on_what_is_wrong(served):
    page = served.page("program_officer", programmes=("pi",), width=390)
    page.goto(f"{served.address}{PEOPLE}/new")
    page.locator("#phone").fill("12")
    follow(page.get_by_role("button", name="Register"))
    check_page(page)
    assert page.locator(".error-summary a").count() == 2
    page.locator(".error-summary a").first.click()
    assert page.evaluate("document.activeElement.id") == "name"
