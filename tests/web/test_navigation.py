"""What the header and a programme's tabs offer to whom, and which place they say one is at."""

import re

import pytest
from flask import g
from playwright.sync_api import expect

from evalapp.accounts.permissions import PERMISSIONS
from evalapp.accounts.viewer import Viewer
from evalapp.app import create_app
from evalapp.web.navigation import PLACES, PROGRAMME_PLACES, primary_links, programme_links
from tests.installation import installation_settings
from tests.web.browsing import check_page

ROLES = sorted(set().union(*PERMISSIONS.values()))


@pytest.fixture
def app(tmp_path, migrated_file):
    app = create_app(installation_settings(tmp_path, f"sqlite:///{migrated_file}"))
    yield app
    app.extensions["evalapp.engine"].dispose()


def seen_by(app, role, path):
    with app.test_request_context(path):
        g.viewer, g.language = Viewer(1, "AC-1", "Kim", frozenset({role} if role else ()), "en"), "en"
        return primary_links(), programme_links("pi")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_offered_what_it_may_open_and_nothing_else(app, role):
    primary, tabs = seen_by(app, role, "/")
    for places, links in ((PLACES, primary), (PROGRAMME_PLACES, tabs)):
        allowed = {str(p.text) for p in places if not p.permission or role in PERMISSIONS[p.permission]}
        assert {link.text for link in links} <= allowed
    assert ("Programmes" in {link.text for link in primary}) == (role in PERMISSIONS["programme.view"])


@pytest.mark.parametrize("role", ROLES)
def test_every_offer_opens(site, role):
    client = site.client(role, programmes=("pi",))
    offered = set(re.findall(r'<li><a href="(/[^"]*)"', client.get("/work").text))
    if "/programmes" in offered:
        offered |= set(re.findall(r'<li><a href="(/programmes/pi[^"]*)"', client.get("/programmes/pi").text))
    assert offered
    assert {url: client.get(url).status_code for url in offered} == dict.fromkeys(offered, 200)


def test_a_visitor_and_a_half_signed_in_account_are_offered_nothing(app):
    with app.test_request_context("/"):
        g.viewer, g.language = None, "en"
        assert primary_links() == []
        g.viewer, g.half_signed_in = Viewer(1, "AC-1", "Kim", frozenset(ROLES), "en"), True
        assert primary_links() == programme_links("pi") == []


@pytest.mark.parametrize(
    ("path", "place"),
    [("/programmes", "Programmes"), ("/programmes/pi/reports", "Programmes"), ("/reports", "Reports"), ("/programmesque", None)],
)
def test_the_header_says_where_one_is(app, path, place):
    primary, _tabs = seen_by(app, "program_officer", path)
    assert [link.text for link in primary if link.is_current] == [place] * bool(place)


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("/programmes/pi", "Overview"),
        ("/programmes/pi/reports", "Reports"),
        ("/programmes/pi/analysis", "Analysis"),
        ("/runs/7", "Analysis"),
    ],
)
def test_the_tabs_say_where_one_is(app, path, tab):
    _primary, tabs = seen_by(app, "program_officer", path)
    assert [link.text for link in tabs if link.is_current] == [tab]


@pytest.mark.parametrize("javascript", [True, False])
def test_on_a_phone_the_menu_leads_everywhere_the_header_does(served, javascript):
    page = served.page("program_officer", programmes=("pi",), width=390, javascript=javascript)
    page.goto(served.address + "/")
    expect(page.locator(".primary")).to_be_hidden()
    page.locator(".menu > summary").press("Enter")
    page.locator(".menu").get_by_role("link", name="Programmes").press("Enter")
    page.wait_for_url(served.address + "/programmes")


def test_the_open_menu_is_sound(served):
    page = served.page("program_officer", programmes=("pi",), width=390, language="ko")
    page.goto(served.address + "/")
    page.locator(".menu > summary").press("Enter")
    check_page(page)
    page.keyboard.press("Escape")
    assert page.locator(".menu").get_attribute("open") is None
