"""The OpenRosa interface as clients know it: list, form, manifest, submission; and what they are told when it is refused."""

from __future__ import annotations

import hashlib
import io
import re
import threading
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaFile, OpenRosaInstance
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Submission
from tests.web.openrosa.fielded import fielded, said
from tests.web.test_headers import installed

LIST = "{http://openrosa.org/xforms/xformsList}"
FAST_SENDERS = 4


@pytest.fixture
def device(site):
    return fielded(site)


def count(site, table):
    with site.transaction() as db:
        return db.scalar(select(func.count()).select_from(table))


def is_openrosa(answer):
    return answer.headers["X-OpenRosa-Version"] == "1.0" and answer.location is None


def test_a_device_lists_a_form_fetches_it_and_sends_it_filled_in(site, device):
    listed = device.get("/formList")
    assert (listed.status_code, listed.content_type) == (200, "text/xml; charset=utf-8")
    assert is_openrosa(listed)
    forms = ET.fromstring(listed.data)
    assert forms.tag == f"{LIST}xforms"
    form = {element.tag.removeprefix(LIST): element.text for element in forms[0]}
    assert set(form) == {"formID", "name", "version", "hash", "downloadUrl"}
    assert (form["formID"], form["version"]) == ("field--fu1", "2026110101")
    fetched = device.client.get(form["downloadUrl"], headers=device.headers())
    assert fetched.content_type == "text/xml; charset=utf-8"
    assert is_openrosa(fetched)
    assert form["hash"] == "md5:" + hashlib.md5(fetched.data, usedforsecurity=False).hexdigest()
    assert b'id="field--fu1"' in fetched.data
    asked = device.head("/submission")
    assert (asked.status_code, asked.data) == (204, b"")
    assert is_openrosa(asked)
    assert int(asked.headers["X-OpenRosa-Accept-Content-Length"]) > 1_000_000
    sent = device.submit()
    assert sent.status_code == 201
    assert is_openrosa(sent)
    assert said(sent) == "Received."
    assert 'nature="submit_success"' in sent.text
    with site.transaction() as db:
        submission = db.scalars(select(Submission)).one()
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "answers_received")).one()
        assert (submission.account, entry.account, entry.role) == (device.account, device.account, "interviewer")


def test_the_list_answers_what_is_asked(device):
    assert b"<xform>" not in device.get("/formList?formID=other").data
    assert b"descriptionText" in device.get("/formList?verbose=true").data
    assert device.get("/formList?listAllVersions=true&formID=field--fu1").data.count(b"<xform>") == 1


def test_the_manifest_of_a_form_without_files_is_empty(device):
    answer = device.get("/forms/field--fu1/2026110101/manifest")
    assert ET.fromstring(answer.data).tag == "{http://openrosa.org/xforms/xformsManifest}manifest"
    assert b"mediaFile" not in answer.data
    missing = device.get("/forms/field--fu1/2026110101/files/x.csv")
    assert (missing.status_code, is_openrosa(missing)) == (404, True)


def test_what_waits_for_an_officer_is_received_too(site, device):
    sent = device.submit(device.xml(study_id="PI-0000-0"))
    assert sent.status_code == 201
    assert "program officer" in said(sent)
    assert count(site, Submission) == 0


def test_sending_twice_counts_once_and_brings_missing_files(site, device):
    content = device.xml()
    assert device.submit(content).status_code == 201
    assert device.submit(content, audit_csv=b"event,node,start,end\n").status_code == 201
    assert (count(site, Submission), count(site, OpenRosaFile)) == (1, 1)
    other = device.submit(device.xml(answers={"firm_operating": "no"}))
    assert (other.status_code, is_openrosa(other)) == (409, True)


def test_the_form_may_come_without_a_file_name(device):
    data = {"xml_submission_file": device.xml().decode()}
    assert device.client.post(f"{device.base}/submission", data=data, headers=device.headers()).status_code == 201


def send_at_once(device, content):
    """Send the same from several threads and return the answers' codes."""
    answers, start = [], threading.Barrier(FAST_SENDERS)

    def send():
        client = device.site.app.test_client()
        start.wait()
        data = {"xml_submission_file": (io.BytesIO(content), "form.xml")}
        answers.append(client.post(f"{device.base}/submission", data=data, headers=device.headers()).status_code)

    threads = [threading.Thread(target=send) for _ in range(FAST_SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_threads_that_send_the_same_at_once_are_heard_once(site, device):
    assert send_at_once(device, device.xml()) == [201] * FAST_SENDERS
    assert (count(site, Submission), count(site, OpenRosaInstance)) == (1, 1)
    edited = device.xml("uuid:2", deprecated="uuid:1", answers={"firm_operating": "no"})
    assert send_at_once(device, edited) == [201] * FAST_SENDERS
    assert (count(site, OpenRosaInstance), count(site, Correction)) == (2, 2)


BAD = (None, "Basic !!!", "Basic ZDo=", "Bearer x", "Digest username=x", "Basic " + "eA" * 5_000, "Basic ZABkOng=")


def test_without_its_password_a_device_is_told_so_in_its_language(device):
    headers = device.headers()
    headers.pop("Authorization")
    for authorization in BAD:
        given = headers | ({"Authorization": authorization} if authorization else {})
        for method, path in (("GET", "/formList"), ("POST", "/submission"), ("GET", "/nowhere"), ("HEAD", "/submission")):
            answer = device.client.open(device.base + path, method=method, headers=given)
            assert answer.status_code == 401
            assert is_openrosa(answer)
            assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")
            assert method == "HEAD" or "password" in said(answer)


def test_a_browser_that_is_signed_in_is_nobody_here(site, device):
    device.client = site.client("program_officer", programmes=("pi",))
    device.password = "wrong"  # noqa: S105 - none
    assert device.get("/formList").status_code == 401
    page = "<form method=post>"  # a page elsewhere can make a browser post, but not with our header
    answer = device.client.post(f"{device.base}/submission", data={"xml_submission_file": page})
    assert answer.status_code == 401


def test_a_request_without_the_version_is_refused(device):
    headers = device.headers()
    headers.pop("X-OpenRosa-Version")
    for method, path in (("GET", "/formList"), ("POST", "/submission"), ("HEAD", "/submission")):
        answer = device.client.open(device.base + path, method=method, headers=headers)
        assert (answer.status_code, is_openrosa(answer)) == (400, True)


def test_a_device_that_was_shut_out_reads_why(site, device):
    with site.transaction() as db:
        db.scalars(select(OpenRosaDevice)).one().revoked_at = device.field.programme.created_at
    answer = device.submit()
    assert (answer.status_code, is_openrosa(answer)) == (403, True)
    assert "shut out" in said(answer)
    assert 'nature="error"' in answer.text


def test_wrong_passwords_lock_the_device_and_then_the_address(site, device):
    right, device.password = device.password, "wrong"
    codes = [device.get("/formList").status_code for _ in range(61)]
    assert (codes[0], codes[-1]) == (401, 429)
    device.password = right
    assert device.get("/formList").status_code == 429
    with site.transaction() as db:
        actions = db.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "device")).all()
    assert actions.count("device_refused") == 10
    assert "device_locked" in actions


def test_an_address_where_nothing_is_says_so(device):
    for method, path in (("GET", "/nothing"), ("GET", "/"), ("POST", "/nothing/at/all"), ("GET", "/forms/a--b/1.xml")):
        answer = device.client.open(device.base + path, method=method, headers=device.headers())
        assert (answer.status_code, is_openrosa(answer)) == (404, True)
        assert said(answer)


HOSTILE = {
    "nothing": b"",
    "words": b"hello",
    "dtd": b"<!DOCTYPE x><data/>",
    "bomb": b"<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><data>&b;</data>",
    "no instance": b"<data id='field--fu1' version='2026110101'/>",
    "no unicode": "<data id='x'>\ud55c</data>".encode("cp949"),
    "deep": b"<a>" * 50_000 + b"</a>" * 50_000,
}


def test_hostile_forms_are_refused_in_words(site, device):
    for content in HOSTILE.values():
        answer = device.submit(content)
        assert (answer.status_code, is_openrosa(answer)) == (400, True)
        assert said(answer)
    assert count(site, OpenRosaInstance) == 0


def test_a_body_that_is_too_large_is_not_read(device):
    part = b'--x\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="a.xml"\r\n\r\n'
    body = part + b"x" * 30 * 1024 * 1024 + b"\r\n--x--\r\n"
    answer = posted(device, body, "multipart/form-data; boundary=x")
    assert (answer.status_code, is_openrosa(answer)) == (413, True)
    assert said(answer) == "What was sent is too large."


def posted(device, body, content_type):
    return device.client.post(f"{device.base}/submission", data=body, content_type=content_type, headers=device.headers())


def test_what_is_not_multipart_with_a_form_is_refused(device):
    other = b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nx\r\n--x--\r\n'
    multipart = "multipart/form-data; boundary=x"
    for body, kind in (
        (b"<data/>", "text/xml"),
        (b"\xff\xfe", multipart),
        (b"", "multipart/form-data"),
        (b"", None),
        (other, multipart),
    ):
        answer = posted(device, body, kind)
        assert (answer.status_code, is_openrosa(answer)) == (400, True)


def test_other_files_are_refused_in_words(device):
    assert "no recordings, pictures" in said(device.submit(photo=b"x"))


def test_in_production_no_password_travels_in_the_open(tmp_path):
    app = installed(tmp_path)
    headers = {"Authorization": "Basic ZDpw", "X-OpenRosa-Version": "1.0", "Accept-Language": "en"}
    answer = app.test_client().get("/openrosa/pi/formList", headers=headers)
    assert (answer.status_code, "https" in said(answer)) == (403, True)
    secure = app.test_client().get("/openrosa/pi/formList", headers=headers, base_url="https://localhost")
    assert secure.status_code == 401
    app.extensions["evalapp.engine"].dispose()


def test_a_failure_of_ours_leaves_the_answers_on_the_device(device, monkeypatch):
    def fail(*_arguments):
        raise ZeroDivisionError("가나다")

    monkeypatch.setattr("evalapp.web.openrosa.protocol.receive_submission", fail)
    answer = device.submit()
    assert (answer.status_code, is_openrosa(answer)) == (500, True)
    assert re.search("nothing is lost", said(answer))
