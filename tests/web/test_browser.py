"""The pages in a real browser, at phone and laptop width, by keyboard and without JavaScript."""

import os
import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from config.settings import Settings
from evalapp.app import create_app
from evalapp.core.migrate import upgrade

BROWSER = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
PAGES = ("/", "/reports/verify", "/nowhere")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('browser') / 'web.db'}"
    upgrade(url)
    app = create_app(Settings("development", url, "s" * 32, "ko"))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    app.extensions["evalapp.engine"].dispose()


@pytest.fixture(scope="module")
def browser():
    if BROWSER is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    options = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as playwright:
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=BROWSER, args=[*options, *sandbox])
        yield browser
        browser.close()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_page_fits_its_width_and_loads_without_a_complaint(browser, address, path, width, language):
    page = browser.new_page(viewport={"width": width, "height": 800}, locale=language, java_script_enabled=True)
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(address + path)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.title().split(" · ")[0] == page.locator("h1").inner_text()
    assert [c for c in complaints if "404" not in c] == []
    page.close()


def test_a_visitor_checks_a_file_by_keyboard_without_javascript(browser, address, tmp_path):
    path = tmp_path / "report.pdf"
    path.write_bytes(b"%PDF-1.7 not one of ours")
    context = browser.new_context(java_script_enabled=False, locale="en", viewport={"width": 390, "height": 800})
    page = context.new_page()
    page.goto(address)
    page.get_by_role("link", name="Check that a report is genuine").press("Enter")
    page.get_by_label("The report (PDF, at most 20 MB)").set_input_files(path)
    page.get_by_role("button", name="Check", exact=True).press("Enter")
    assert page.get_by_role("heading", name="Not a report of ours, or altered").is_visible()
    page.get_by_role("button", name="한국어").press("Enter")
    assert page.get_by_role("heading", name="보고서 확인").is_visible()
    context.close()
