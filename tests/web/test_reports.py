"""Runs and reports on the web: read, composed in the background, released by two people, read by funders."""

import pytest

from evalapp.core.clock import now
from evalapp.core.jobs.queries import list_unfinished
from evalapp.people.tables import Programme
from evalapp.reports.compose_report import compose_report
from evalapp.reports.queries import get_stored_report
from evalapp.reports.release_report import print_release
from tests.stored_run import add_run
from tests.web.site import asks_for_password, send


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


@pytest.fixture
def run(site):
    site.account("program_officer", programmes=("pi",))
    with site.transaction() as db:
        return add_run(db, db.query(Programme).filter_by(code="pi").one())


@pytest.fixture
def draft(site, run):
    with site.transaction() as db:
        return compose_report(db, run, "en", composed_at=now()).id


@pytest.mark.usefixtures("run")
def test_a_run_is_queued_once_however_often_the_button_is_pressed(site, officer):
    form = {"plan": "main", "key": "0123456789abcdef0123"}
    first = send(officer, "/programmes/pi/analysis/runs", form, page="/programmes/pi/analysis")
    again = send(officer, "/programmes/pi/analysis/runs", form, page="/programmes/pi/analysis")
    assert (first.status_code, first.location) == (303, again.location)
    with site.transaction() as db:
        assert [job.kind for job in list_unfinished(db, "pi")] == ["run_plan"]
    assert "Work is going on" in officer.get("/programmes/pi/analysis").text


def test_a_run_reads_as_its_report_does(officer, run):
    page = officer.get(f"/runs/{run}").text
    assert "Callaway" in page or "Effects by outcome and estimator" in page
    assert "Compose the report (한국어)" in page


def test_a_report_is_composed_in_the_background(site, officer, run):
    done = send(officer, f"/runs/{run}/reports", {"language": "ko", "key": "0123456789abcdef0123"}, page=f"/runs/{run}")
    assert done.location.startswith("/jobs/")
    with site.transaction() as db:
        assert [job.kind for job in list_unfinished(db, "pi")] == ["compose_report"]


def test_a_report_is_downloaded_as_it_was_printed(officer, draft):
    answer = officer.get(f"/reports/{draft}/pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=report-")


def test_a_second_person_releases_and_only_then_a_funder_reads(site, officer, draft):
    second, funder = site.client("program_officer", programmes=("pi",)), site.client("funder", programmes=("pi",))
    assert send(officer, f"/reports/{draft}/submit", page=f"/reports/{draft}").status_code == 303
    assert "You handed this report in" in officer.get(f"/reports/{draft}").text
    assert send(officer, f"/reports/{draft}/release", page="/programmes/new").status_code == 422
    assert funder.get(f"/reports/{draft}").status_code == 404
    assert send(second, f"/reports/{draft}/release", page=f"/reports/{draft}").location.startswith("/jobs/")
    with site.transaction() as db:
        released = print_release(db, get_stored_report(db, draft)).id
    assert funder.get(f"/reports/{draft}").status_code == 404
    assert funder.get(f"/reports/{released}/pdf").data.startswith(b"%PDF")
    assert f"/reports/{released}" in funder.get("/reports").text


def test_a_funder_of_another_programme_reads_nothing(site, draft):
    funder = site.client("funder", programmes=("theirs",))
    assert funder.get(f"/reports/{draft}").status_code == 404
    assert "No reports yet" in funder.get("/reports").text


def test_a_report_is_given_back_with_a_reason(officer, draft):
    send(officer, f"/reports/{draft}/submit", page=f"/reports/{draft}")
    refused = send(officer, f"/reports/{draft}/return", {"reason": ""}, page=f"/reports/{draft}")
    assert refused.status_code == 422
    assert send(officer, f"/reports/{draft}/return", {"reason": "Wrong title"}, page=f"/reports/{draft}").status_code == 303
    assert "Hand in for review" in officer.get(f"/reports/{draft}").text


@pytest.mark.parametrize("path", ["/runs/{run}", "/reports/{draft}", "/reports/{draft}/pdf"])
def test_another_officer_finds_nothing(site, run, draft, path):
    other = site.client("program_officer", programmes=("theirs",))
    assert other.get(path.format(run=run, draft=draft)).status_code == 404


def test_the_password_is_asked_for_again_before_a_release(site, officer, draft):
    send(officer, f"/reports/{draft}/submit", page=f"/reports/{draft}")
    client = site.client()
    site.sign_in(client, site.account("program_officer", programmes=("pi",)), confirmed=False)
    assert asks_for_password(send(client, f"/reports/{draft}/release", page=f"/reports/{draft}"))
