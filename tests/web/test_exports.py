"""A list with identities leaves only when two people agree, once, encrypted, and written down."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import zipfile

import pytest
import pyzipper
from sqlalchemy import select

from evalapp.core import encrypted_archive
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.people.contacts.record_exit import record_exit
from evalapp.people.identified_exports import queries as export_queries
from evalapp.people.records.tables import IdentifiedExport
from evalapp.people.tables import Consent, Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.tables import IdentityField
from evalapp.people.vault.write_identity import write_identity
from tests.web.site import asks_for_password, csrf_token, send

PAGE = "/programmes/pi/exports"
REASON = "letters to everyone before the second wave"


@pytest.fixture
def officer(site):
    client = site.client("program_officer", programmes=("pi",))
    with site.transaction() as db:
        programme = db.scalars(select(Programme)).one()
        for study_id, name in (("PI-7K3Q-4", "김철수"), ("PI-0000-0", "이영희")):
            person = Entrepreneur(study_id=study_id, created_at=now())
            db.add(person)
            db.flush()
            old, firm = Enterprise(entrepreneur_id=person.id, is_current=False), Enterprise(entrepreneur_id=person.id)
            db.add_all([old, firm, Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=today())])
            db.flush()
            write_identity(db, person.id, {"name": name, "phone": "010-1234-5678", "address": "=HYPERLINK(0)"})
            write_identity(db, person.id, {"enterprise_name": "옛 가게"}, old.id)
            write_identity(db, person.id, {"enterprise_name": "새 가게"}, firm.id)
    return client


@pytest.fixture
def privacy(site):
    return site.client("privacy_officer")


def ask(client, *fields, reason=REASON):
    return send(client, PAGE, {**{f"field_{field}": "yes" for field in fields}, "reason": reason})


def allow(client, number=1, decision="allow"):
    return send(client, f"/exports/pi/{number}/decision", {"decision": decision}, page="/exports")


def fetch(client, number=1):
    """Show the password and fetch the file."""
    page = send(client, f"{PAGE}/{number}/password", page=f"{PAGE}/{number}")
    password = re.search(r'secret-code">([0-9A-Z-]{29})<', page.text)[1]
    sealed = re.search(r'name="password" value="([^"]+)"', page.text)[1]
    data = {"csrf_token": csrf_token(page.text), "password": sealed}
    return password, client.post(f"{PAGE}/{number}/download", data=data), data


def entries(site, action):
    with site.transaction() as db:
        return db.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_a_list_goes_from_request_over_a_decision_to_an_encrypted_file(officer, privacy):
    asked = ask(officer, "name", "address", "enterprise_name")
    assert (asked.status_code, asked.location) == (303, f"{PAGE}/1")
    assert "Waiting for a decision" in officer.get(asked.location).text
    assert REASON in privacy.get("/exports").text
    assert allow(privacy).status_code == 303
    assert "Allowed until" in officer.get(asked.location).text
    password, answer, _ = fetch(officer)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "list-1.zip" in answer.headers["Content-Disposition"]
    assert "김철수".encode() not in answer.data
    with pyzipper.AESZipFile(io.BytesIO(answer.data)) as archive:
        (inside,) = archive.infolist()
        assert (inside.wz_aes_strength, inside.filename) == (3, "list.csv")  # 3 stands for 256 bits
        archive.setpassword(password.encode())
        content = archive.read("list.csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows == [
        {"study_id": "PI-0000-0", "name": "이영희", "address": "'=HYPERLINK(0)", "enterprise_name": "새 가게"},
        {"study_id": "PI-7K3Q-4", "name": "김철수", "address": "'=HYPERLINK(0)", "enterprise_name": "새 가게"},
    ]
    assert "Fetched" in officer.get(asked.location).text


def test_every_step_is_in_the_audit_log_with_counts_and_without_identities(site, officer, privacy):
    ask(officer, "name")
    allow(privacy)
    password, *_ = fetch(officer)
    (request,), (decision,), (download,) = (
        entries(site, f"identity_export_{step}") for step in ("requested", "allowed", "downloaded")
    )
    assert (request.reason, json.loads(request.after)) == (REASON, {"programme": "pi", "fields": "name"})
    assert decision.role == "privacy_officer"
    assert json.loads(download.after) == {"fields": "name", "people": 2}
    with site.transaction() as db:
        log = " ".join(str(row) for row in db.execute(select(*AuditEntry.__table__.columns)))
        stored = " ".join(str(row) for row in db.execute(select(*IdentifiedExport.__table__.columns)))
    assert "김철수" not in log
    assert password not in log + stored


def test_who_left_or_does_not_want_to_be_contacted_is_not_on_the_list(site, officer, privacy):
    with site.transaction() as db:
        programme = db.scalars(select(Programme)).one()
        left, silent = (
            db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == i)).one() for i in ("PI-0000-0", "PI-7K3Q-4")
        )
        record_exit(db, programme, left, "moved", today())
        db.add(
            Consent(
                programme_id=programme.id, entrepreneur_id=silent.id, purpose="recontact", text_version="1", given_on=today(),
                withdrawn_on=today(),
            )
        )  # fmt: skip
    ask(officer, "name")
    allow(privacy)
    fetch(officer)
    (download,) = entries(site, "identity_export_downloaded")
    assert json.loads(download.after)["people"] == 0


def test_a_list_is_fetched_once(site, officer, privacy):
    ask(officer, "name")
    allow(privacy)
    _, _, data = fetch(officer)
    again = officer.post(f"{PAGE}/1/download", data=data)
    assert (again.status_code, again.mimetype) == (422, "text/html")
    assert officer.post(f"{PAGE}/1/password", data=data).status_code == 303
    assert len(entries(site, "identity_export_downloaded")) == 1


def test_a_list_is_not_handed_over_after_a_day(officer, privacy, monkeypatch):
    ask(officer, "name")
    allow(privacy)
    page = send(officer, f"{PAGE}/1/password", page=f"{PAGE}/1").text
    monkeypatch.setattr(export_queries, "now", lambda: now() + dt.timedelta(hours=24))
    data = {"csrf_token": csrf_token(page), "password": re.search(r'name="password" value="([^"]+)"', page)[1]}
    assert officer.post(f"{PAGE}/1/download", data=data).status_code == 422
    assert "Not fetched in time" in officer.get(f"{PAGE}/1").text


@pytest.mark.parametrize("decision", [None, "refuse"])
def test_without_leave_there_is_no_password_and_no_file(site, officer, privacy, decision):
    ask(officer, "name")
    if decision:
        allow(privacy, decision=decision)
        assert "ask again" in officer.get(f"{PAGE}/1").text
    token = {"csrf_token": csrf_token(officer.get(PAGE).text)}
    assert officer.post(f"{PAGE}/1/password", data=token).status_code == 303
    with site.app.test_request_context():
        sealed = site.keys.seal("x", "export:AC-T001:1:password")
    assert officer.post(f"{PAGE}/1/download", data={**token, "password": sealed}).status_code == 422


def test_nobody_decides_on_their_own_request(site):
    both = site.client("program_officer", "privacy_officer", programmes=("pi",))
    ask(both, "name")
    assert "Another person has to decide" in both.get("/exports").text
    token = {"csrf_token": csrf_token(both.get(PAGE).text), "decision": "allow"}
    answer = both.post("/exports/pi/1/decision", data=token)
    assert (answer.status_code, "own request" in answer.text) == (422, True)
    assert entries(site, "identity_export_allowed") == []


def test_a_decision_stands(officer, privacy):
    ask(officer, "name")
    page = privacy.get("/exports").text
    allow(privacy, decision="refuse")
    answer = privacy.post("/exports/pi/1/decision", data={"csrf_token": csrf_token(page), "decision": "allow"})
    assert (answer.status_code, "decided already" in answer.text) == (422, True)


def test_another_officer_neither_sees_nor_fetches_the_list(site, officer, privacy):
    ask(officer, "name")
    allow(privacy)
    colleague = site.client("program_officer", programmes=("pi",))
    stranger = site.client("program_officer", programmes=("other",))
    assert "Request 1" not in colleague.get(PAGE).text
    for client, page in ((colleague, PAGE), (stranger, "/programmes/other/exports")):
        token = {"csrf_token": csrf_token(client.get(page).text)}
        assert client.get(f"{PAGE}/1").status_code == 404
        for step in ("password", "download"):
            assert client.post(f"{PAGE}/1/{step}", data=token).status_code == 404
    assert stranger.get(PAGE).status_code == 404
    token = {"csrf_token": csrf_token(stranger.get("/programmes/other/exports").text)}
    assert stranger.post("/programmes/other/exports/1/password", data=token).status_code == 404


def test_a_password_of_another_request_opens_no_download(officer, privacy):
    for number in (1, 2):
        ask(officer, "name")
        allow(privacy, number)
    page = send(officer, f"{PAGE}/1/password", page=f"{PAGE}/1").text
    data = {"csrf_token": csrf_token(page), "password": re.search(r'name="password" value="([^"]+)"', page)[1]}
    assert officer.post(f"{PAGE}/2/download", data=data).status_code == 404
    assert officer.post(f"{PAGE}/2/download", data={**data, "password": "plain"}).status_code == 404
    assert officer.post(f"{PAGE}/1/download", data=data).status_code == 200


@pytest.mark.parametrize("step", ["password", "download"])
def test_the_password_of_the_account_is_asked_again(site, officer, privacy, step):
    ask(officer, "name")
    allow(privacy)
    token = {"csrf_token": csrf_token(officer.get(PAGE).text), "back": f"{PAGE}/1"}
    with site.transaction() as db:
        code = db.scalars(select(IdentifiedExport.requested_by)).one()
    site.sign_in(officer, code, confirmed=False)
    answer = officer.post(f"{PAGE}/1/{step}", data=token)
    assert asks_for_password(answer)


@pytest.mark.parametrize(
    ("fields", "reason", "words"),
    [
        ((), REASON, "Choose the fields"),
        (("name",), "", "Fill this in"),
        (("name",), "ok", "in a few words"),
        (("name",), "call 010-1234-5678", "telephone"),
        (("name",), "write to a@b.kr", "must not hold"),
    ],
)
def test_a_request_without_fields_or_reason_is_refused_in_words(site, officer, fields, reason, words):
    answer = ask(officer, *fields, reason=reason)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert entries(site, "identity_export_requested") == []


def test_the_queue_shows_what_was_decided_and_how_many_people_left(officer, privacy):
    assert "Nothing waits for a decision" in privacy.get("/exports").text
    ask(officer, "name")
    allow(privacy)
    fetch(officer)
    page = privacy.get("/exports").text
    assert "Fetched" in page
    assert "2 people" in page


def test_others_have_no_such_pages(site):
    for role in ("trainer", "interviewer", "analyst", "funder", "administrator"):
        client = site.client(role, programmes=("pi",))
        assert client.get(PAGE).status_code == client.get("/exports").status_code == 403
    assert site.client("program_officer", programmes=("pi",)).get("/exports").status_code == 403


def test_a_password_is_long_and_never_the_same():
    made = {encrypted_archive.new_password() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([0-9A-Z]{5}-){4}[0-9A-Z]{5}", password) for password in made)


def test_the_standard_program_for_archives_sees_that_the_file_is_encrypted(officer, privacy):
    ask(officer, "name")
    allow(privacy)
    _, answer, _ = fetch(officer)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.infolist()[0].flag_bits & 1
        assert archive.infolist()[0].CRC == 0  # a checksum of the plain text would tell about it


def test_a_person_without_any_of_the_fields_is_not_in_the_list(site, officer, privacy):
    with site.transaction() as db:
        db.delete(db.scalars(select(IdentityField).where(IdentityField.field == "phone").limit(1)).one())
    ask(officer, "phone")
    allow(privacy)
    fetch(officer)
    (download,) = entries(site, "identity_export_downloaded")
    assert json.loads(download.after)["people"] == 1
