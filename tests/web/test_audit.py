"""The audit log on pages: read, narrowed, checked, reviewed month by month, taken out as a file."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from evalapp.app import JOBS
from evalapp.core.audit import month_review
from evalapp.core.audit.queries import ENTRIES_A_PAGE
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.audit.verify_chain import verify_newest
from evalapp.core.clock import today
from evalapp.core.jobs.worker.do_job import do_job
from evalapp.web import audit as web_audit
from tests.web.site import asks_for_password, csrf_token, send

KEY = "0123456789abcdef"
MONTH = f"{today():%Y-%m}"


@pytest.fixture
def reviewer(site):
    with site.transaction("AC-OFFICER") as db:
        for number in range(ENTRIES_A_PAGE + 5):
            record_entry(db, "role_granted", "account", f"AC-{number}", after={"role": "analyst"})
        record_entry(db, "identity_revealed", "identity_field", "phone", subject="PI-7K3Q-4", reason="=call-back agreed")
    return site.client("privacy_officer")


def work(site, key):
    """Do one job in this process, as a worker would."""
    do_job(key, site.engine, site.keys, JOBS, lambda _name, stage: stage())


def alter(site, number):
    drop = "audit_entries_no_UPDATE" if site.engine.dialect.name == "sqlite" else "audit_entries_no_change ON audit_entries"
    with site.engine.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {drop}"))
        connection.execute(text(f"UPDATE audit_entries SET reason = 'altered' WHERE number = {number}"))


def test_entries_are_read_page_by_page(reviewer):
    page = reviewer.get("/audit").text
    assert page.count("<tr>") == ENTRIES_A_PAGE + 1
    assert "=call-back agreed" in page
    older = page.split("below=")[1].split('"')[0].split("&")[0]
    assert reviewer.get(f"/audit?below={older}").text.count("<tr>") == 7
    assert reviewer.get("/audit?below=99999999999999999999").status_code == 200
    assert reviewer.get("/audit?below=x").status_code == 200


def test_filters_narrow_the_list_and_wrong_ones_are_said(reviewer):
    assert reviewer.get("/audit?subject=PI-7K3Q-4").text.count("<tr>") == 2
    assert reviewer.get("/audit?action=role_granted&object_key=AC-3").text.count("<tr>") == 2
    assert reviewer.get(f"/audit?since_on={today()}&account=AC-OFFICER&until_on={today()}").status_code == 200
    assert "No entries" in reviewer.get("/audit?since_on=2099-01-01").text
    wrong = reviewer.get("/audit?since_on=soon")
    assert (wrong.status_code, 'href="#since_on"' in wrong.text) == (422, True)


def test_the_file_holds_what_is_filtered_runs_no_formula_and_is_logged(site, reviewer):
    answer = send(reviewer, "/audit/file", {"action": "identity_revealed"}, page="/audit")
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [(row["subject"], row["reason"]) for row in rows] == [("PI-7K3Q-4", "'=call-back agreed")]
    with site.transaction() as db:
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "audit_exported")).one()
        assert entry.after == '{"action": "identity_revealed"}'
    assert send(reviewer, "/audit/file", {"since_on": "x"}, page="/audit").status_code == 422


def test_the_file_asks_for_the_password_again(site, reviewer):
    token = csrf_token(reviewer.get("/audit").text)
    site.sign_in(reviewer, "AC-T001", confirmed=False)
    answer = reviewer.post("/audit/file", data={"csrf_token": token, "back": "/audit"})
    assert asks_for_password(answer)


def test_a_whole_log_is_said_to_be_whole_and_an_altered_one_names_the_entry(site, reviewer):
    assert "has not been checked yet" in reviewer.get("/audit/check").text
    asked = send(reviewer, "/audit/check", {"key": KEY})
    assert asked.location == f"/jobs/{KEY}"
    assert send(reviewer, "/audit/check", {"key": KEY}).location == asked.location, "pressed twice it is asked once"
    assert "Check of the audit log" in reviewer.get(asked.location).text
    work(site, KEY)
    assert "/audit/check" in reviewer.get(asked.location).text
    page = reviewer.get("/audit/check").text
    assert "The audit log is whole" in page
    assert "57 entries were checked: none" in page, "those of the fixture, and that the check was asked for"
    alter(site, 4)
    send(reviewer, "/audit/check", {"key": KEY[::-1]})
    work(site, KEY[::-1])
    page = reviewer.get("/audit/check").text
    assert "The audit log is not whole" in page
    assert "Entry 4 was altered after it was written." in page


def test_a_result_of_a_check_that_was_forged_is_not_believed(site, reviewer):
    send(reviewer, "/audit/check", {"key": KEY})
    work(site, KEY)
    with site.transaction() as db:
        number = db.scalars(select(AuditEntry.number).where(AuditEntry.action == "audit_checked")).one()
    alter(site, number)
    page = reviewer.get("/audit/check").text
    assert "was altered afterwards" in page
    assert "The audit log is whole" not in page


def test_the_newest_entries_are_looked_through_at_once(site, reviewer, monkeypatch):
    monkeypatch.setattr(web_audit, "NEWEST", 10)
    monkeypatch.setattr(web_audit, "verify_newest", lambda db: verify_newest(db, 10))
    assert "10 entries were checked just now: none" in reviewer.get("/audit/check").text
    alter(site, 50)
    page = reviewer.get("/audit/check").text
    assert "Entry 50 was altered after it was written." in page


def test_a_month_is_reviewed_and_signed(reviewer, monkeypatch):
    assert "Not over yet" in reviewer.get("/audit/months").text
    page = reviewer.get(f"/audit/months/{MONTH}").text
    assert "=call-back agreed" in page
    assert "I have reviewed this month" not in page
    monkeypatch.setattr(month_review, "today", lambda: today() + dt.timedelta(days=40))
    answer = send(reviewer, f"/audit/months/{MONTH}", {"remark": "nothing unusual"})
    assert answer.status_code == 303
    assert "nothing unusual" in reviewer.get(answer.location).text
    assert "Reviewed" in reviewer.get("/audit/months").text


def test_a_month_that_is_not_over_is_not_signed(reviewer):
    data = {"csrf_token": csrf_token(reviewer.get("/audit").text)}
    answer = reviewer.post(f"/audit/months/{MONTH}", data=data)
    assert (answer.status_code, "not over yet" in answer.text) == (422, True)
    assert reviewer.post("/audit/months/2026-99", data=data).status_code == 404
    assert reviewer.get("/audit/months/last").status_code == 404


def test_an_administrator_may_review_too_and_others_may_not(site):
    assert site.client("administrator").get("/audit").status_code == 200
    for role in ("program_officer", "trainer", "interviewer", "analyst", "funder"):
        for path in ("/audit", "/audit/months", f"/audit/months/{MONTH}"):
            assert site.client(role, programmes=("pi",)).get(path).status_code == 403


def test_pages_of_the_log_need_no_entries(site):
    client = site.client("privacy_officer")
    assert "No entries" in client.get("/audit").text
    assert "No entries" in client.get("/audit/months").text
    assert client.get("/audit/months/2020-01").status_code == 200


def test_the_terminal_checks_the_log_and_names_the_first_break(site, reviewer, tmp_path):
    run = CliRunner()
    whole = run.invoke(site.app.cli, ["audit", "verify"])
    assert (whole.exit_code, "is whole" in whole.output) == (0, True)
    exported = run.invoke(site.app.cli, ["audit", "export", str(tmp_path / "log.csv")])
    head = exported.output.strip().split(" ")[-1].rstrip(".")
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "log.csv").read_text(encoding="utf-8-sig"))))) == ENTRIES_A_PAGE + 6
    assert run.invoke(site.app.cli, ["audit", "verify", "--head", head]).exit_code == 0
    number = head.split(":")[0]
    wrong = run.invoke(site.app.cli, ["audit", "verify", "--head", f"{number}:{'0' * 64}"])
    assert (wrong.exit_code, f"Entry {number} is not the one" in wrong.output) == (1, True)
    assert run.invoke(site.app.cli, ["audit", "verify", "--head", "soon"]).exit_code == 2
    alter(site, 3)
    broken = run.invoke(site.app.cli, ["audit", "verify"])
    assert (broken.exit_code, "Entry 3 was altered" in broken.output) == (1, True)
    assert reviewer.get("/audit").status_code == 200
