"""The look: its colours can be read, its page shows every component, and production does not serve it."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from evalapp.app import create_app
from evalapp.charts.tokens import PAIRS, TONES, page_variables
from evalapp.core.crypto.key_ring import new_key_ring, write_key_ring
from tests.installation import installation_settings
from tests.web.browsing import check_page
from tests.web.site import send

STATIC = Path(__file__).parents[2] / "evalapp" / "web" / "static"
COMPONENTS = Path(__file__).parents[2] / "templates" / "components"
PARTS_OF_FIELDS = {"labelled", "star", "remarks", "fault", "states", "described_by"}
LINEAR_BELOW, GAMMA = 0.04045, 2.4  # sRGB, as WCAG 2.2 defines relative luminance
LUMA = (0.2126, 0.7152, 0.0722)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= LINEAR_BELOW else ((c + 0.055) / 1.055) ** GAMMA for c in channels]
    return sum(share * channel for share, channel in zip(LUMA, linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_what_the_guidelines_say_it_is():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)  # the grey that just fails


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("on_top", "ground", "least"), PAIRS)
def test_what_stands_on_a_colour_can_be_read(scheme, on_top, ground, least):
    assert contrast(getattr(TONES[on_top], scheme), getattr(TONES[ground], scheme)) >= least


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda path: path.name)
def test_style_sheets_use_tokens_that_exist_and_no_colours_of_their_own(sheet):
    text = sheet.read_text()
    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= set(re.findall(r"(--[\w-]+):", page_variables() + text))
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", text) == []


@pytest.fixture
def client(tmp_path, migrated_file):
    settings = installation_settings(tmp_path, f"sqlite:///{migrated_file}")
    app = create_app(settings)
    yield app.test_client()
    app.extensions["evalapp.engine"].dispose()


def test_every_component_is_shown(client):
    source = (COMPONENTS.parent / "web" / "styleguide.html").read_text()
    for sheet in COMPONENTS.glob("*.html"):
        for name in set(re.findall(r"{% macro (\w+)", sheet.read_text())) - PARTS_OF_FIELDS:
            assert re.search(rf"\b{name}\(", source), f"the style guide does not show {name}"
    assert client.get("/styleguide").status_code == 200


def test_a_choice_of_light_or_dark_is_kept_until_it_is_left_to_the_device(client):
    assert "data-theme" not in client.get("/").text
    assert send(client, "/theme", {"theme": "dark", "back": "/reports/verify"}, page="/").location == "/reports/verify"
    assert '<html lang="en" data-theme="dark">' in client.get("/").text
    send(client, "/theme", {"theme": "", "back": "/"}, page="/")
    assert "data-theme" not in client.get("/").text
    send(client, "/theme", {"theme": '"><script>'}, page="/")
    assert "data-theme" not in client.get("/").text


def test_a_message_is_shown_once(client):
    answer = send(client, "/styleguide/message", page="/styleguide", follow_redirects=True)
    assert 'class="notice notice-good" role="status">Keep<' in answer.text
    assert 'role="status">Keep<' not in client.get("/styleguide").text


def test_production_serves_no_style_guide(tmp_path, migrated_file):
    settings = replace(installation_settings(tmp_path, f"sqlite:///{migrated_file}"), environment="production")
    write_key_ring(new_key_ring(), settings.key_ring)
    app = create_app(settings)
    assert app.test_client().get("/styleguide").status_code == 404
    app.extensions["evalapp.engine"].dispose()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_style_guide_is_sound(served, language, theme):
    page = served.page(width=390, language=language, theme=theme)
    page.goto(served.address + "/styleguide")
    check_page(page)


def test_the_summary_of_faults_takes_the_focus_and_leads_to_the_field(served):
    page = served.page(javascript=False)
    page.goto(served.address + "/styleguide")
    summary = page.locator(".error-summary")
    assert summary.evaluate("element => element === document.activeElement")
    summary.get_by_role("link").first.press("Enter")
    assert page.locator("#wrong_name").evaluate("element => element === document.activeElement")


def test_a_form_is_sent_once_however_often_its_button_is_pressed(served):
    page = served.page()
    page.goto(served.address + "/styleguide")
    posts = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.locator(".page-header .button-primary").dblclick()
    page.wait_for_load_state("networkidle")
    assert posts == [served.address + "/styleguide/message"]


def test_a_text_is_copied_at_a_press(served):
    page = served.page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(served.address + "/styleguide")
    page.get_by_role("button", name="Copy").press("Enter")
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "PI-7K3Q-4"


def test_styles_and_scripts_are_kept_by_the_browser_until_they_change(client):
    found = re.findall(r'"(/static/[\w.]+\.(?:css|js)\?v=\w+)"', client.get("/").text)
    assert {url.split("?")[0] for url in found} >= {"/static/page.css", "/static/forms.css", "/static/page.js"}
    with client.get(found[0]) as answer:
        assert answer.cache_control.max_age == 3600
