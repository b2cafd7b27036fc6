"""A survey on a site, and respondents who walk through it."""

from __future__ import annotations

import re

from tests.surveys.answering.invited import BIRTH_YEAR, invite, open_programme, open_wave
from tests.web.site import csrf_token, send


def open_survey(site, **invited):
    """Open a wave on a site and invite somebody; returns the invitation's facts."""
    with site.transaction() as db:
        return invite(db, open_wave(db, open_programme(db)), **invited)


def open_link(client, token, secret=BIRTH_YEAR, **options):
    """Give the second secret."""
    return send(client, f"/s/{token}", {"secret": secret}, **options)


def hidden(page):
    """Return the hidden fields of a screen."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    fields = {name: value for name, value in found if name != "shown"}
    return {**fields, "shown": [value for name, value in found if name == "shown"]}


def press(client, address, what="next", **fields):
    """Fill in the screen at an address and press one of its buttons; returns where it led."""
    page = client.get(address)
    assert page.status_code == 200, page.location
    data = {**hidden(page.text), "csrf_token": csrf_token(page.text), "do": what}
    action = re.search(r'id="answers"[^>]* action="([^"]+)"', page.text)[1]
    return client.post(action, data={**data, **{name.replace("__", "."): value for name, value in fields.items()}})


ANSWERS = {
    "firm_operating": {"firm_operating": "yes"},
    "revenue_krw": {"revenue_krw": "1,000"},
    "difficulty": {"difficulty__difficulty_money": "3"},
    "trade.goods": {"trade__goods": "쌀"},
}


def answer_all(client, address, answers=None):
    """Answer what must be answered, screen by screen; returns the address of the last look."""
    while "check" not in address:
        page = client.get(address).text
        screen = hidden(page)["screen"]
        answer = press(client, address, **{**ANSWERS, **(answers or {})}.get(screen, {}))
        assert answer.status_code == 303, (screen, answer.text)
        assert answer.location != address, screen
        address = answer.location
    return address


def hand_in(client, address):
    """Press the last button."""
    page = client.get(address).text
    action = re.search(r'action="([^"]+hand-in)"', page)[1]
    return client.post(action, data={"csrf_token": csrf_token(page)})
