"""Officers and interviewers look after devices, and place what a device sent without a person."""

from __future__ import annotations

import base64
import json
import re
import zlib

from sqlalchemy import select

from evalapp.core.clock import today
from evalapp.surveys.openrosa.devices.settings_code import settings_text
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaInstance
from evalapp.surveys.tables import Submission
from tests.web.openrosa.fielded import fielded
from tests.web.site import send

DEVICES = "/programmes/pi/devices"
OFFICER = {"programmes": ("pi",)}


def add(client, account, **changed):
    data = {"label": "Tablet 2", "account": account, "expires_on": str(today()), **changed}
    return send(client, f"{DEVICES}/new", data)


def all_of(site, table):
    with site.transaction() as db:
        return db.scalars(select(table)).all()


def test_an_officer_adds_a_device_and_sees_its_password_once(site):
    officer = site.client("program_officer", **OFFICER)
    interviewer = site.account("interviewer", programmes=("pi",))
    added = add(officer, interviewer)
    assert added.status_code == 303
    page = officer.get(added.location).text
    password = re.search(r"<code>([a-z2-7]{32})</code>", page)[1]
    device = all_of(site, OpenRosaDevice)[0]
    assert device.username in page
    assert "http://localhost/openrosa/pi</code>" in page
    assert "data:image/svg+xml" in page
    basic = base64.b64encode(f"{device.username}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "X-OpenRosa-Version": "1.0"}
    assert site.app.test_client().get("/openrosa/pi/formList", headers=headers).status_code == 200
    assert password not in officer.get(added.location).text


def test_the_code_on_the_page_is_that_of_the_settings(site, monkeypatch):
    officer = site.client("program_officer", **OFFICER)
    seen = []
    monkeypatch.setattr("evalapp.web.openrosa.devices.settings_text", lambda *facts: seen.append(settings_text(*facts)) or seen[-1])
    officer.get(add(officer, site.account("interviewer", programmes=("pi",))).location)
    general = json.loads(zlib.decompress(base64.b64decode(seen[0])))["general"]
    assert general["server_url"] == "http://localhost/openrosa/pi"
    assert general["metadata_username"].startswith("AC-")


def test_a_device_that_cannot_be_is_refused_at_its_field(site):
    officer, interviewer = site.client("program_officer", **OFFICER), site.account("interviewer", programmes=("pi",))
    for field, text in (("account", "AC-NOBODY"), ("expires_on", "2020-01-01"), ("expires_on", "2999-01-01"), ("label", "")):
        answer = add(officer, **{"account": interviewer, field: text})
        assert answer.status_code == 422
        assert f'id="{field}-fault"' in answer.text
    assert all_of(site, OpenRosaDevice) == []


def test_an_interviewer_adds_and_sees_only_their_own(site):
    officer, interviewer = site.client("program_officer", **OFFICER), site.client("interviewer", **OFFICER)
    other = site.account("interviewer", programmes=("pi",))
    assert add(interviewer, other).status_code == 422
    shown = add(officer, other, label="Not theirs").location
    assert interviewer.get(shown).status_code == 404
    assert "Not theirs" not in interviewer.get(DEVICES).text
    own = re.search(r'<option value="(AC-\w+)"', interviewer.get(f"{DEVICES}/new").text)[1]
    assert add(interviewer, own, label="Mine").status_code == 303
    assert "Mine" in interviewer.get(DEVICES).text
    assert "Mine" in officer.get(DEVICES).text


def test_a_device_that_is_shut_out_reaches_nothing_more(site):
    device = fielded(site)
    officer = site.client("program_officer", **OFFICER)
    key = all_of(site, OpenRosaDevice)[0].id
    assert device.get("/formList").status_code == 200
    for _ in range(2):
        assert send(officer, f"{DEVICES}/{key}/revoke", page=f"{DEVICES}/new").status_code == 303
    assert device.get("/formList").status_code == 403
    assert "shut out" in officer.get(DEVICES).text


def test_an_officer_places_an_interview_that_belonged_to_nobody(site):
    device = fielded(site)
    device.submit(device.xml(study_id="PI-0000-0"))
    officer = site.client("program_officer", **OFFICER)
    assert "Interviews from devices that belong to nobody yet" in officer.get("/work").text
    key = all_of(site, OpenRosaInstance)[0].id
    page = f"{DEVICES}/unplaced/{key}"
    assert f'href="{page}"' in officer.get(f"{DEVICES}/unplaced").text
    assert "PI-0000-0" in officer.get(page).text
    wrong = send(officer, f"{page}/place", {"study_id": "PI-0000-0", "wave": "fu1"}, page=page)
    assert (wrong.status_code, 'id="study_id-fault"' in wrong.text) == (422, True)
    assert send(officer, f"{page}/place", {"study_id": device.study_id, "wave": "zz"}, page=page).status_code == 422
    placed = send(officer, f"{page}/place", {"study_id": device.study_id, "wave": "fu1"}, page=page)
    assert placed.status_code == 303
    submission = all_of(site, Submission)[0]
    assert placed.location == f"/programmes/pi/review/{submission.id}"
    assert "12,345,678" in officer.get(placed.location).text
    assert officer.get(page).status_code == 404


def test_an_officer_turns_an_interview_away_with_a_reason(site):
    device = fielded(site)
    content = device.xml(study_id="")
    device.submit(content)
    officer = site.client("program_officer", **OFFICER)
    page = f"{DEVICES}/unplaced/{all_of(site, OpenRosaInstance)[0].id}"
    assert send(officer, f"{page}/reject", {"reason": "no"}, page=page).status_code == 422
    assert send(officer, f"{page}/reject", {"reason": "it was a trial"}, page=page).status_code == 303
    assert "it was a trial" in officer.get(f"{DEVICES}/unplaced").text
    assert device.submit(content).status_code == 201
    assert len(all_of(site, OpenRosaInstance)) == 1
