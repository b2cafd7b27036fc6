"""Two entries decided in a real browser, by one key a field."""

from __future__ import annotations

from playwright.sync_api import expect
from sqlalchemy import select

from evalapp.surveys.tables import Answer
from tests.web.browsing import check_page, follow
from tests.web.paper.typists import LIST, Papers


def test_an_officer_decides_by_one_key_a_field(served):
    served.site.account("program_officer", programmes=("pi",))
    papers = Papers(served.site)
    papers.type(papers.first, {"hours": {"hours": "40"}, "channels": {"channels": ["shop", "market"]}, "mood": {"mood": "7"}})
    papers.type(papers.second, {"hours": {"hours": "41"}, "channels": {"channels": ["shop"]}, "mood": {"mood": "8"}})
    page = served.page("program_officer", programmes=("pi",), width=390)
    page.goto(served.address + LIST)
    check_page(page)
    follow(page.locator(".papers .button-primary"))
    check_page(page)
    page.reload()
    expect(page.locator(".pair .sides input").first).to_be_focused()
    for key in "213":
        page.keyboard.press(key)
    expect(page.locator(".pair").nth(0).locator("input[value=second]")).to_be_checked()
    page.locator(".pair").nth(2).locator(".other input[type=radio][value='5']").check()
    page.locator(".pair").nth(2).get_by_label("Reason").fill("a five, written over a seven")
    follow(page.locator(".pairs > .actions .button"))
    expect(page.get_by_text("One submission was made of both entries.")).to_be_visible()
    with served.site.transaction() as db:
        answers = dict(db.execute(select(Answer.variable, Answer.text)).all())
    assert (answers["hours"], answers["channels"], answers["mood"]) == ("41", "shop market", "5")
    follow(page.get_by_role("link", name="Both entries"))
    check_page(page)
