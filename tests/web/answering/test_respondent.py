"""The public pages of a survey."""

from __future__ import annotations

import logging
import re

import pytest
from sqlalchemy import func, select, text

from evalapp.core.audit.tables import AuditEntry
from evalapp.surveys.answering.receipts import is_receipt
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Answer, Submission
from evalapp.web.answering import pages
from evalapp.web.answering.cookie import IDLE_SECONDS
from evalapp.web.answering.words import marked_up, plain
from tests.web.answering.surveys import answer_all, hand_in, open_link, open_survey, press
from tests.web.site import csrf_token, send

REVEALING = ("evalapp", "탈북", "북한", "defector", "Programme", "프로그램", "PI-")


@pytest.fixture
def invited(site):
    return open_survey(site)


@pytest.fixture
def client(site):
    return site.client()


def rows(site, table):
    with site.transaction() as db:
        return db.scalar(select(func.count()).select_from(table))


def test_a_respondent_answers_and_gets_a_receipt(site, invited, client):
    opened = open_link(client, invited.token)
    assert (opened.status_code, opened.location) == (303, "/s/answer/1")
    done = hand_in(client, answer_all(client, opened.location))
    assert (done.status_code, done.location) == (303, "/s/thanks")
    page = client.get("/s/thanks").text
    receipt = re.search(r"<strong>([\w-]+)</strong>", page)[1]
    assert is_receipt(receipt)
    with site.transaction() as db:
        submission = db.scalars(select(Submission)).one()
        assert (submission.receipt, submission.state, submission.mode) == (receipt, "received", "web")
        assert db.get_one(Invitation, invited.invitation_id).state == "submitted"
    again = open_link(site.client(), invited.token)
    assert again.status_code == 422
    assert "answered already" in again.text


def test_the_last_button_pressed_twice_counts_once(site, invited, client):
    address = answer_all(client, open_link(client, invited.token).location)
    page = client.get(address).text
    held = client.get_cookie("answering", path="/s").value
    first = client.post("/s/hand-in", data={"csrf_token": csrf_token(page)})
    client.set_cookie("answering", held, path="/s")  # as it was sent with the second press
    second = client.post("/s/hand-in", data={"csrf_token": csrf_token(page)})
    assert (first.location, second.location) == ("/s/thanks", "/s/thanks")
    assert rows(site, Submission) == 1
    assert rows(site, Answer) > 0
    assert "Receipt number" in client.get("/s/thanks").text


def refusals(client, monkeypatch):
    """Return the pages that say what did not work, by their code."""
    limit = {"content_type": "application/x-www-form-urlencoded"}
    monkeypatch.setattr(pages, "show_beginning", lambda _desk: 1 / 0)
    asked = {
        400: client.get("/s/begin?x=%00"),
        404: client.get("/s/answer/1/2"),
        405: client.post("/s/answer/1"),
        413: client.post("/s/answer", data=b"a" * 2_100_000, **limit),
        500: client.get("/s/begin"),
    }
    assert {code: answer.status_code for code, answer in asked.items()} == {code: code for code in asked}
    return {code: answer.text for code, answer in asked.items()}


@pytest.mark.parametrize("role", ["", "program_officer"])
def test_what_does_not_work_is_said_in_the_frame_of_the_survey(site, monkeypatch, role):
    """Whoever answers, and from whatever browser: no way into the pages of staff, and no word of whose they are."""
    client = site.client(*filter(None, [role]), language="ko")
    for code, page in refusals(client, monkeypatch).items():
        assert '<body class="survey">' in page, code
        assert '<html lang="ko"' in page, code
        assert not [word for word in (*REVEALING, "Staff", 'href="/"', "/sign-in", "/work", "site-header") if word in page], code


def test_what_does_not_work_is_said_in_the_language_of_the_survey(site, monkeypatch):
    invited = open_survey(site, language="ko")
    client = site.app.test_client()
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert '<html lang="ko"' in client.get(f"/s/{invited.token}").text
    assert '<html lang="ko"' in open_link(client, invited.token, "wrong").text
    for page in refusals(client, monkeypatch).values():
        assert '<html lang="ko"' in page


def test_an_unknown_link_looks_like_a_known_one(invited, client):
    pages = [client.get(f"/s/{token}") for token in (invited.token, "x" * 32)]
    assert [page.status_code for page in pages] == [200, 200]
    plain_pages = [re.sub(r'(value|action|href)="[^"]*"', "", page.text) for page in pages]
    assert plain_pages[0] == plain_pages[1]
    refused = [open_link(client, token, "1900") for token in (invited.token, "x" * 32)]
    assert [page.status_code for page in refused] == [422, 422]
    assert "This does not fit" in refused[0].text
    assert "This does not fit" in refused[1].text


def test_wrong_secrets_are_counted_and_lock_the_link(site, invited, client):
    for _ in range(5):
        open_link(client, invited.token, "1900")
    assert open_link(client, invited.token).status_code == 422, "locked: the right secret does not help now"
    with site.transaction() as db:
        assert db.get_one(Invitation, invited.invitation_id).locked_until is not None
        assert "invitation_locked" in db.scalars(select(AuditEntry.action)).all()


def test_an_address_that_tries_one_link_after_the_other_is_stopped(client):
    token = csrf_token(client.get("/s/unknown").text)
    answers = [client.post(f"/s/unknown{number}", data={"csrf_token": token, "secret": "1985"}).status_code for number in range(61)]
    assert answers[0] == 422
    assert answers[-1] == 429


def test_without_consent_its_text_comes_first_and_a_no_ends_it(site):
    invited, client = open_survey(site, consent=False), site.client()
    assert open_link(client, invited.token).location == "/s/begin"
    page = client.get("/s/begin").text
    assert "We ask how your business is going." in page
    assert client.get("/s/answer/1").location == "/s/begin"
    version = {"version": "1", "text_language": "en"}
    assert send(client, "/s/begin", version).location == "/s/begin", "silence is no consent"
    assert send(client, "/s/begin", {**version, "consent": "no"}).location == "/s/declined"
    with site.transaction() as db:
        assert db.get_one(Invitation, invited.invitation_id).state == "refused"
    assert rows(site, SurveyDraft) == 0


def test_with_consent_given_the_first_screen_follows(site):
    invited, client = open_survey(site, consent=False), site.client()
    open_link(client, invited.token)
    began = send(client, "/s/begin", {"version": "1", "text_language": "en", "consent": "yes"})
    assert began.location == "/s/answer/1"


def test_what_is_missing_is_said_in_the_summary_and_at_the_field(invited, client):
    address = open_link(client, invited.token).location
    page = press(client, address)
    assert page.status_code == 422
    assert page.text.count("Please answer this question.") == 2
    assert 'href="#firm_operating"' in page.text
    assert 'id="firm_operating"' in page.text


def test_what_was_typed_stands_there_when_it_is_refused(invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", firm_operating="yes")
    page = press(client, "/s/answer/2", revenue_krw="about a million")
    assert page.status_code == 422
    assert 'value="about a million"' in page.text


def test_the_language_changes_midway_and_answers_stay(invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", "language:ko", firm_operating="no")
    page = client.get("/s/answer/1").text
    assert "지금도 사업을 하고 있습니까?" in page
    assert '<html lang="ko"' in page
    assert re.search(r'value="no" checked', page)


def test_back_and_leave_ask_for_nothing_and_leaving_forgets_the_device(site, invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", firm_operating="yes")
    assert press(client, "/s/answer/2", "back", revenue_krw="").location == "/s/answer/1"
    press(client, "/s/answer/1", firm_operating="yes")
    assert press(client, "/s/answer/2", "leave", revenue_krw="700").location == "/s/leave"
    assert client.get("/s/leave", follow_redirects=True).status_code == 200
    assert client.get_cookie("answering", path="/s") is None
    assert client.get("/s/answer/2").status_code == 422
    other = site.client()
    assert open_link(other, invited.token).location == "/s/answer/2"
    assert 'value="700"' in other.get("/s/answer/2").text


def test_another_device_takes_over_and_the_first_is_told(site, invited, client):
    open_link(client, invited.token)
    with site.transaction() as db:
        db.connection().execute(text("UPDATE invitations SET opened_at = '2026-01-01 00:00:00+00:00'"))
    page = client.get("/s/answer/1")
    assert page.status_code == 422
    assert "Open the link from your message again" in page.text


def test_two_windows_lose_nothing_and_are_told(invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", firm_operating="yes")
    stale = client.get("/s/answer/3").text
    press(client, "/s/answer/2", revenue_krw="700")
    data = {"csrf_token": csrf_token(stale), "screen": "hours", "version": "2", "shown": "hours", "hours": "40", "do": "next"}
    assert client.post("/s/answer", data=data).status_code == 303
    page = client.get("/s/answer/4").text
    assert "what you sent last counts" in page
    assert 'value="700"' in client.get("/s/answer/2").text
    assert 'value="40"' in client.get("/s/answer/3").text


def test_a_screen_can_be_kept_without_leaving_it(invited, client):
    open_link(client, invited.token)
    number = next(n for n in range(1, 30) if 'value="loans"' in client.get(f"/s/answer/{n}").text)
    page = press(client, f"/s/answer/{number}", "keep", loans__loan="yes")
    assert page.status_code == 200
    assert 'name="loans.loan_krw"' in page.text


def test_rounds_are_added_and_removed_by_buttons(invited, client):
    open_link(client, invited.token)
    number = next(n for n in range(1, 30) if 'value="rounds:trade"' in client.get(f"/s/answer/{n}").text)
    added = press(client, f"/s/answer/{number}", "add")
    assert added.location == f"/s/answer/{number}"
    press(client, added.location, trade__2__goods="콩")
    listing = next(n for n in range(number, 30) if 'value="rounds:trade"' in client.get(f"/s/answer/{n}").text)
    assert "콩" in client.get(f"/s/answer/{listing}").text
    press(client, f"/s/answer/{listing}", "remove:2")
    assert "콩" not in client.get(f"/s/answer/{number}").text


def test_what_is_open_stands_on_the_last_page_with_the_way_there(invited, client):
    open_link(client, invited.token)
    page = client.get("/s/check").text
    assert "questions are still open" in page
    assert 'href="/s/answer/1"' in page
    assert "hand-in" not in page
    assert client.post("/s/hand-in", data={"csrf_token": csrf_token(client.get("/s/answer/1").text)}).location == "/s/check"


def test_a_no_deletes_the_answers(site, invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", firm_operating="yes")
    assert send(client, "/s/decline", {"all": "yes"}).location == "/s/declined"
    assert rows(site, SurveyDraft) == 0
    assert client.get("/s/declined").status_code == 200
    assert open_link(client, invited.token).status_code == 422


def test_identifiers_and_numbers_that_find_a_person_are_not_taken_as_answers(site, invited, client):
    open_link(client, invited.token)
    press(client, "/s/answer/1", firm_operating="no")
    page = press(client, "/s/answer/2", why_closed="제 번호는 010-1234-5678 입니다")
    assert page.status_code == 422
    assert "telephone number" in page.text
    press(client, "/s/answer/1", firm_operating="yes")
    done = hand_in(client, answer_all(client, "/s/answer/1", {"registration_number": {"registration_number": "220-81-62517"}}))
    assert done.location == "/s/thanks"
    with site.transaction() as db:
        assert not [a for a in db.scalars(select(Answer)) if "62517" in a.text]


def test_no_page_log_or_address_says_who_answers(site, invited, client, caplog):
    caplog.set_level(logging.DEBUG)
    addresses, pages = [], [client.get(f"/s/{invited.token}")]
    address = open_link(client, invited.token).location
    while "check" not in address:
        addresses.append(address)
        pages.append(client.get(address))
        answer = press(client, address, firm_operating="yes", revenue_krw="5") if len(addresses) < 3 else None
        address = answer.location if answer is not None else "/s/check"
    pages.append(client.get(address))
    for page in pages:
        assert not [word for word in REVEALING if word in page.text], page.request.path
        assert "<title>Survey</title>" in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin")
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert not re.search(r'(src|href|action)="https?://', page.text), "nothing leads to another host"
    assert not [address for address in addresses if invited.token in address or invited.study_id in address]
    assert invited.token not in caplog.text
    assert invited.study_id not in caplog.text
    with site.transaction() as db:
        written = str([vars(entry) for entry in db.scalars(select(AuditEntry))])
        assert invited.token not in written


def test_the_browser_holds_a_short_lived_cookie_for_these_pages_only(invited, client):
    answer = open_link(client, invited.token)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("answering="))
    assert f"Max-Age={IDLE_SECONDS}" in cookie
    for part in ("HttpOnly", "Path=/s", "SameSite=Lax"):
        assert part in cookie
    assert invited.token not in cookie
    client.set_cookie("answering", client.get_cookie("answering", path="/s").value + "x", path="/s")
    assert client.get("/s/answer/1").status_code == 422


def test_over_tls_the_cookie_is_never_sent_without(site, monkeypatch):
    invited = open_survey(site)
    monkeypatch.setitem(site.app.config, "SESSION_COOKIE_SECURE", True)
    client = site.app.test_client()
    page = client.get(f"/s/{invited.token}", base_url="https://localhost")
    options = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/"}}
    answer = client.post(f"/s/{invited.token}", data={"csrf_token": csrf_token(page.text), "secret": "1985"}, **options)
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if "answering=" in c)
    assert cookie.startswith("__Secure-answering=")
    assert "Secure" in cookie.split("; ")


def test_a_one_time_code_is_asked_for_where_it_is_the_second_secret(site):
    invited, client = open_survey(site), site.client()
    with site.transaction() as db:
        db.get_one(Invitation, invited.invitation_id).second_secret = "one_time_code"  # noqa: S105 - the kind, no secret
    assert 'autocomplete="one-time-code"' in client.get(f"/s/{invited.token}").text
    sent = [send(client, f"/s/{token}/code", page=f"/s/{invited.token}") for token in (invited.token, "unknown")]
    assert [answer.status_code for answer in sent] == [303, 303]


def test_a_form_that_was_open_too_long_is_refused_in_plain_words(client):
    page = client.post("/s/hand-in", data={"csrf_token": "old"})
    assert page.status_code == 422
    assert "open too long" in page.text
    assert "Sign in" not in page.text


def test_only_a_little_markdown_of_a_form_is_shown_and_none_of_its_tags():
    assert marked_up("**a** _b_\n<b>c</b>") == "<strong>a</strong> <em>b</em><br>&lt;b&gt;c&lt;/b&gt;"
    assert marked_up("[here](https://example.org) snake_case_name 2 * 3 * 4") == "here snake_case_name 2 * 3 * 4"
    assert marked_up("# Head") == "<strong>Head</strong>"
    assert plain("**a**\nb < c") == "a b < c"
