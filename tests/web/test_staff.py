"""The pages of administrators."""

from __future__ import annotations

import re
import threading

import pytest

from evalapp.accounts.staff.suspend_account import suspend_account
from evalapp.core.errors import AppError
from tests.clock import stop_clock
from tests.web.joined import EMAIL, IN_THE_APP, PASSWORD, facts, give_password, join, present_code
from tests.web.site import asks_for_password, send


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


def change(client, code, path, data=None, *, version=None):
    """Press a button of somebody's page."""
    page = client.get(f"/staff/{code}").text
    seen = re.search(r'name="version" value="(\d+)"', page)[1]
    return send(
        client,
        f"/staff/{code}/{path}",
        {"version": version or seen, "back": f"/staff/{code}", **(data or {})},
        page=f"/staff/{code}",
    )


def invite(client, **data):
    return send(client, "/staff/invite", {"name": "Choi Dana", "email": EMAIL, "language": "en", **data})


def test_somebody_is_invited_and_the_link_is_shown_once(site):
    client = site.client("administrator", programmes=("pi", "mentoring"))
    answer = invite(client, interviewer="yes", programme=["pi"])
    assert answer.status_code == 303
    page = client.get(answer.location).text
    link = re.search(r"http://localhost(/join/[\w-]+)", page)[1]
    assert "Choi Dana" in page
    assert f"{answer.location}/programmes/pi/end" in page
    assert f"{answer.location}/programmes/mentoring/end" not in page
    assert link not in client.get(answer.location).text
    visitor = site.client()
    assert send(visitor, link, {"password": PASSWORD, "again": PASSWORD}).location == "/sign-in"
    assert give_password(visitor).location.startswith("/account/second-factor")


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "trainer": "yes"}, "name"),
        ({"email": "dana", "trainer": "yes"}, "email"),
        ({}, "roles"),
        ({"trainer": "yes", "programme": "nowhere"}, "roles"),
    ],
)
def test_an_invitation_that_cannot_be_names_the_field_and_keeps_what_was_typed(site, data, field):
    client = site.client("administrator", programmes=("pi",))
    answer = invite(client, **data)
    assert (answer.status_code, re.findall(r'href="#(\w+)"', answer.text)[1:]) == (422, [field])
    assert 'value="Choi Dana"' in answer.text or field == "name"
    assert client.get("/staff").text.count("<tr>") == 2


def test_an_address_has_one_account(site):
    client = site.client("administrator")
    invite(client, trainer="yes")
    assert "already" in invite(client, trainer="yes").text


def test_the_list_shows_who_may_do_what(site):
    join(site, "trainer")
    site.account("analyst", programmes=("pi",))
    page = site.client("administrator").get("/staff").text
    for text in ("Kim Hana", "Trainer", "Analyst", "active", ">pi<"):
        assert text in page


def test_roles_and_programmes_come_and_go(site):
    client = site.client("administrator", programmes=("pi",))
    code = join(site, "trainer")
    assert change(client, code, "roles", {"role": "funder"}).location == f"/staff/{code}"
    assert change(client, code, "roles/trainer/revoke").status_code == 303
    assert facts(site, code).roles == ("funder",)
    assert "Roles held before" in client.get(f"/staff/{code}").text
    assert change(client, code, "programmes", {"programme": "pi"}).status_code == 303
    assert "programmes/pi/end" in client.get(f"/staff/{code}").text
    assert change(client, code, "programmes/pi/end").status_code == 303
    assert "Member of no programme" in client.get(f"/staff/{code}").text
    assert change(client, code, "programmes", {"programme": "nowhere"}).status_code == 404


def test_the_second_of_two_administrators_at_once_reads_why_nothing_happened(site):
    first, second = site.client("administrator"), site.client("administrator")
    code = join(site, "trainer")
    version = facts(site, code).version
    assert change(first, code, "suspend", version=version).status_code == 303
    answer = change(second, code, "roles", {"role": "funder"}, version=version)
    assert answer.status_code == 422
    assert "Someone else has changed this account" in answer.text
    assert facts(site, code).roles == ("trainer",)


def test_a_form_without_its_version_changes_nothing(site):
    client = site.client("administrator")
    code = join(site, "trainer")
    assert send(client, f"/staff/{code}/suspend", page=f"/staff/{code}").status_code == 422
    assert facts(site, code).state == "active"


def test_a_suspended_account_is_out_and_let_in_again(site):
    client, person = site.client("administrator"), site.client()
    code = join(site, "trainer")
    give_password(person)
    change(client, code, "suspend")
    assert person.get("/account").status_code == 303
    assert give_password(person).status_code == 422
    change(client, code, "reactivate")
    assert give_password(person).status_code == 303


def test_a_lost_password_is_replaced_by_a_link(site):
    client, person = site.client("administrator"), site.client()
    code = join(site, "trainer")
    change(client, code, "link")
    link = re.search(r"http://localhost(/reset/[\w-]+)", client.get(f"/staff/{code}").text)[1]
    new = "four other words here"
    assert send(person, link, {"password": new, "again": new}).location == "/sign-in"
    assert give_password(person).status_code == 422
    assert give_password(person, typed=new).status_code == 303


def test_a_lost_authenticator_is_removed(site):
    client, person = site.client("administrator"), site.client()
    code = join(site, "analyst", secret=IN_THE_APP)
    change(client, code, "second-factor/reset")
    assert give_password(person).location.startswith("/account/second-factor")


def test_administrators_do_not_help_themselves(site):
    site.account("administrator")
    client = site.client()
    own = site.account("administrator", programmes=("pi",))
    site.sign_in(client, own)
    site.account("trainer", programmes=("mentoring",))
    page = client.get(f"/staff/{own}").text
    assert f"/staff/{own}/suspend" not in page
    assert f"/staff/{own}/second-factor/reset" not in page
    for path, data in (("roles", {"role": "analyst"}), ("programmes", {"programme": "mentoring"}), ("second-factor/reset", {})):
        assert change(client, own, path, data).status_code == 422
    assert facts(site, own).roles == ("administrator",)


def test_the_last_administrator_stays(site):
    client = site.client()
    own = site.account("administrator")
    site.sign_in(client, own)
    for path in ("suspend", "roles/administrator/revoke"):
        answer = change(client, own, path)
        assert (answer.status_code, "last active administrator" in answer.text) == (422, True)


def test_two_administrators_who_suspend_each_other_at_once_leave_one(site):
    codes = [site.account("administrator"), site.account("administrator")]
    start, refused = threading.Barrier(2), []

    def suspend(who, whom):
        start.wait()
        try:
            with site.transaction(who, "administrator") as db:
                suspend_account(db, whom)
        except AppError as error:
            refused.append(str(error))

    threads = [threading.Thread(target=suspend, args=pair) for pair in (codes, codes[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(facts(site, code).state for code in codes) == ["active", "suspended"]
    assert len(refused) == 1


def test_every_change_needs_the_password_again(site, clock):
    client = site.client("administrator")
    code = join(site, "trainer")
    clock.forward(minutes=11)
    page = f"/staff/{code}"
    assert client.get("/staff/invite").location == "/confirm?back=/staff/invite"
    for path in (
        "roles",
        "roles/trainer/revoke",
        "programmes",
        "programmes/pi/end",
        "suspend",
        "reactivate",
        "link",
        "second-factor/reset",
    ):
        assert asks_for_password(send(client, f"{page}/{path}", page=page))


def test_the_history_tells_what_happened_and_who_did_it(site, clock):
    client, person = site.client("administrator"), site.client()
    code = join(site, "analyst", secret=IN_THE_APP)
    give_password(person, typed="wrong")
    give_password(person)
    send(person, "/sign-in/code", {"code": present_code(clock)})
    page = client.get(f"/staff/{code}").text
    for text in ("Account invited", "Role given", "Sign-in failed", "Code given", "not signed in", "terminal"):
        assert text in page


def test_an_unknown_account_is_a_page_that_does_not_exist(site):
    client = site.client("administrator")
    assert client.get("/staff/AC-NONE").status_code == 404
    assert send(client, "/staff/AC-NONE/suspend", page="/staff").status_code == 404


def test_an_administrator_ends_the_sign_ins_of_somebody_else(site):
    client, person = site.client("administrator"), site.client()
    code = join(site, "trainer")
    give_password(person)
    assert (
        send(client, f"/staff/{code}/sign-ins/end", {"version": facts(site, code).version}, page=f"/staff/{code}").status_code
        == 303
    )
    assert person.get("/account").status_code == 303
    assert give_password(person).status_code == 303, "they may sign in again"
