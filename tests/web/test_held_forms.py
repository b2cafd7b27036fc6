"""Forms that wait for the password: nothing typed is lost, and a form that waits opens nothing else."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select, update

from evalapp.accounts.credentials.passwords import hash_password
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now
from tests.clock import stop_clock
from tests.web.browsing import check_page, follow
from tests.web.joined import EMAIL, IN_THE_APP, PASSWORD, give_password, join, present_code
from tests.web.site import LONG_AGO, asks_for_password, csrf_token, send

INVITED = {"email": "new@example.org", "name": "박새봄", "language": "ko", "trainer": "yes", "funder": "yes"}


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


@pytest.fixture
def administrator(site, clock):
    """Somebody whose password was entered eleven minutes ago, with the form to invite a colleague open."""
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    give_password(client)
    send(client, "/sign-in/code", {"code": present_code(clock)})
    client.form = csrf_token(client.get("/staff/invite").text)
    clock.forward(minutes=11)
    return client


def held(answer):
    """Return the fields of the page that asks for the password."""
    assert asks_for_password(answer)
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.text))


def invite(client, data=None):
    return client.post("/staff/invite", data={"csrf_token": client.form, **(data or INVITED)})


def count_invited(site):
    with site.transaction() as db:
        return db.scalar(select(func.count(Account.id)).where(Account.state == "invited"))


def test_what_was_filled_in_goes_on_after_the_password(administrator):
    page = invite(administrator)
    fields = held(page)
    assert 'action="/staff/invite"' in page.text
    assert INVITED["email"] not in page.text, "it is sealed"
    token = administrator.get_cookie("sign-in").value
    done = administrator.post("/staff/invite", data={**fields, "password": PASSWORD})
    assert done.status_code == 303
    page = administrator.get(done.location)
    for text in (*(INVITED[name] for name in ("email", "name")), "Trainer", "Funder", "/join/"):
        assert text in page.text
    assert administrator.get_cookie("sign-in").value != token
    assert invite(administrator, {**INVITED, "email": "next@example.org"}).status_code == 303, (
        "for ten minutes it is not asked again"
    )


def test_a_form_that_is_refused_afterwards_comes_back_filled_in_and_leaves_nobody_signed_out(administrator):
    fields = held(invite(administrator, {**INVITED, "email": EMAIL}))
    answer = administrator.post("/staff/invite", data={**fields, "password": PASSWORD})
    assert answer.status_code == 422
    assert INVITED["name"] in answer.text
    assert administrator.get("/staff").status_code == 200


def test_an_error_afterwards_leaves_nobody_signed_out(administrator):
    fields = held(administrator.post("/staff/AC-NONE/suspend", data={"csrf_token": administrator.form}))
    assert administrator.post("/staff/AC-NONE/suspend", data={**fields, "password": PASSWORD}).status_code == 404
    assert administrator.get("/staff").status_code == 200


def test_a_wrong_password_keeps_the_form_and_counts(site, administrator):
    fields = held(invite(administrator))
    again = held(administrator.post("/staff/invite", data={**fields, "password": "wrong"}))
    assert count_invited(site) == 0
    with site.transaction() as db:
        assert db.scalar(select(func.count()).where(AuditEntry.action == "password_refused")) == 1
    assert administrator.post("/staff/invite", data={**again, "password": PASSWORD}).status_code == 303
    assert count_invited(site) == 1


def test_a_form_goes_on_once(site, administrator):
    fields = held(administrator.post("/account/recovery-codes", data={"csrf_token": administrator.form}))
    before = administrator.get_cookie("sign-in").value
    assert administrator.post("/account/recovery-codes", data={**fields, "password": PASSWORD}).status_code == 303
    again = administrator.post("/account/recovery-codes", data={**fields, "password": PASSWORD})
    assert (again.status_code, "sent already" in again.text) == (422, True)
    administrator.set_cookie("sign-in", before)
    twin = administrator.post("/account/recovery-codes", data={**fields, "password": PASSWORD})
    assert twin.status_code in (400, 401), "whose button was pressed twice at once holds a token that is over"
    with site.transaction() as db:
        assert db.scalar(select(func.count()).where(AuditEntry.action == "recovery_codes_renewed")) == 1


def test_a_form_waits_ten_minutes(site, administrator, clock):
    fields = held(invite(administrator))
    clock.forward(minutes=10, seconds=1)
    late = administrator.post("/staff/invite", data={**fields, "password": PASSWORD})
    assert (late.status_code, "open too long" in late.text) == (422, True)
    assert count_invited(site) == 0


def test_a_form_opens_at_no_other_address_in_no_other_sign_in_and_not_altered(site, administrator, clock):
    fields = held(invite(administrator))
    for path in ("/staff/invite?x=1", "/staff/AC-NONE/suspend", "/account/recovery-codes"):
        assert "open too long" in administrator.post(path, data={**fields, "password": PASSWORD}).text, path
    for sealed in ("", "k1:", "k1:AAAA", fields["held_form"][:-4] + "AAA="):
        answer = administrator.post("/staff/invite", data={**fields, "held_form": sealed, "password": PASSWORD})
        assert (answer.status_code, "open too long" in answer.text) == (422, True)
    other = site.client()
    give_password(other)
    send(other, "/sign-in/code", {"code": present_code(clock)})
    fields["csrf_token"] = csrf_token(other.get("/staff/invite").text)
    assert "open too long" in other.post("/staff/invite", data={**fields, "password": PASSWORD}).text
    assert count_invited(site) == 0


def test_the_way_back_leads_nowhere_else(administrator):
    for back in ("//evil.example", "https://evil.example"):
        assert "evil.example" not in invite(administrator, {**INVITED, "back": back}).text
    page = administrator.post(
        "/staff/invite", data={"csrf_token": administrator.form, **INVITED}, headers={"Referer": "https://evil.example/staff"}
    )
    assert "evil.example" not in page.text
    assert 'href="/staff"' in page.text


def test_in_a_browser_the_page_is_plain_and_the_form_goes_on(served):
    page = served.page("administrator", width=390)
    with served.site.transaction() as db:
        db.scalars(select(Account)).one().password_hash = hash_password(PASSWORD)
        db.execute(update(SignIn).values(confirmed_at=now() - LONG_AGO))
    page.goto(f"{served.address}/account/recovery-codes")
    follow(page.get_by_role("button", name="Make new"))
    expect(page.locator("h1")).to_have_text("Enter your password again")
    check_page(page)
    page.get_by_label("Password").fill(PASSWORD)
    follow(page.get_by_role("button", name="Continue"))
    expect(page.locator("li code")).to_have_count(10)
