"""The pages in a real browser, at phone and laptop width, by keyboard and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.web.browsing import check_page, follow

PAGES = ("/", "/reports/verify", "/nowhere")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_visitors_page_is_sound(served, path, language):
    page = served.page(width=390, language=language)
    page.goto(served.address + path)
    check_page(page)


def test_a_visitor_checks_a_file_by_keyboard_without_javascript(served, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7 not one of ours")
    page = served.page(width=390, javascript=False)
    page.goto(served.address)
    follow(page.get_by_role("link", name="Check that a report is genuine"), "Enter")
    page.get_by_label("The report (PDF, at most 20 MB)").set_input_files(path)
    follow(page.get_by_role("button", name="Check", exact=True), "Enter")
    expect(page.get_by_role("heading", name="Not a report of ours, or altered")).to_be_visible()
    follow(page.get_by_role("button", name="한국어"), "Enter")
    expect(page.get_by_role("heading", name="보고서 확인")).to_be_visible()
