"""Every address of people's pages is closed to those whose role or programme it is not."""

from __future__ import annotations

import pytest

from evalapp.accounts.permissions import PERMISSIONS, ROLES
from tests.web.people.crowd import PEOPLE, enter
from tests.web.site import csrf_token

NUMBERS = {"view": 1, "enterprise": 1, "merge": 1}


def addresses(app, study_id):
    """Return every address with its method and the permission it asks for."""
    words = {"code": "pi", "study_id": study_id, "first": study_id, "second": study_id, "purpose": "survey", **NUMBERS}
    urls = app.url_map.bind("localhost")
    found = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("people."):
            url = urls.build(rule.endpoint, {name: words[name] for name in rule.arguments})
            permission = app.view_functions[rule.endpoint].access
            found += [(url, method, permission) for method in rule.methods & {"GET", "POST"}]
    return found


@pytest.fixture
def study_id(site):
    site.account("program_officer", programmes=("pi",))
    return enter(site)


def answers(site, client, study_id, page):
    """Return the status of every address with its permission."""
    token = csrf_token(client.get(page).text)
    return {
        (url, method): (
            client.get(url) if method == "GET" else client.post(url, data={"csrf_token": token}),
            permission,
        )
        for url, method, permission in addresses(site.app, study_id)
    }


def test_a_stranger_to_the_programme_finds_nothing(site, study_id):
    stranger = site.client("program_officer", "privacy_officer", programmes=("other",))
    assert stranger.get(PEOPLE).status_code == 200  # a privacy officer sees every programme
    stranger = site.client("program_officer", programmes=("other",))
    found = answers(site, stranger, study_id, "/programmes/other")
    assert len(found) > 30
    assert {address: answer.status_code for address, (answer, _) in found.items() if answer.status_code != 404} == {}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_without_the_permission_is_refused(site, study_id, role):
    client = site.client(role, programmes=("pi",))
    page = "/account" if role in ("funder", "administrator") else "/programmes/pi"
    for address, (answer, permission) in answers(site, client, study_id, page).items():
        if role not in PERMISSIONS[permission]:
            assert answer.status_code == 403, address


def test_a_visitor_is_sent_to_the_sign_in_and_writes_nothing(site, study_id):
    visitor = site.client()
    for (_url, method), (answer, _) in answers(site, visitor, study_id, "/sign-in").items():
        assert answer.status_code == (303 if method == "GET" else 401)
        assert method == "POST" or "/sign-in" in answer.location


def test_every_address_a_form_is_sent_to_can_be_opened(site, study_id):
    """Who changes the language on an answer is led back to its address."""
    posted = {url for url, method, _ in addresses(site.app, study_id) if method == "POST"}
    opened = {url for url, method, _ in addresses(site.app, study_id) if method == "GET"}
    only_buttons = {f"{PEOPLE}/views/1/drop", f"{PEOPLE}/{study_id}/enterprises/1/current"}  # these answer with another page
    assert posted - opened == only_buttons
