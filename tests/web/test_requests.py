"""The privacy officer's queue of what people ask for: due days, decisions, the data handed over in a file that only a password opens."""

from __future__ import annotations

import datetime as dt
import io
import json
import re

import pytest
import pyzipper

from evalapp.core.clock import today
from evalapp.people.rights.ask_request import ask_request
from evalapp.people.rights.queries import get_request
from tests.web.answering.surveys import answer_all, hand_in, open_link
from tests.web.own_page.visitors import NAME, PHONE, Visitor
from tests.web.site import csrf_token, send

SAID = "새 번호는 010-9876-5432입니다."
WHY = "mended on the record today"


@pytest.fixture
def visitor(site, tmp_path):
    return Visitor(site, tmp_path, phone=True)


@pytest.fixture
def privacy(site):
    return site.client("privacy_officer")


def asked(visitor, kind, details=""):
    with visitor.site.transaction("respondent", "") as db:
        return ask_request(db, visitor.person(db), kind, details, "en").id


def state(visitor, number):
    with visitor.site.transaction() as db:
        return get_request(db, number).state


def test_the_queue_shows_what_is_due_first_and_what_is_late(site, visitor, privacy):
    late, fresh = asked(visitor, "correction", SAID), asked(visitor, "access")
    with site.transaction() as db:
        get_request(db, late).due_on = today() - dt.timedelta(days=1)
    page = privacy.get("/requests").text
    assert page.index(f"/requests/{late}") < page.index(f"/requests/{fresh}")
    assert page.count("overdue") == 1
    assert "People wait for an answer about their own data" in privacy.get("/work").text
    assert "/requests" in privacy.get("/work").text


def test_a_correction_is_read_settled_with_a_reason_and_the_person_told(visitor, privacy):
    number = asked(visitor, "correction", SAID)
    assert SAID in privacy.get(f"/requests/{number}").text
    address = f"/requests/{number}/decision"
    assert send(privacy, address, {"state": "done", "reason": "ok"}, page=f"/requests/{number}").status_code == 422
    assert send(privacy, address, {"state": "done", "reason": WHY}, page=f"/requests/{number}").location == "/requests"
    assert state(visitor, number) == "done"
    visitor.enter(do="code")
    visitor.enter(visitor.code)
    assert WHY in visitor.client.get("/me").text


def test_all_data_are_handed_over_once_in_a_file_that_only_the_password_opens(visitor, privacy):
    start = open_link(visitor.client, visitor.invited.token).location
    hand_in(visitor.client, answer_all(visitor.client, start))
    number = asked(visitor, "access")
    page = send(privacy, f"/requests/{number}/password", page=f"/requests/{number}").text
    password = re.search(r'class="secret secret-code">([^<]+)<', page)[1]
    sealed = re.search(r'name="password" value="([^"]+)"', page)[1]
    fields = {"csrf_token": csrf_token(page), "password": sealed}
    answer = privacy.post(f"/requests/{number}/download", data=fields)
    assert answer.mimetype == "application/zip"
    with pyzipper.AESZipFile(io.BytesIO(answer.data)) as archive:
        with pytest.raises(RuntimeError):
            archive.read("my-data.html")
        archive.setpassword(password.encode())
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert set(files) == {"my-data.html", "my-data.json", "every-row.json"}
    assert all(
        words in files["my-data.html"] for words in (NAME, PHONE, visitor.study_id, "Is your business running today?", "Yes")
    )
    assert NAME in str(json.loads(files["my-data.json"]))
    rows = json.loads(files["every-row.json"])
    assert {"answers", "consents", "invitations", "submissions"} <= rows.keys()
    assert visitor.invited.token not in files["every-row.json"]
    assert state(visitor, number) == "done"
    assert privacy.post(f"/requests/{number}/download", data=fields).status_code == 422


def test_an_erasure_is_led_to_and_settles_itself(visitor, privacy):
    number = asked(visitor, "erasure")
    page = privacy.get(f"/requests/{number}").text
    address = re.search(r'href="(/programmes/pi/people/[^"]+/erase)"', page)[1]
    form = {"kind": "everything", "reason": "asked on the own page", "study_id": visitor.study_id}
    assert send(privacy, address, form).status_code == 303
    assert state(visitor, number) == "done"
    assert visitor.study_id in privacy.get(f"/requests/{number}").text


def test_a_restriction_that_is_granted_ends_the_consents(visitor, privacy):
    number = asked(visitor, "restriction")
    send(privacy, f"/requests/{number}/decision", {"state": "done", "reason": WHY}, page=f"/requests/{number}")
    page = privacy.get(f"/programmes/pi/people/{visitor.study_id}").text
    assert "Survey: withdrawn" in page
    assert "Asked on the own page" in page


def test_only_the_privacy_officer_sees_the_queue(site, visitor):
    number = asked(visitor, "access")
    for role in ("program_officer", "interviewer", "analyst", "administrator"):
        client = site.client(role, programmes=("pi",))
        assert client.get("/requests").status_code == client.get(f"/requests/{number}").status_code == 403
