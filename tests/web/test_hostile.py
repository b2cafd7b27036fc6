"""Whoever means harm: strange addresses, forged and broken forms, text that would like to run, and the same form twice at once."""

from __future__ import annotations

import re
import threading
from urllib.parse import quote, unquote, urlencode

import pytest
from sqlalchemy import func, select, text

from evalapp.accounts.tables import Account
from evalapp.core.db import reading
from evalapp.core.jobs.tables import Job
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.records.tables import IdentifiedExport
from evalapp.people.tables import Programme, Registration
from tests.web.access_table import CALLS, DEVICE, NAME, UNFINISHED
from tests.web.caller import Caller, form_token
from tests.web.one_of_everything import REASON
from tests.web.posted_forms import PostedForms
from tests.web.site import csrf_token

SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
IN_ADDRESSES = (
    "0", "-1", "2147483648", "99999999999999999999", "9" * 5_000, "%D9%A1", "a%00b", "%00", "..%2F..%2Fetc%2Fpasswd", "%FF%FE", "%ED%A0%80",
    "'%20OR%20'1'='1", "%7B%7B7*7%7D%7D", quote(SCRIPT, safe=""), "x" * 20_000, "%E2%80%AE", "%0D%0ASet-Cookie:%20x=y",
)  # fmt: skip
PARAMETERS = (
    "page",
    "enterprise",
    "below",
    "since_on",
    "until_on",
    "subject",
    "purpose",
    "back",
    "cohort",
    "sort",
    "consent",
    "language",
    "text",
)
IN_FIELDS = (
    f"{SCRIPT} {{{{ 7 * 7 }}}} ${{7*7}} %(x)s {{0}} ' OR '1'='1' -- =HYPERLINK(0)", "9" * 5_000, "99999999999999999999", "-1", "1e309",
    "x" * 100_000, "\u202e\u200b\ufeff../../etc/passwd\r\nSet-Cookie: x=y", "0001-01-01", "9999-12-31",
)  # fmt: skip
ELSEWHERE = (
    "//evil.example",
    "https://evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
)
KEY = "0123456789abcdef0123456789abcdef"
WHOLE = re.compile(r"<(?:[^<>]+:)?(\w+)>")
FIRST_ERROR = 500
FEWEST_FORMS = 40
TWICE = 2
# Every value at every place takes ten minutes, so that the daily run tries every fifth, beginning elsewhere at each place.
SPARING = pytest.mark.parametrize("every", [5, pytest.param(1, marks=pytest.mark.slow)])


def some(values, every, place):
    """Return every so many-th of the values for the place-th place: over the places all of them come by."""
    return values[place % every :: every]


@pytest.fixture
def everybody(site):
    """Somebody who may open every page, in a programme with one of everything."""
    return Caller(site, "program_officer", "administrator", "privacy_officer")


def posted(caller, path, data, **options):
    """Post a form with its token, signed in anew."""
    caller.site.sign_in(caller.client, caller.account)
    return caller.client.post(path, data={"csrf_token": form_token(caller.site, caller.client), **data}, **options)


def breaks(answer):
    """Say whether an answer is a failure of ours, or a page with a script of somebody else's in it."""
    return answer.status_code >= FIRST_ERROR or (answer.content_type.startswith("text/html") and SCRIPT in answer.text)


def forms_of(caller):
    """Return the forms of all pages, by the view they go to."""
    urls, forms = caller.site.app.url_map.bind("localhost"), {}
    for call in CALLS:
        if call.startswith("GET"):
            answer = caller.call(call)
            if answer.status_code == 200 and answer.content_type.startswith("text/html"):
                forms |= {urls.match(form.action, "POST")[0]: form for form in PostedForms(answer.text).forms}
    return forms


@pytest.mark.parametrize("given", ["nothing", "nonsense", "that of somebody else"])
def test_no_form_is_taken_without_its_own_token(site, everybody, given):
    stolen = csrf_token(site.client("program_officer").get("/account").text)
    data = {"nothing": {}, "nonsense": {"csrf_token": "x"}, "that of somebody else": {"csrf_token": stolen}}[given]
    site.sign_in(everybody.client, everybody.account)
    for call in CALLS:
        if call.startswith("POST"):
            url = everybody.address(call, everybody.own)
            refused = 422 if "/s/" in call else 401 if CALLS[call] == DEVICE else 400  # respondents are told in words of their own
            assert everybody.client.post(url, data=data).status_code == refused, call
            assert everybody.client.post(url, json=data).status_code == refused, call
            broken = everybody.client.post(url, data=b"\xff\xfe", content_type="multipart/form-data")
            assert broken.status_code == refused, call


def test_nothing_but_a_real_post_changes_anything(everybody):
    everybody.site.sign_in(everybody.client, everybody.account)
    token = form_token(everybody.site, everybody.client)
    suspend = everybody.address("POST /staff/<code>/suspend", everybody.own)
    for headers in ({"X-HTTP-Method-Override": "POST"}, {"X-Method-Override": "POST"}, {"X-Original-URL": "/staff"}):
        assert everybody.client.get(f"{suspend}?_method=POST&csrf_token={token}", headers=headers).status_code == 405
    for method in ("PUT", "PATCH", "DELETE", "TRACE"):
        assert everybody.client.open(suspend, method=method).status_code in (400, 405)
    assert everybody.client.get("/", headers={"X-Rewrite-URL": "/staff"}).location == "/work"


@SPARING
def test_no_address_breaks_a_page(everybody, every):
    broken = {}
    for place, call in enumerate(CALLS):
        method, _, path = call.partition(" ")
        everybody.site.sign_in(everybody.client, everybody.account)
        token = form_token(everybody.site, everybody.client)
        for name in NAME.findall(path):
            for value in some(IN_ADDRESSES, every, place):
                url = everybody.address(f"{method} {_only(path, name, value)}", everybody.own)
                answer = everybody.client.open(url, method=method, data={"csrf_token": token} if method == "POST" else None)
                if breaks(answer):
                    broken[f"{call} {name}={value[:30]}"] = answer.status_code
    assert broken == {}


def _only(path, name, value):
    return re.sub(WHOLE, lambda found: value if found[1] == name else found[0], path)


@SPARING
def test_no_question_mark_breaks_a_page(everybody, every):
    broken = {}
    for place, call in enumerate(CALLS):
        if not call.startswith("GET"):
            continue
        everybody.site.sign_in(everybody.client, everybody.account)
        url = everybody.address(call, everybody.own)
        for value in some(IN_ADDRESSES, every, place):
            query = "&".join(f"{name}={value}&{name}=again" for name in PARAMETERS)
            answer = everybody.client.get(f"{url}?{query}")
            if breaks(answer):
                broken[f"{call} {value[:30]}"] = answer.status_code
    assert broken == {}


def test_no_number_that_is_none_opens_or_breaks_anything(everybody):
    for number in ("99999999999999999999", "9" * 5_000, "2147483648", "-1"):
        for path in ("/runs/{}", "/reports/{}", "/reports/{}/pdf", "/programmes/pi/exports/{}"):
            assert everybody.client.get(path.format(number)).status_code == 404, path


@SPARING
def test_no_field_of_any_form_breaks_a_page_or_runs(everybody, every):
    forms, broken = forms_of(everybody), {}
    assert len(forms) > FEWEST_FORMS
    for view, form in forms.items():
        everybody.site.sign_in(everybody.client, everybody.account)
        for place, name in enumerate({**form.hidden, **form.typed}):
            for value in some(IN_FIELDS, every, place) if name != "csrf_token" else ():
                token = form_token(everybody.site, everybody.client)
                answer = everybody.client.post(form.action, data={**form.hidden, **form.typed, "csrf_token": token, name: value})
                if breaks(answer):
                    broken[f"{view} {name}={value[:20]!r}"] = answer.status_code
                if answer.status_code == 401:
                    everybody.site.sign_in(everybody.client, everybody.account)
    assert broken == {}


def test_a_null_sign_is_refused_wherever_it_stands(everybody):
    assert posted(everybody, "/programmes/pi/people/new", {**PERSON_FORM, "name": "a\0b"}).status_code == 400
    assert posted(everybody, "/programmes/pi/people", {"text": "a", "unknown": "\0"}).status_code == 400
    for path in ("/programmes/p%00i", "/audit?subject=a%00b", "/audit?subject=a&subject=%00"):
        assert everybody.client.get(path).status_code == 400, path


def test_bytes_that_are_no_text_break_no_form(everybody):
    forms, broken = forms_of(everybody), {}
    for view, form in forms.items():
        everybody.site.sign_in(everybody.client, everybody.account)
        body = urlencode({**form.hidden, "csrf_token": form_token(everybody.site, everybody.client)})
        body += "".join(f"&{name}=%FF%FE%ED%A0%80&{name}=again%F0%9F" for name in form.typed)
        answer = everybody.client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        if answer.status_code >= FIRST_ERROR:
            broken[view] = answer.status_code
    assert broken == {}


def test_stored_text_is_shown_and_never_run(site, everybody):
    with site.transaction() as db:
        for table, column in (
            ("programmes", "name_en"),
            ("programmes", "name_ko"),
            ("consent_texts", "text"),
            ("identified_exports", "reason"),
        ):
            db.execute(text(f"UPDATE {table} SET {column} = :words"), {"words": SCRIPT})
        for account in db.scalars(select(Account)):
            account.name_sealed = site.keys.seal(SCRIPT, f"account:{account.code}:name")
    shown = 0
    for call in CALLS:
        answer = everybody.call(call)
        if answer.content_type.startswith("text/html"):
            assert "<script>alert" not in answer.text, call
            assert "<img src=x" not in answer.text, call
            shown += "&lt;script&gt;alert" in answer.text
    assert shown > 20, "the words are on the pages"


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_no_answer_leads_away(everybody, elsewhere):
    everybody.site.sign_in(everybody.client, everybody.account, confirmed=False)
    token = form_token(everybody.site, everybody.client)
    for call in CALLS:
        if call == "POST /sign-out":
            continue
        method, _, path = call.partition(" ")
        url = everybody.address(f"{method} {path}", everybody.own) + "?" + urlencode({"back": elsewhere, "next": elsewhere})
        form = {"csrf_token": token, "back": elsewhere, "next": elsewhere} if method == "POST" else None
        location = everybody.client.open(url, method=method, data=form).location or "/"
        assert location.startswith("/"), (call, location)
        assert unquote(location)[1:2] not in ("/", "\\"), (call, location)


def test_a_static_address_leads_to_nothing_but_the_static_files(site):
    client = site.client()
    for path in (
        "../app.py",
        "..%2Fapp.py",
        "%2e%2e/app.py",
        "fonts/../../app.py",
        "etc/passwd",
        "..\\app.py",
        "%00",
        "fonts",
        "",
    ):
        assert client.get(f"/static/{path}").status_code in (400, 404), path


def test_what_is_too_much_is_refused_before_it_is_kept(site):
    client, field = site.client(), b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    parts = {"content_type": "multipart/form-data; boundary=x"}
    assert client.post("/sign-in", data=b"a&" * 1_100_000, content_type="application/x-www-form-urlencoded").status_code == 413
    assert client.post("/reports/verify", data=field + b"x" * 600_000 + b"\r\n--x--\r\n", **parts).status_code == 413
    assert client.post("/reports/verify", data=(field + b"x\r\n") * 1_500 + b"--x--\r\n", **parts).status_code == 413
    assert client.get("/" + "x" * 100_000).status_code == 404


def test_fields_that_a_form_does_not_have_change_nothing(everybody):
    extra = {
        "state": "approved",
        "decided_by": "AC-X",
        "requested_by": "AC-X",
        "id": "1",
        "programme_id": "2",
        "expires_at": "2999-01-01",
    }
    data = {"field_name": "yes", "reason": REASON, **extra}
    assert posted(everybody, "/programmes/pi/exports", data).status_code == 303
    with reading(everybody.site.engine) as db:
        asked = db.scalars(select(IdentifiedExport).order_by(IdentifiedExport.id.desc())).first()
        assert (asked.state, asked.decided_by, asked.requested_by, asked.expires_at) == ("requested", None, everybody.account, None)


def at_once(caller, path, data):
    """Send the same form from two browsers of one account at the same moment and return the statuses."""
    clients = []
    for _ in range(TWICE):
        client = caller.site.app.test_client()
        caller.site.sign_in(client, caller.account)
        clients.append((client, {"csrf_token": form_token(caller.site, client), **data}))
    start, answers = threading.Barrier(TWICE), []

    def send(client, form):
        start.wait()
        answers.append(client.post(path, data=form).status_code)

    threads = [threading.Thread(target=send, args=each) for each in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


PERSON_FORM = {"name": "김겹침", "registered_on": "2026-03-01", "somebody_else": "yes", "key": KEY}
TWINS = {
    "a person": ("/programmes/pi/people/new", PERSON_FORM, select(func.count(Registration.id)).where(Registration.key == KEY)),
    "a contact": (
        "/programmes/pi/people/<study_id>/contacts/new",
        {"on": "2026-03-01", "at": "12:00", "channel": "phone", "outcome": "no_answer", "key": KEY},
        select(func.count(ContactAttempt.id)),
    ),
    "a run": (
        "/programmes/pi/analysis/runs", {"plan": "main", "seed": "1", "key": KEY}, select(func.count(Job.id)).where(Job.key == KEY)
    ),
    "a report": ("/runs/<run>/reports", {"language": "en", "key": KEY}, select(func.count(Job.id)).where(Job.key == KEY)),
    "a programme": (
        "/programmes/new",
        {"template": "pi_training", "code": "twin", "name_ko": "쌍둥이", "name_en": "Twin", "starts_on": "2026-09-01"},
        select(func.count(Programme.id)).where(Programme.code == "twin"),
    ),
    "an invitation": (
        "/staff/invite",
        {"email": "twin@example.org", "name": "Twin", "language": "en", "trainer": "yes"},
        select(func.count(Account.id)).where(Account.state == "invited"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TWINS)
def test_a_form_sent_twice_at_once_counts_once(everybody, what):
    path, data, count = TWINS[what]
    answers = at_once(everybody, everybody.address(f"POST {path}", everybody.own), data)
    assert 303 in answers
    assert set(answers) <= {303, 409, 422}
    with reading(everybody.site.engine) as db:
        assert db.scalar(count) == 1


def test_a_list_fetched_twice_at_once_is_handed_over_once(everybody):
    page = posted(everybody, f"/programmes/pi/exports/{everybody.own['export']}/password", {})
    password = re.search(r'name="password" value="([^"]+)"', page.text)[1]
    answers = at_once(everybody, f"/programmes/pi/exports/{everybody.own['export']}/download", {"password": password})
    assert sorted(answers) == [200, 422]


def test_a_report_released_twice_at_once_is_released_once(site, everybody):
    with site.transaction() as db:
        db.execute(text("UPDATE reports SET state = 'in_review', submitted_by = 'AC-ELSE'"))
    answers = at_once(everybody, f"/reports/{everybody.own['report']}/release", {})
    assert sorted(answers) == [303, 422]
    with reading(site.engine) as db:
        assert db.scalar(select(func.count(Job.id)).where(Job.kind == "print_release")) == 1


def test_what_is_open_to_half_signed_in_accounts_tells_nothing_of_the_inside(site):
    caller = Caller(site, "program_officer")
    site.sign_in(caller.client, caller.account)
    with site.transaction() as db:
        db.execute(text("UPDATE sign_ins SET second_factor_at = NULL"))
    for call in sorted(UNFINISHED - {"POST /sign-out"}):
        page = caller.call(call, signed_in=False).text
        assert "/programmes" not in page, call
        assert caller.own["study_id"] not in page, call
