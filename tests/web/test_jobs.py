"""The pages of background jobs: who sees one, how it moves, what can be done about it."""

import re

import pytest

from evalapp.app import JOBS, SENDING_JOBS
from evalapp.core.db import reading
from evalapp.core.jobs.faults import PROGRAM_FAULT
from evalapp.core.jobs.queries import get_job
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.jobs.record_progress import begin_job, enter_stage, fail_job, finish_job
from evalapp.core.jobs.worker.record_heartbeat import record_heartbeat
from evalapp.core.language import Message
from evalapp.web.jobs import KINDS
from tests.web.site import csrf_token, send

KEY = "a" * 32
PAGE = f"/jobs/{KEY}"


@pytest.fixture
def officer(site):
    """The browser of an officer of the programme `pi`, where somebody else has queued a run."""
    client = site.client("program_officer", programmes=("pi",))
    with site.transaction("AC-ELSE") as db:
        queue_job(db, KEY, "run_plan", "pi", {"plan": "main", "seed": 0})
    return client


def stand(site, *steps):
    with site.transaction("worker") as db:
        for step in steps:
            step(db, KEY)


def at(stage, progress_share):
    return lambda db, key: enter_stage(db, key, stage, progress_share)


def fail(message):
    return lambda db, key: fail_job(db, key, message)


def finish(db, key):
    finish_job(db, key, lambda _: {"run": 7})


def state(site, key=KEY):
    with reading(site.engine) as db:
        return get_job(db, key).state


def test_every_kind_of_job_has_its_words():
    assert set(KINDS) == {*JOBS, *SENDING_JOBS}


def test_a_job_is_there_for_its_programme_and_for_whoever_asked_and_for_nobody_else(site, officer):
    owner = site.account("program_officer")
    with site.transaction(owner) as db:
        queue_job(db, "b" * 32, "run_plan", "pi", {"plan": "main", "seed": 0})
    its_owner = site.client()
    site.sign_in(its_owner, owner)
    assert its_owner.get(f"/jobs/{'b' * 32}").status_code == 200
    assert officer.get(PAGE).status_code == 200
    others = [
        its_owner,
        site.client("program_officer", programmes=("other",)),
        site.client("trainer", programmes=("pi",)),
        site.client("privacy_officer"),
    ]
    for other in others:
        for path in (PAGE, f"{PAGE}/progress", f"/jobs/{'c' * 32}"):
            answer = other.get(path)
            assert answer.status_code == 404
            assert "There is no such job." in answer.text
        for path in ("cancel", "retry"):
            assert send(other, f"{PAGE}/{path}", page="/account").status_code == 404
    assert site.client().get(PAGE).status_code == 303
    assert state(site) == "queued"


def test_a_page_asks_again_by_itself_until_the_job_is_over(site, officer):
    for steps, waits in (((), True), ((begin_job,), True), ((finish,), False)):
        stand(site, *steps)
        page = officer.get(PAGE).text
        assert ('<noscript><meta http-equiv="refresh" content="3"></noscript>' in page) is waits
        assert ("progress.js" in page) is waits


def test_the_progress_says_stage_and_share_in_the_readers_language(site, officer):
    assert officer.get(f"{PAGE}/progress").json == {"state": "queued", "stage": "", "share": 0.0}
    stand(site, begin_job, at("Freezing the panel", 0.25))
    assert officer.get(f"{PAGE}/progress").json == {"state": "running", "stage": "Freezing the panel", "share": 0.25}
    officer.set_cookie("language", "ko")
    assert officer.get(f"{PAGE}/progress").json["stage"] == Message("Freezing the panel").within("ko")
    page = officer.get(PAGE).text
    assert 'value="0.25"' in page
    assert Message("Freezing the panel").within("ko") in page


def test_a_job_that_waits_for_a_worker_says_so(site, officer):
    assert "No worker is running" in officer.get(PAGE).text
    stand(site, lambda db, _: record_heartbeat(db, "host-1"))
    assert "No worker is running" not in officer.get(PAGE).text


def test_a_done_job_leads_to_its_result(site, officer):
    stand(site, begin_job, finish)
    assert 'href="/runs/7"' in officer.get(PAGE).text


def test_a_failed_job_says_why_and_can_be_tried_again(site, officer):
    stand(site, begin_job, fail(Message("There is no run %(run)s.", run=3)))
    page = officer.get(PAGE).text
    assert "There is no run 3." in page
    form = {"csrf_token": csrf_token(page), "key": re.search(r'name="key" value="(\w+)"', page)[1]}
    first, second = officer.post(f"{PAGE}/retry", data=form), officer.post(f"{PAGE}/retry", data=form)
    assert first.status_code == second.status_code == 303
    assert first.location == second.location == f"/jobs/{form['key']}"
    assert (state(site), state(site, form["key"])) == ("failed", "queued")


def test_a_fault_of_the_program_is_told_in_neutral_words(site, officer):
    stand(site, begin_job, fail(PROGRAM_FAULT))
    assert "a fault in the program" in officer.get(PAGE).text


def test_a_queued_job_is_cancelled(site, officer):
    answer = send(officer, f"{PAGE}/cancel", page=PAGE)
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = officer.get(PAGE).text
    assert "The job was cancelled." in page
    assert "Try again" in page
    assert state(site) == "cancelled"


def test_a_job_that_has_begun_is_not_cancelled(site, officer):
    token = csrf_token(officer.get(PAGE).text)
    stand(site, begin_job)
    answer = officer.post(f"{PAGE}/cancel", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "can no longer be cancelled" in answer.text
    assert state(site) == "running"


def test_trying_again_a_job_that_is_not_over_is_refused(officer):
    answer = send(officer, f"{PAGE}/retry", {"key": "d" * 32}, page=PAGE)
    assert answer.status_code == 422
    assert "Only a job that failed" in answer.text


def test_whoever_may_not_start_a_kind_may_not_try_it_again(site, officer):
    with site.transaction("AC-ELSE") as db:
        queue_job(db, "b" * 32, "print_release", "pi", {"report": 1})
        fail_job(db, "b" * 32, PROGRAM_FAULT)
    analyst = site.client("analyst", programmes=("pi",))
    path = f"/jobs/{'b' * 32}"
    assert f"{path}/retry" not in analyst.get(path).text
    assert send(analyst, f"{path}/retry", page=path).status_code == 403
    assert f"{path}/retry" in officer.get(path).text
