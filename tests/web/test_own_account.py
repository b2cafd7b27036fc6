"""The page of one's own account."""

from __future__ import annotations

import json
import re

import pyotp
import pytest

from evalapp.core.messages.messenger import Messenger
from tests.clock import stop_clock
from tests.web.joined import EMAIL, IN_THE_APP, PASSWORD, facts, give_password, join, present_code
from tests.web.site import asks_for_password, csrf_token, send

NEW = "four other words here"


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


def hidden(page, name):
    return re.search(rf'name="{name}" value="([^"]+)"', page)[1]


def shown_secret(page):
    return re.search(r'<code class="key">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")


def set_up(client, clock, path):
    """Scan the picture of a page and type the code."""
    page = client.get(path).text
    data = {"csrf_token": csrf_token(page), "proposal": hidden(page, "proposal"), "code": present_code(clock, shown_secret(page))}
    return client.post(path, data=data), shown_secret(page)


def test_the_page_names_its_owner_the_roles_and_where_one_is_signed_in(site):
    join(site, "trainer", "funder")
    client = site.client()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"
    give_password(client)
    page = client.get("/account").text
    for text in ("Kim Hana", EMAIL, "Trainer", "Funder", "Firefox, Windows", "this one"):
        assert text in page


def test_a_role_that_demands_it_sets_up_an_authenticator_before_anything_else(site, clock):
    join(site, "administrator")
    client = site.client()
    assert give_password(client, back="/staff").location == "/account/second-factor?back=/staff"
    assert client.get("/staff").location == "/account/second-factor"
    assert client.get("/sign-in/code").location.startswith("/account/second-factor")
    page = client.get("/account/second-factor").text
    assert 'src="data:image/svg+xml' in page
    wrong = client.post(
        "/account/second-factor",
        data={"csrf_token": csrf_token(page), "proposal": hidden(page, "proposal"), "code": "000000"},
    )
    assert wrong.status_code == 422
    assert shown_secret(wrong.text) == shown_secret(page), "after a slip the picture that was scanned stays good"
    half = client.get_cookie("sign-in").value
    done, _ = set_up(client, clock, "/account/second-factor")
    assert (done.status_code, done.location) == (303, "/account/recovery-codes")
    assert client.get_cookie("sign-in").value != half
    assert client.get("/staff").status_code == 200


def test_recovery_codes_are_shown_once_and_open_once(site, clock):
    join(site, "administrator")
    client = site.client()
    give_password(client)
    set_up(client, clock, "/account/second-factor")
    codes = re.findall(r"<code>([0-9A-Z]{5}-[0-9A-Z]{5})</code>", client.get("/account/recovery-codes").text)
    assert len(codes) == 10
    assert codes[0] not in client.get("/account/recovery-codes").text
    for expected in (303, 422):
        other = site.client()
        give_password(other)
        answer = send(other, "/sign-in/code", {"code": codes[0], "back": "/account"})
        assert answer.status_code == expected
        assert expected == 422 or "Codes left: 9." in other.get("/account").text


def test_recovery_codes_wait_sealed_in_the_browser(site, clock):
    join(site, "administrator")
    client = site.client()
    give_password(client)
    set_up(client, clock, "/account/second-factor")
    with client.session_transaction() as session:
        assert session["recovery_codes"].startswith("k1:")


def test_a_set_up_page_that_is_sent_twice_makes_nothing_worse(site, clock):
    code = join(site, "administrator")
    client = site.client()
    give_password(client)
    page = client.get("/account/second-factor").text
    data = {"csrf_token": csrf_token(page), "proposal": hidden(page, "proposal"), "code": present_code(clock, shown_secret(page))}
    assert client.post("/account/second-factor", data=data).status_code == 303
    again = client.post("/account/second-factor", data={**data, "csrf_token": csrf_token(client.get("/account").text)})
    assert again.location == "/account/second-factor/replace"
    assert facts(site, code).second_factor_at


def test_an_authenticator_is_replaced_and_the_old_one_opens_nothing(site, clock):
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    give_password(client)
    send(client, "/sign-in/code", {"code": present_code(clock)})
    assert client.get("/account/second-factor").location == "/account/second-factor/replace"
    _, secret = set_up(client, clock, "/account/second-factor/replace")
    clock.forward(minutes=1)
    other = site.client()
    give_password(other)
    assert send(other, "/sign-in/code", {"code": present_code(clock, IN_THE_APP)}).status_code == 422
    assert send(other, "/sign-in/code", {"code": pyotp.TOTP(secret).at(clock.instant)}).status_code == 303


def test_new_recovery_codes_need_the_password_again(site, clock):
    client = site.client("administrator")
    assert send(client, "/account/recovery-codes").location == "/account/recovery-codes"
    assert len(re.findall(r"<li><code>", client.get("/account/recovery-codes").text)) == 10
    clock.forward(minutes=11)
    assert asks_for_password(send(client, "/account/recovery-codes"))


def test_whoever_has_no_authenticator_is_told_what_recovery_codes_are_for(site):
    join(site, "trainer")
    client = site.client()
    give_password(client)
    assert "Set one up first" in client.get("/account/recovery-codes").text
    assert "Not set up" in client.get("/account").text


def test_a_password_is_changed(site):
    join(site, "trainer")
    client, elsewhere = site.client(), site.client()
    give_password(client)
    give_password(elsewhere)
    path = "/account/password"
    for data, field in (
        ({"present": "wrong", "password": NEW, "again": NEW}, "present"),
        ({"present": PASSWORD, "password": NEW, "again": "x"}, "again"),
        ({"present": PASSWORD, "password": "hana@example.org", "again": "hana@example.org"}, "password"),
        ({"present": "", "password": NEW, "again": NEW}, "present"),
    ):
        refused = send(client, path, data)
        assert (refused.status_code, re.findall(r'href="#(\w+)"', refused.text)[1:]) == (422, [field])
        assert NEW not in refused.text
    assert send(client, path, {"present": PASSWORD, "password": NEW, "again": NEW}).location == "/account"
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303
    assert give_password(elsewhere).status_code == 422
    assert give_password(elsewhere, typed=NEW).status_code == 303


def test_a_language_is_kept_with_the_account(site):
    code = join(site, "trainer")
    client = site.client()
    give_password(client)
    assert send(client, "/account/language", {"language": "ko"}, page="/account").location == "/account"
    assert '<html lang="ko"' in client.get("/account").text
    assert facts(site, code).language == "ko"
    send(client, "/account/language", {"language": "xx"}, page="/account")
    assert facts(site, code).language == "ko"


def test_one_sign_in_or_all_others_are_ended_but_nobody_elses(site):
    join(site, "trainer")
    here, there, third, stranger = site.client(), site.client(), site.client(), site.client("trainer")
    for client in (here, there, third):
        give_password(client)
    ends = re.findall(r"/account/sign-ins/(\d+)/end", here.get("/account").text)
    assert len(ends) == 2
    assert send(stranger, f"/account/sign-ins/{ends[0]}/end", page="/account").status_code == 404
    assert send(here, f"/account/sign-ins/{ends[0]}/end", page="/account").location == "/account"
    assert sorted(client.get("/account").status_code for client in (there, third)) == [200, 303]
    assert send(here, "/account/sign-ins/end-others", page="/account").location == "/account"
    assert [client.get("/account").status_code for client in (here, there, third)] == [200, 303, 303]


def letters(tmp_path):
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((tmp_path / "outbox").glob("*.json"))]


def test_a_name_is_ones_own_to_change(site):
    code = join(site, "trainer")
    client = site.client()
    give_password(client)
    assert 'value="Kim Hana"' in client.get("/account/name").text
    assert send(client, "/account/name", {"name": "  "}).status_code == 422
    assert send(client, "/account/name", {"name": "900101-1234567"}).status_code == 422
    assert send(client, "/account/name", {"name": "박하나"}).location == "/account"
    assert "박하나" in client.get("/account").text
    assert facts(site, code).name == "박하나"


def test_an_address_is_changed_by_a_link_and_the_old_one_is_told(site, tmp_path, clock):
    code = join(site, "trainer")
    client = site.client()
    give_password(client)
    path, new = "/account/email", "new@example.org"
    for data, field in (({"email": new, "password": "wrong"}, "password"), ({"email": "x", "password": PASSWORD}, "email")):
        refused = send(client, path, data)
        assert (refused.status_code, f'href="#{field}"' in refused.text) == (422, True)
    assert letters(tmp_path) == []
    assert send(client, path, {"email": new, "password": PASSWORD}).location == "/account"
    assert facts(site, code).email == EMAIL
    (letter,) = letters(tmp_path)
    link = re.search(r"http://127\.0\.0\.1:5000(/account/email/\S+)", letter["text"])[1]
    assert letter["to"] == new
    assert EMAIL not in letter["text"]
    assert new not in link
    assert site.client().get(link).location.startswith("/sign-in?back=/account/email/")
    assert site.client("trainer").get(link).status_code == 410
    assert new in client.get(link).text
    assert facts(site, code).email == EMAIL, "looking at a link changes nothing"
    clock.forward(seconds=1)
    assert send(client, link).location == "/account"
    assert facts(site, code).email == new
    told = letters(tmp_path)[1]
    assert (told["to"], new in told["text"]) == (EMAIL, False)
    assert send(client, link, page="/account").status_code == 410
    assert give_password(site.client()).status_code == 422
    assert give_password(site.client(), email=new).status_code == 303


def test_without_a_mail_server_the_page_says_so(site):
    client = site.client("trainer")
    site.app.extensions["evalapp.messenger"] = Messenger({}, "http://localhost")
    assert "No e-mail can be sent" in client.get("/account/email").text
