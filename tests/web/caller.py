"""An account that calls every address, for tests of who may and of what breaks."""

from __future__ import annotations

import re

from itsdangerous import URLSafeTimedSerializer

from tests.web.access_table import NAME
from tests.web.one_of_everything import add_forms, add_own, add_things

RAW_TOKEN = "0" * 40


class Caller:
    """An account in its programme `pi`, and how it calls an address with the things of a programme."""

    def __init__(self, site, *roles):
        self.site, self.account = site, site.account(*roles, programmes=("pi",))
        self.client = site.app.test_client()
        self.signed_in: bool | None = None  # with the password entered lately or long ago; None: not
        self.own = add_things(site, "pi", self.account)
        self.own |= add_own(site, self.account) | add_forms(site, self.account)

    def address(self, call, things):
        """Fill the names of an address in."""
        path = call.partition(" ")[2]
        if path.startswith("/account/sign-ins/<"):
            things = {**things, "key": things["sign_in"]}
        if path.startswith("/account/email/"):
            things = {**things, "token": things["new_email"]}
        if path.startswith("/staff/<code>"):
            things = {**things, "code": things["account"]}
        if path.startswith(("/reset/", "/s/", "/me/")):
            things = {**things, "token": things["reset" if path.startswith("/reset/") else "survey"]}
        if path.startswith("/calendars/"):
            things = {**things, "token": things["calendar"]}
        if path.startswith("/instruments/"):
            things = {**things, "code": things["form"], "kind": "workbook"}
        if "/erased/" in path:
            things = {**things, "study_id": things["erased"]}
        things = {
            "form_id": "none--none",
            "name": "none.csv",
            "rest": "none",
            "field": "phone",
            "purpose": "survey",
            "kind": "access",
            "language": "en",
            "month": "2026-01",
            "role": "trainer",
            "programme": "pi",
            "number": 1,
            "occasion": "start",
            **things,
        }
        return re.sub(NAME, lambda found: str(things[found[1]]), path)

    def call(self, call, things=None, *, signed_in=True, confirmed=True):
        """Call an address with a valid token and an empty form. What an earlier call did to the sign-in is forgotten."""
        if signed_in and self.signed_in != confirmed:
            self.site.sign_in(self.client, self.account, confirmed=confirmed)
            self.signed_in = confirmed
        if call.startswith(("POST /account", "POST /sign", "POST /confirm")):
            self.signed_in = None
        url = self.address(call, {**self.own, **(things or {})})
        if call.startswith("GET"):
            return self.client.get(url)
        return self.client.post(url, data={"csrf_token": form_token(self.site, self.client)})


def form_token(site, client):
    """Plant a token of forms in a browser and return what a form of it would carry."""
    with client.session_transaction() as session:
        session["csrf_token"] = RAW_TOKEN
    return URLSafeTimedSerializer(site.app.secret_key, salt="wtf-csrf-token").dumps(RAW_TOKEN)
