"""The pages of survey forms in a real browser: readable on a phone, in both languages, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from evalapp.core.shipped import INSTRUMENTS
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import load_instrument, read_instrument
from evalapp.surveys.instruments.upload_instrument import upload_instrument
from tests.web.browsing import check_page, follow
from tests.web.forms_to_upload import SURVEY, VERSION, other_words, workbook

FORM = f"/instruments/stalls/{VERSION}"


@pytest.fixture
def drafts(served):
    """Publish two forms; keep a good draft of one and a draft with errors."""
    wrong = workbook(survey=(*SURVEY, ("integer", "매출", "매출은?", "", "${trade} = 'perhaps'")))
    with served.site.transaction() as db:
        publish_instrument(db, load_instrument(INSTRUMENTS / "baseline"))
        publish_instrument(db, read_instrument(workbook(), "stalls.xlsx"))
        good = upload_instrument(db, read_instrument(other_words("2026112301"), "stalls-2.xlsx"))
        bad = upload_instrument(db, read_instrument(wrong, "stalls-3.xlsx"))
        return {"good": good.id, "bad": bad.id}


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("ko", 390)])
def test_every_page_is_fit_to_be_read(served, drafts, language, width):
    page = served.page("program_officer", programmes=("pi",), width=width, language=language)
    good = f"/instrument-drafts/{drafts['good']}"
    baseline = f"/instruments/baseline/{VERSION}"
    for path in (
        "/instruments", "/standard-items", "/instrument-drafts/new", good, f"{good}/comparison", f"{good}/preview",
        f"/instrument-drafts/{drafts['bad']}", FORM, baseline, f"{baseline}/preview", f"{baseline}/scales",
    ):  # fmt: skip
        page.goto(served.address + path)
        check_page(page)


@pytest.mark.usefixtures("drafts")
def test_a_question_appears_as_soon_as_an_answer_makes_it_asked(served):
    page = served.page("analyst", programmes=("pi",))
    page.goto(f"{served.address}{FORM}/preview")
    assert page.get_by_text("On how many days?").count() == 0
    page.get_by_label("Yes").check()
    page.get_by_label("On how many days?").fill("many")
    page.get_by_label("On how many days?").press("Tab")
    page.get_by_text("“many” is not a whole number").wait_for()
    page.get_by_label("No").check()
    page.get_by_text("On how many days?").wait_for(state="detached")
    check_page(page)


@pytest.mark.usefixtures("drafts")
def test_without_scripts_a_button_shows_what_is_asked(served):
    page = served.page("analyst", programmes=("pi",), javascript=False)
    page.goto(f"{served.address}{FORM}/preview")
    page.get_by_label("Yes").check()
    follow(page.get_by_role("button", name="Show what is asked now"))
    expect(page.get_by_label("On how many days?")).to_be_visible()
    follow(page.get_by_role("group", name="Language of the form").get_by_role("button", name="한국어"))
    expect(page.get_by_label("며칠 합니까?")).to_be_visible()
