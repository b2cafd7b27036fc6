"""What an answer carries besides its page: headers, cookies, nothing that runs, nothing that tells, and what the logs keep of it."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import re
import threading
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import create_environ

from config import gunicorn as server_settings
from config.settings import Settings
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.app import create_app
from evalapp.core.actor import Actor
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.crypto.key_ring import new_key_ring, write_key_ring
from evalapp.core.db import transaction
from evalapp.core.migrate import upgrade
from tests.web.access_table import CALLS
from tests.web.caller import Caller
from tests.web.joined import EMAIL, PASSWORD
from tests.web.site import Site, csrf_token, send

YEAR_SECONDS = 31_536_000
A_SECOND = dt.timedelta(seconds=1)
DIRECTIVES = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "font-src": "'self'", "img-src": "'self' data:",
    "connect-src": "'self'", "form-action": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
}  # fmt: skip
MAY_BE_KEPT = {"GET /tokens.css"}
SECURE = {"base_url": "https://localhost"}
DETAILS = ("Traceback", "sqlalchemy", "sqlite", "psycopg", "werkzeug", "site-packages", ".py", "SELECT")


class Elements(HTMLParser):
    """The elements of a page: (name, attributes), and the text of its scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.code: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.lasttag in ("script", "style") and data.strip():
            self.code.append(data)


def installed(folder, *, hosts=("localhost",), proxies=0):
    """Return the application as it runs in production, on an SQLite file of its own."""
    url = f"sqlite:///{folder / 'production.db'}"
    upgrade(url)
    write_key_ring(new_key_ring(), folder / "ring.json")
    return create_app(Settings("production", url, "s" * 32, folder / "ring.json", "en", hosts, proxies))


@pytest.fixture
def production(tmp_path):
    app = installed(tmp_path)
    yield app
    app.extensions["evalapp.engine"].dispose()


@pytest.fixture
def everybody(site):
    """Somebody who may open every page, in a programme with one of everything."""
    return Caller(site, "program_officer", "administrator", "privacy_officer")


def test_every_answer_of_every_address_carries_the_same_headers(everybody):
    for call in CALLS:
        answer = everybody.call(call)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy == DIRECTIVES, call
        assert answer.headers["X-Content-Type-Options"] == "nosniff", call
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", call
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", call
        assert answer.headers["Referrer-Policy"] == "same-origin", call
        assert "Access-Control-Allow-Origin" not in answer.headers, call
        kept = answer.headers["Cache-Control"]
        assert ("max-age=3600" in kept) if call in MAY_BE_KEPT else kept == "no-store", call
        if answer.content_type.startswith("text/"):
            assert answer.content_type.endswith("charset=utf-8"), call


def test_a_printed_report_is_kept_by_no_cache_on_the_way(everybody):
    answer = everybody.call("GET /reports/<int:report>/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_no_page_holds_anything_that_runs_or_comes_from_elsewhere(everybody):
    pages = 0
    for call in CALLS:
        answer = everybody.call(call)
        if not answer.content_type.startswith("text/html") or answer.status_code == 303:
            continue
        pages += 1
        page = Elements(answer.text)
        assert page.code == [], call
        for tag, attributes in page.found:
            assert not [name for name in attributes if name.startswith("on") or name == "style"], (call, tag)
            assert tag not in ("iframe", "object", "embed", "base"), call
            assert tag != "meta" or "http-equiv" not in attributes or (attributes["content"] or "").isdecimal(), call
            for name in ("href", "src", "action", "formaction"):
                address = attributes.get(name) or "/"
                assert address.startswith(("/", "#", "?", "data:,", "data:image/")), (call, tag, address)
                assert not address.startswith("//"), (call, tag)
    assert pages > len(CALLS) / 2


def test_every_form_that_changes_something_carries_its_token(everybody):
    for call in CALLS:
        answer = everybody.call(call)
        if answer.content_type.startswith("text/html") and answer.status_code != 303:
            for form in re.findall(r"<form.*?</form>", answer.text, re.DOTALL):
                assert 'method="post"' not in form or 'name="csrf_token"' in form, call


def test_only_over_tls_a_browser_is_told_to_stay_there(production):
    client = production.test_client()
    assert "Strict-Transport-Security" not in client.get("/").headers
    told = client.get("/", **SECURE).headers["Strict-Transport-Security"]
    assert told == f"max-age={YEAR_SECONDS}; includeSubDomains"


def test_without_a_proxy_nobody_says_for_himself_where_he_comes_from(production):
    lies = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7", "X-Forwarded-Host": "evil.example"}
    client = production.test_client()
    answer = client.get("/", headers=lies)
    assert "Strict-Transport-Security" not in answer.headers
    assert "evil.example" not in answer.text
    sign_in_wrongly(client, lies)
    assert address_of_last_failure(production) == "127.0.0.1"


def test_the_word_of_a_trusted_proxy_counts_and_only_its_own(tmp_path):
    app = installed(tmp_path, proxies=1)
    client = app.test_client()
    passed_on = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7, 198.51.100.9", "X-Forwarded-Host": "evil.example"}
    answer = client.get("/", headers=passed_on)
    assert "Strict-Transport-Security" in answer.headers
    assert "evil.example" not in answer.text
    sign_in_wrongly(client, {**passed_on, "Referer": "https://localhost/sign-in"})
    assert address_of_last_failure(app) == "198.51.100.9"
    app.extensions["evalapp.engine"].dispose()


def sign_in_wrongly(client, headers):
    # The cookie of the form goes over TLS only, so that a browser of this test is told that it does.
    page = client.get("/sign-in", headers=headers, **SECURE).text
    data = {"csrf_token": csrf_token(page), "email": "nobody@example.org", "password": "wrong"}
    answer = client.post("/sign-in", data=data, headers={"Referer": "https://localhost/sign-in", **headers}, **SECURE)
    assert answer.status_code == 422


def address_of_last_failure(app):
    with transaction(app.extensions["evalapp.engine"]) as db:
        return db.scalars(select(AuditEntry.address).where(AuditEntry.action == "sign_in_failed")).one()


def test_a_request_for_another_host_is_refused_and_makes_no_link(production):
    client = production.test_client()
    for host in ("evil.example", "localhost.evil.example", "localhost@evil.example", ""):
        answer = client.get("/sign-in", headers={"Host": host})
        assert answer.status_code == 400, host
        assert "evil.example" not in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_every_cookie_in_production_is_bound_to_the_host_and_to_tls(production):
    client, cookies = production.test_client(), {}
    with transaction(
        production.extensions["evalapp.engine"], actor=Actor("t", "t"), keys=production.extensions["evalapp.keys"]
    ) as db:
        token = invite_account(db, EMAIL, "Kim Hana", ["trainer"]).token
    forms = {
        "/language": {"language": "ko"},
        "/theme": {"theme": "dark"},
        f"/join/{token}": {"password": PASSWORD, "again": PASSWORD},
        "/sign-in": {"email": EMAIL, "password": PASSWORD},
    }
    for path, data in forms.items():
        page = client.get("/" if path in ("/language", "/theme") else path, **SECURE).text
        posted = {"csrf_token": csrf_token(page), **data}
        answer = client.post(path, data=posted, headers={"Referer": f"https://localhost{path}"}, **SECURE)
        assert answer.status_code == 303, path
        cookies |= {line.partition("=")[0]: line for line in answer.headers.getlist("Set-Cookie")}
    (mark,) = (name for name in cookies if "device" in name)
    assert mark.startswith("__Host-device-")
    assert set(cookies) == {"__Host-session", "__Host-language", "__Host-theme", "__Host-sign-in", mark}
    for line in cookies.values():
        attributes = set(line.split("; ")[1:])
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= attributes, line
        assert not [attribute for attribute in attributes if attribute.startswith("Domain")]


def test_a_real_browser_joins_and_signs_in_over_tls(tmp_path, browser):
    app = installed(tmp_path, hosts=("127.0.0.1",))
    with transaction(app.extensions["evalapp.engine"], actor=Actor("t", "t"), keys=app.extensions["evalapp.keys"]) as db:
        token = invite_account(db, EMAIL, "Kim Hana", ["trainer"]).token
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context="adhoc")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    context = browser.new_context(ignore_https_errors=True, locale="en")
    try:
        page = context.new_page()
        page.goto(f"https://127.0.0.1:{server.port}/join/{token}")
        page.locator("#password").fill(PASSWORD)
        page.locator("#again").fill(PASSWORD)
        page.locator("#again").press("Enter")
        page.wait_for_url("**/sign-in")
        page.locator("#email").fill(EMAIL)
        page.locator("#password").fill(PASSWORD)
        page.locator("#password").press("Enter")
        page.wait_for_url("**/work")
        assert {cookie["name"]: cookie["secure"] for cookie in context.cookies()}["__Host-sign-in"]
    finally:
        context.close()
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["evalapp.engine"].dispose()


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/nowhere", "GET", 404), ("/sign-in", "DELETE", 405), ("/sign-in", "POST", 400), ("/staff", "GET", 403)]
)  # fmt: skip
def test_a_refusal_tells_nothing_of_the_inside(site, path, method, status):
    answer = site.client("trainer").open(path, method=method)
    assert answer.status_code == status
    assert not [word for word in DETAILS if word in answer.text]


def test_what_breaks_is_logged_by_its_place_and_never_with_what_was_typed(site, caplog, monkeypatch):
    client = site.client("program_officer", programmes=("pi",))

    def fail(*_positional, **_named):
        raise ValueError("김하늘 010-1234-5678")

    monkeypatch.setattr("evalapp.web.programmes.count_registered", fail)
    with caplog.at_level(logging.WARNING):
        answer = client.get("/programmes?name=김하늘")
    assert answer.status_code == 500
    assert not [word for word in (*DETAILS, "1234", "ValueError") if word in answer.text]
    assert "ValueError in" in caplog.text
    assert "list_programmes" in caplog.text
    assert "김하늘" not in caplog.text
    assert "1234" not in caplog.text


def test_the_web_servers_log_holds_no_address_no_query_and_no_body(site):
    environ = create_environ("/join/secret?name=secret", headers={"Referer": "https://localhost/secret", "User-Agent": "secret"})
    statuses = []
    b"".join(site.app(environ, lambda status, _headers: statuses.append(status)))
    logger = Logger(Config())
    answer, asked = SimpleNamespace(status=statuses[0], sent=5, headers=[]), SimpleNamespace(headers=[])
    atoms = logger.atoms(answer, asked, {**environ, "RAW_URI": "/join/secret?name=secret"}, A_SECOND)
    line = server_settings.access_log_format % logger.atoms_wrapper_class(atoms)
    assert server_settings.accesslog == "-"
    assert "GET /join/<token> 410" in line
    assert "secret" not in line


def test_signing_out_ends_what_the_cookie_opened(site):
    client = site.client("trainer")
    token = client.get_cookie("sign-in").value
    send(client, "/sign-out", page="/account")
    thief = Site(site.app).client()
    thief.set_cookie("sign-in", token)
    assert thief.get("/account").status_code == 303


def test_styles_and_scripts_are_packed_on_their_way_and_pages_are_not(site):
    client = site.client("trainer")
    for path, kind in (("/static/page.css", "text/css"), ("/static/page.js", "text/javascript"), ("/tokens.css", "text/css")):
        plain, packed = (
            client.get(path, headers={"Accept-Encoding": wanted}, buffered=True) for wanted in ("identity", "gzip, br")
        )
        assert plain.mimetype == packed.mimetype == kind
        assert gzip.decompress(packed.data) == plain.data
        assert ("Content-Encoding" in plain.headers, packed.headers["Content-Encoding"]) == (False, "gzip")
        assert len(packed.data) < len(plain.data) / 1.5
        assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
        assert "no-store" not in packed.headers["Cache-Control"]
    seen = client.get("/static/page.css", headers={"Accept-Encoding": "gzip"}, buffered=True).headers["ETag"]
    assert client.get("/static/page.css", headers={"If-None-Match": seen}, buffered=True).status_code == 304
    for path in ("/account", "/static/fonts/latin.woff2"):
        assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip"}, buffered=True).headers


def test_a_page_whose_frame_is_broken_still_answers(site, monkeypatch):
    client = site.client("trainer")
    monkeypatch.setattr("evalapp.web.navigation.PLACES", 1)
    answer = client.get("/account")
    assert (answer.status_code, "Something went wrong" in answer.text, "Traceback" in answer.text) == (500, True, False)
