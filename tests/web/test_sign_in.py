"""The way in and out, as a browser meets it."""

from __future__ import annotations

import contextlib
import re
import threading

import pytest

from evalapp.accounts.own.accept_link import accept_link
from evalapp.accounts.signing_in.sign_in import FROM_ONE_ADDRESS
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.core.errors import AppError
from evalapp.web.access import FORBIDDEN, UNAUTHORISED
from evalapp.web.devices import device_of
from evalapp.web.installation import UNFINISHED
from evalapp.web.sign_in import GONE, TOO_MANY
from tests.clock import stop_clock
from tests.web.joined import EMAIL, IN_THE_APP, PASSWORD, give_password, join, present_code
from tests.web.site import csrf_token, send

OUTSIDE = ("//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)")


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


def token_of(client):
    return client.get_cookie("sign-in").value


def test_the_password_leads_to_the_page_that_was_asked_for(site):
    join(site, "trainer")
    client = site.client()
    asked = client.get("/account?tab=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?back=/account?tab%3D1")
    assert 'value="/account?tab=1"' in client.get(asked.location).text
    answer = give_password(client, back="/account?tab=1")
    assert (answer.status_code, answer.location) == (303, "/account?tab=1")
    assert client.get("/account").status_code == 200
    assert client.get("/sign-in?back=/account").location == "/account"


@pytest.mark.parametrize("back", OUTSIDE)
def test_signing_in_leads_nowhere_else(site, clock, back):
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    assert give_password(client, back=back).location == "/sign-in/code?back=/"
    assert send(client, "/sign-in/code", {"code": present_code(clock), "back": back}).location == "/"


def test_the_cookie_is_for_the_server_only_and_ends_with_the_browser(site):
    join(site, "trainer")
    answer = give_password(site.client())
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("sign-in="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_over_tls_the_cookie_is_bound_to_the_host(site):
    join(site, "trainer")
    site.app.config["SESSION_COOKIE_SECURE"] = True
    client = site.client()
    page = client.get("/sign-in", base_url="https://localhost")
    data = {"csrf_token": csrf_token(page.text), "email": EMAIL, "password": PASSWORD}
    answer = client.post("/sign-in", data=data, base_url="https://localhost", headers={"Referer": "https://localhost/sign-in"})
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if "sign-in=" in line)
    assert cookie.startswith("__Host-sign-in=")
    assert "Secure" in cookie
    assert "Path=/" in cookie


def test_every_wrong_try_reads_the_same(site):
    join(site, "trainer")
    client = site.client()
    answers = [give_password(client, email=email, typed="wrong") for email in (EMAIL, "nobody@example.org")]
    for _ in range(10):
        give_password(client, typed="wrong")
    answers.append(give_password(client))
    assert {answer.status_code for answer in answers} == {422}
    plain = {re.sub(r'(name="csrf_token" value|name="email" type="email" value)="[^"]*"', "", answer.text) for answer in answers}
    assert len(plain) == 1
    assert "wrong" not in re.findall(r'value="([^"]*)"', answers[0].text)


def test_nothing_typed_is_asked_for_again_by_name(site):
    answer = send(site.client(), "/sign-in", {"email": "", "password": ""})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#password"' in answer.text


def test_an_address_that_guesses_is_told_to_wait(site):
    join(site, "trainer")
    client = site.client()
    for number in range(FROM_ONE_ADDRESS.most):
        give_password(client, email=f"guess{number}@example.org")
    answer = give_password(client)
    assert answer.status_code == TOO_MANY
    assert "Wait 15 minutes" in answer.text


def test_a_token_planted_before_is_worth_nothing_after(site, clock):
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    client.set_cookie("sign-in", "planted")
    give_password(client)
    half = token_of(client)
    assert half != "planted"
    send(client, "/sign-in/code", {"code": present_code(clock)})
    whole = token_of(client)
    assert whole != half
    thief = site.client()
    for token in ("planted", half):
        thief.set_cookie("sign-in", token)
        assert thief.get("/account").location.startswith("/sign-in?")


def test_the_session_of_a_visitor_is_not_carried_into_the_sign_in(site):
    join(site, "trainer")
    client = site.client()
    before = csrf_token(client.get("/sign-in").text)
    give_password(client)
    answer = client.post("/account/sign-ins/end-others", data={"csrf_token": before})
    assert answer.status_code == 400


def test_half_a_sign_in_reaches_the_code_and_nothing_else(site):
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    give_password(client)
    for rule in site.app.url_map.iter_rules():
        is_for_devices = getattr(site.app.view_functions[rule.endpoint], "access", "") == "device"  # no sign-in counts there
        if rule.endpoint in UNFINISHED or rule.endpoint in ("static", "pages.tokens") or is_for_devices:
            continue
        listed = {name: getattr(converter, "items", None) for name, converter in rule._converters.items()}
        path = rule.build({name: min(items) if items else 1 for name, items in listed.items()})[1]
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = client.open(path, method=method)
            assert (answer.status_code, answer.location) == (303, "/sign-in/code"), (method, path)


def test_half_a_sign_in_cannot_set_up_another_authenticator(site, clock):
    join(site, "administrator", secret=IN_THE_APP)
    client = site.client()
    give_password(client)
    assert client.get("/account/second-factor").location == "/sign-in/code"
    token = csrf_token(client.get("/sign-in/code").text)
    answer = client.post("/account/second-factor", data={"csrf_token": token, "proposal": "", "code": present_code(clock)})
    assert answer.location == "/sign-in/code"


def test_a_wrong_code_is_said_at_the_field_and_a_used_one_does_not_open(site, clock):
    join(site, "administrator", secret=IN_THE_APP)
    first, second = site.client(), site.client()
    give_password(first)
    answer = send(first, "/sign-in/code", {"code": "000000"})
    assert answer.status_code == 422
    assert 'id="code-fault"' in answer.text
    assert send(first, "/sign-in/code", {"code": present_code(clock), "back": "/account"}).location == "/account"
    give_password(second)
    assert send(second, "/sign-in/code", {"code": present_code(clock)}).status_code == 422


def test_a_new_sign_in_says_that_it_ended_the_older_one_and_so_does_the_older(site, clock):
    join(site, "administrator", secret=IN_THE_APP)
    first, second = site.client(), site.client()
    for client in (first, second):
        give_password(client)
        send(client, "/sign-in/code", {"code": present_code(clock), "back": "/account"})
        clock.forward(minutes=1)
    assert "You were signed in elsewhere; that has been ended." in second.get("/account").text
    assert "You were signed in elsewhere" not in second.get("/account").text
    assert first.get("/account").location.startswith("/sign-in")
    assert "You are not signed in any more" in first.get("/sign-in").text


def test_signing_out_ends_the_sign_in_on_the_server_too(site):
    join(site, "trainer")
    client = site.client()
    give_password(client)
    token = token_of(client)
    assert send(client, "/sign-out", page="/account").location == "/sign-in"
    assert "You are signed out." in client.get("/sign-in").text
    client.set_cookie("sign-in", token)
    assert client.get("/account").status_code == 303


def test_signing_out_needs_a_form_of_ours(site):
    client = site.client("trainer")
    assert client.get("/sign-out").status_code == 405
    assert client.post("/sign-out").status_code == 400
    assert client.get("/account").status_code == 200


def test_signing_in_as_somebody_else_ends_the_sign_in_of_before(site):
    join(site, "trainer")
    client = site.client("funder")
    before = token_of(client)
    token = csrf_token(client.get("/account").text)
    client.post("/sign-in", data={"csrf_token": token, "email": EMAIL, "password": PASSWORD})
    other = site.client()
    other.set_cookie("sign-in", before)
    assert other.get("/account").status_code == 303


def test_idle_and_old_sign_ins_are_over(site, clock):
    join(site, "trainer")
    client = site.client()
    give_password(client)
    for minutes, status in ((29, 200), (29, 200), (31, 303)):
        clock.forward(minutes=minutes)
        assert client.get("/account").status_code == status
    give_password(client)
    for _ in range(24):
        clock.forward(minutes=29)
        client.get("/account")
    assert client.get("/account").status_code == 200
    clock.forward(minutes=25)
    assert client.get("/account").status_code == 303


def test_the_password_is_asked_for_again_before_a_step_that_needs_it(site, clock):
    join(site, "trainer")
    client = site.client()
    give_password(client)
    clock.forward(minutes=11)
    asked = client.get("/account/second-factor/replace")
    assert asked.location == "/confirm?back=/account/second-factor/replace"
    assert send(client, "/confirm", {"password": "wrong", "back": "/account"}).status_code == 422
    assert send(client, "/confirm", {"password": PASSWORD, "back": "//evil.example"}).location == "/"
    assert client.get("/account/second-factor/replace").status_code == 200


def marks(answer):
    return [line for line in answer.headers.getlist("Set-Cookie") if "device-" in line]


def test_a_browser_is_known_once_all_was_given_and_then_no_stranger_locks_it_out(site, clock):
    code = join(site, "administrator", secret=IN_THE_APP)
    client, stranger = site.client(), site.client()
    assert marks(give_password(client)) == [], "half a sign-in makes no browser known"
    (mark,) = marks(send(client, "/sign-in/code", {"code": present_code(clock)}))
    assert code not in mark
    for guard in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"):
        assert guard in mark
    send(client, "/sign-out", page="/account")
    for _ in range(10):
        give_password(stranger, typed="wrong")
    assert give_password(stranger).status_code == 422
    assert give_password(client).location.startswith("/sign-in/code")
    clock.forward(minutes=1)
    assert send(client, "/sign-in/code", {"code": present_code(clock)}).status_code == 303
    assert give_password(site.client()).status_code == 422, "for strangers the account stays locked"


def test_over_tls_the_mark_is_bound_to_the_host(site):
    join(site, "trainer")
    site.app.config["SESSION_COOKIE_SECURE"] = True
    client = site.client()
    options = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/sign-in"}}
    data = {"csrf_token": csrf_token(client.get("/sign-in", **options).text), "email": EMAIL, "password": PASSWORD}
    (mark,) = marks(client.post("/sign-in", data=data, **options))
    assert mark.startswith("__Host-device-")
    assert "Secure" in mark


def test_an_invitation_becomes_an_account(site):
    with site.transaction() as db:
        token = invite_account(db, EMAIL, "Kim Hana", ["trainer"]).token
    client = site.client()
    page = client.get(f"/join/{token}")
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "Hana" not in page.text
    assert EMAIL not in page.text
    differing = send(client, f"/join/{token}", {"password": PASSWORD, "again": PASSWORD + "s"})
    assert (differing.status_code, 'href="#again"' in differing.text) == (422, True)
    weak = send(client, f"/join/{token}", {"password": "short", "again": "short"})
    assert (weak.status_code, 'href="#password"' in weak.text) == (422, True)
    assert send(client, f"/join/{token}", {"password": PASSWORD, "again": PASSWORD}).location == "/sign-in"
    assert "Your password is set" in client.get("/sign-in").text
    used = client.get(f"/join/{token}")
    assert used.status_code == GONE
    assert "This link has been used" in used.text
    assert give_password(client).location == "/"


def test_a_link_used_by_two_at_once_sets_one_password(site):
    with site.transaction() as db:
        token = invite_account(db, EMAIL, "Kim Hana", ["trainer"]).token
    start, accepted = threading.Barrier(2), []

    def accept(password):
        start.wait()
        with contextlib.suppress(AppError), site.transaction("visitor") as db:
            accept_link(db, token, "join", password)
            accepted.append(password)

    passwords = ["the first sentence", "the second sentence"]
    threads = [threading.Thread(target=accept, args=(password,)) for password in passwords]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(accepted) == 1
    assert give_password(site.client(), typed=accepted[0]).status_code == 303


@pytest.mark.parametrize("path", ["/join/xyz", "/reset/xyz"])
def test_a_link_of_nobody_says_so(site, path):
    assert (site.client().get(path).status_code, "not one of ours" in site.client().get(path).text) == (GONE, True)


def test_an_account_without_the_permission_and_a_visitor_are_kept_apart(site):
    assert site.client("trainer").get("/staff").status_code == FORBIDDEN
    visitor = site.client()
    token = csrf_token(visitor.get("/sign-in").text)
    assert visitor.post("/account/language", data={"csrf_token": token}).status_code == UNAUTHORISED


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36", "Samsung Internet, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("curl/8", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_words(user_agent, device):
    assert device_of(user_agent) == device
