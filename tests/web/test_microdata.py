"""Microdata through the pages: what leaves is shown, changed, released with a reason, fetched with the password, and listed."""

import csv
import datetime as dt
import html
import io
import re
import zipfile

import pytest
from sqlalchemy import select

from evalapp.accounts.tables import Account
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now
from evalapp.panel.microdata import queries as release_queries
from evalapp.people.tables import Consent, Programme, ProgrammeMember
from tests.panel.shared_panel import SharedPanel, change_an_answer
from tests.web.site import csrf_token, send

BASE = "/programmes/small/microdata"
PANEL = f"{BASE}/panels/1"
REASON = "for the evaluation of a partner university"
SAFE = "k=5&band_years=10&suppress=yes&counted=female&counted=age&counted=arm"


@pytest.fixture
def analyst(site):
    with site.transaction() as db:
        shared = SharedPanel(db)
        shared.freeze()
    return join(site, site.account("analyst"))


def join(site, account):
    """Return the browser of an account that is now a member of the programme."""
    with site.transaction() as db:
        programme = db.scalars(select(Programme).where(Programme.code == "small")).one()
        key = db.scalars(select(Account.id).where(Account.code == account)).one()
        db.add(ProgrammeMember(programme_id=programme.id, account_id=key, added_by="terminal", added_at=now()))
    client = site.app.test_client()
    client.set_cookie("language", "en")
    site.sign_in(client, account)
    return client


def release(client, query=SAFE, **reasons):
    page = client.get(f"{PANEL}?{query}").text
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.partition("<h2>Release</h2>")[2])
    fields = {}
    for name, value in hidden:
        fields.setdefault(name, []).append(value)
    return client.post(PANEL, data={**fields, "reason": REASON, **reasons, "csrf_token": csrf_token(page)})


def test_a_panel_is_looked_at_made_safe_released_and_fetched(site, analyst):
    assert "Release panel 1" in analyst.get(BASE).text
    page = html.unescape(analyst.get(PANEL).text)
    assert "This cannot leave yet" in page
    assert "Who gets it" not in page
    for words in ("Free text, which may name somebody", "Identifies a person", "Nobody has said how sensitive it is"):
        assert words in page
    page = analyst.get(f"{PANEL}?{SAFE}").text
    assert "Nobody is at risk" in page
    answer = release(analyst)
    assert (answer.status_code, answer.location) == (303, f"{BASE}/1")
    assert "Can be fetched until" in analyst.get(answer.location).text
    fetched = send(analyst, f"{BASE}/1/download", page=f"{BASE}/1")
    assert (fetched.status_code, fetched.mimetype, fetched.headers["Cache-Control"]) == (200, "application/zip", "no-store")
    with zipfile.ZipFile(io.BytesIO(fetched.data)) as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("microdata.csv").decode("utf-8-sig"))))
    assert {"female", "age_band", "arm"} <= set(rows[0])
    assert {"region", "cohort", "profit_krw", "story"} & set(rows[0]) == set()
    assert "fetched 1 time" in analyst.get(BASE).text
    with site.transaction() as db:
        actions = db.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "microdata_release")).all()
    assert actions == ["microdata_released", "microdata_downloaded"]


def test_a_release_without_its_reasons_is_refused_and_the_settings_stay(analyst):
    for reason, words in (("", "Fill this in"), ("call 010-1234-5678", "telephone"), ("ask a@b.kr", "must not hold")):
        answer = release(analyst, reason=reason)
        assert (answer.status_code, words in answer.text) == (422, True)
        assert 'value="10" checked' in answer.text
    query = f"{SAFE}&sensitive=profit_krw"
    assert "Why the sensitive variables are needed" in analyst.get(f"{PANEL}?{query}").text
    assert release(analyst, query).status_code == 422
    assert release(analyst, query, sensitive_reason="profit is the outcome").status_code == 303


def test_a_form_made_by_hand_gets_no_weaker_protection(analyst):
    page = analyst.get(f"{PANEL}?{SAFE}").text
    fields = {
        "k": "1",
        "band_years": "1",
        "counted": ["nickname", "story", "age"],
        "reason": REASON,
        "csrf_token": csrf_token(page),
    }
    assert analyst.post(PANEL, data=fields).status_code == 422
    page = analyst.get(f"{PANEL}?k=1&band_years=1&counted=nickname&sensitive=story&suppress=yes").text
    assert 'value="5"' in page
    assert release(analyst, "k=1&counted=nickname&sensitive=story&suppress=yes").status_code == 303
    assert "nickname" not in analyst.get(f"{BASE}/1").text


def test_a_panel_behind_which_answers_changed_asks_for_a_new_one(site, analyst):
    with site.transaction() as db:
        change_an_answer(db)
    answer = analyst.get(PANEL)
    assert (answer.status_code, "have changed since" in answer.text) == (422, True)
    frozen = send(analyst, f"{BASE}/panels", page=PANEL)
    assert (frozen.status_code, frozen.location) == (303, f"{BASE}/panels/2")
    assert analyst.get(frozen.location).status_code == 200


def test_without_anybodys_consent_the_page_says_so(site, analyst):
    with site.transaction() as db:
        db.query(Consent).filter_by(purpose="sharing").delete()
    page = analyst.get(PANEL).text
    assert "Nobody can leave" in page
    assert "24 people of the panel are left out" in page


def test_after_three_days_there_is_nothing_to_fetch(analyst, monkeypatch):
    release(analyst)
    token = {"csrf_token": csrf_token(analyst.get(f"{BASE}/1").text)}
    monkeypatch.setattr(release_queries, "now", lambda: now() + dt.timedelta(hours=72))
    assert "The files are gone" in analyst.get(f"{BASE}/1").text
    assert analyst.post(f"{BASE}/1/download", data=token).status_code == 422


def test_others_read_what_was_released_at_most_and_the_password_is_asked_again(site, analyst):
    release(analyst)
    officer = join(site, site.account("program_officer"))
    assert REASON in officer.get(BASE).text
    assert "Fetch the files" not in officer.get(f"{BASE}/1").text
    token = {"csrf_token": csrf_token(officer.get(BASE).text)}
    assert officer.get(PANEL).status_code == officer.post(f"{BASE}/1/download", data=token).status_code == 403
    stranger = site.client("analyst", programmes=("other",))
    for path in (PANEL, f"{BASE}/1", "/programmes/other/microdata/panels/1", "/programmes/other/microdata/1"):
        assert stranger.get(path).status_code == 404
    token = {"csrf_token": csrf_token(analyst.get(f"{BASE}/1").text)}
    site.sign_in(analyst, "AC-T001", confirmed=False)
    answer = analyst.post(f"{BASE}/1/download", data=token)
    assert (answer.mimetype, "password" in answer.text) == ("text/html", True)
