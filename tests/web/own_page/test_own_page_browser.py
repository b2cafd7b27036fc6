"""The own page on a small telephone, in Korean, without JavaScript."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.web.browsing import check_page, follow
from tests.web.own_page.visitors import Visitor


def test_somebody_uses_their_rights_on_a_telephone_without_javascript(served, tmp_path):
    visitor = Visitor(served.site, tmp_path)
    phone = served.page(width=320, language="ko", javascript=False)
    phone.goto(served.address + "/me")
    phone.locator("#number").fill(visitor.study_id)
    phone.locator("#secret").fill("1985")
    follow(phone.locator("#secret"), "Enter")
    expect(phone.get_by_text(visitor.study_id)).to_be_visible()
    follow(phone.locator(".own-list a.button"))
    follow(phone.locator(".survey-moves .button-danger"))
    expect(phone.locator(".notice-good")).to_be_visible()
    expect(phone.locator(".own-list a.button")).to_have_count(0)
    follow(phone.locator("a[href$='/ask/erasure']"))
    follow(phone.locator(".survey-moves .button-danger"))
    expect(phone.locator(".own-list .tag-info")).to_be_visible()
    follow(phone.locator(".survey-footer button"))
    expect(phone.locator("#number")).to_be_visible()


def test_its_pages_are_sound(served, tmp_path):
    visitor = Visitor(served.site, tmp_path)
    page = served.page(width=390)
    page.goto(served.address + "/me")
    check_page(page)
    page.locator("#number").fill(visitor.study_id)
    page.locator("#secret").fill("1985")
    follow(page.locator("#entrance .button-primary"))
    check_page(page)
    page.goto(served.address + "/me/ask/correction")
    check_page(page)
