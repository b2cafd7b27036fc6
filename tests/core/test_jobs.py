"""A job is queued once, ends once, and says what went wrong in the reader's language."""

import datetime as dt
import json

import numpy as np
import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now
from evalapp.core.errors import AppError, NotFound
from evalapp.core.jobs.cancel_job import cancel_job
from evalapp.core.jobs.faults import read_fault, write_fault
from evalapp.core.jobs.queries import count_living_workers, get_job, list_jobs, list_living_workers, list_unfinished_keys
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.jobs.record_progress import JobIsOver, begin_job, enter_stage, fail_job, finish_job
from evalapp.core.jobs.retry_job import retry_job
from evalapp.core.jobs.tables import Job, Worker
from evalapp.core.jobs.worker.durable import engine_url
from evalapp.core.jobs.worker.record_heartbeat import record_heartbeat, remove_worker
from evalapp.core.jobs.worker.worker_slot import worker_slot
from evalapp.core.language import Message
from tests.conftest import ACTOR

KEY, OTHER = "a" * 32, "b" * 32


def queued(db, key=KEY, **arguments):
    return queue_job(db, key, "run_plan", "pi", arguments or {"plan": "main"})


def actions(db):
    return list(db.scalars(select(AuditEntry.action).where(AuditEntry.object_key == KEY).order_by(AuditEntry.number)))


def test_a_job_keeps_who_asked_for_what(db):
    job = queued(db, plan="main", seed=3)
    assert (job.state, job.kind, job.scope, job.created_by) == ("queued", "run_plan", "pi", ACTOR.account)
    assert json.loads(job.arguments) == {"plan": "main", "seed": 3}
    assert actions(db) == ["job_queued"]


def test_the_same_key_asks_once(db):
    first = queued(db)
    assert queued(db, plan="another").id == first.id
    assert db.scalar(select(func.count()).select_from(Job)) == 1
    assert actions(db) == ["job_queued"]


@pytest.mark.parametrize("key", ["", "short", "a" * 65, "../../../../etc/passwd", "a" * 31 + " ", "가" * 32])
def test_a_key_that_is_no_key_is_refused(db, key):
    with pytest.raises(AppError, match="not complete"):
        queued(db, key)


def test_a_job_goes_from_queued_to_done_and_keeps_its_result(db):
    job = queued(db)
    assert begin_job(db, KEY).state == "running"
    enter_stage(db, KEY, "Freezing the panel", 0.25)
    db.refresh(job)
    assert (job.stage, job.progress_share) == ("Freezing the panel", 0.25)
    finish_job(db, KEY, lambda _: {"run": 7})
    assert (job.state, job.progress_share, json.loads(job.result)) == ("done", 1.0, {"run": 7})
    assert job.created_at <= job.started_at <= job.finished_at
    assert actions(db) == ["job_queued", "job_done"]


def test_a_job_that_is_resumed_keeps_when_it_was_begun(db):
    queued(db)
    begun = begin_job(db, KEY).started_at
    assert begin_job(db, KEY).started_at == begun


def test_a_job_ends_once(db):
    queued(db)
    begin_job(db, KEY)
    finish_job(db, KEY, lambda _: {"run": 7})
    for again in (
        lambda: begin_job(db, KEY),
        lambda: enter_stage(db, KEY, "x", 0.5),
        lambda: finish_job(db, KEY, lambda _: pytest.fail("results were written a second time")),
    ):
        with pytest.raises(JobIsOver):
            again()
    fail_job(db, KEY, Message("too late"))
    assert get_job(db, KEY).state == "done"


def test_a_queued_job_can_be_cancelled_and_is_not_begun_after(db):
    queued(db)
    cancel_job(db, KEY)
    db.expire_all()
    assert get_job(db, KEY).state == "cancelled"
    with pytest.raises(JobIsOver):
        begin_job(db, KEY)
    assert actions(db) == ["job_queued", "job_cancelled"]


def test_a_job_at_work_cannot_be_cancelled(db):
    queued(db)
    begin_job(db, KEY)
    db.flush()
    with pytest.raises(AppError, match="can no longer be cancelled"):
        cancel_job(db, KEY)


def test_a_failed_job_is_tried_again_as_a_job_of_its_own(db):
    queued(db, plan="main", seed=3)
    fail_job(db, KEY, Message("There is no run %(run)s.", run=3))
    again = retry_job(db, KEY, OTHER)
    assert (again.key, again.kind, again.scope, again.state) == (OTHER, "run_plan", "pi", "queued")
    assert json.loads(again.arguments) == {"plan": "main", "seed": 3}
    assert get_job(db, KEY).state == "failed"
    assert retry_job(db, KEY, OTHER).id == again.id


def test_a_job_that_waits_cannot_be_tried_again(db):
    queued(db)
    with pytest.raises(AppError, match="Only a job that failed"):
        retry_job(db, KEY, OTHER)


def test_reads_find_what_is_there(db):
    queued(db)
    queued(db, OTHER)
    fail_job(db, OTHER, Message("x"))
    db.flush()
    assert list_unfinished_keys(db) == [KEY]
    assert [job.key for job in list_jobs(db, "pi")] == [OTHER, KEY]
    assert list_jobs(db, "else") == []
    with pytest.raises(NotFound):
        get_job(db, "c" * 32)


def test_a_fault_is_said_in_the_readers_language():
    message = Message("sheet %(sheet)s, %(rest)s", sheet="A", rest=Message("There is no run %(run)s.", run=np.int64(3)))
    kept = read_fault(write_fault(message))
    for language in ("ko", "en"):
        assert kept.within(language) == message.within(language)
    assert read_fault(write_fault(Message("%(share).2f", share=np.float64(0.5)))).within("en") == "0.50"
    assert read_fault("") is None


def test_a_worker_that_is_silent_is_not_counted_among_the_living(db):
    record_heartbeat(db, "host-1")
    db.add(Worker(name="host-2", started_at=now(), seen_at=now() - dt.timedelta(seconds=30)))
    db.add(Worker(name="host-3", started_at=now(), seen_at=now() - dt.timedelta(days=2)))
    db.flush()
    assert (list(list_living_workers(db)), count_living_workers(db)) == (["host-1"], 1)
    record_heartbeat(db, "host-2")
    db.flush()
    assert count_living_workers(db) == 2
    remove_worker(db, "host-1")
    assert set(db.scalars(select(Worker.name))) == {"host-2"}


def test_a_worker_has_the_first_free_place_of_its_machine():
    url = "sqlite:///places-of-a-test.db"
    with worker_slot(url) as first:
        with worker_slot(url) as second, worker_slot("sqlite:///another.db") as elsewhere:
            assert first.endswith("-1")
            assert second.endswith("-2")
            assert elsewhere == first
        with worker_slot(url) as again:
            assert again == second


@pytest.mark.parametrize(
    ("database", "engine"),
    [
        ("sqlite:////srv/evalapp/evalapp.db", "sqlite:////srv/evalapp/evalapp-jobs.db"),
        ("sqlite:////srv/v1.2/evalapp", "sqlite:////srv/v1.2/evalapp-jobs"),
        ("postgresql+psycopg://a@b/c", "postgresql+psycopg://a@b/c"),
    ],
)
def test_the_engines_tables_lie_beside_the_database(database, engine):
    assert engine_url(database) == engine


def test_every_ending_of_the_engine_is_told():
    from dbos import WorkflowStatusString

    from evalapp.core.jobs.worker.work import ENDINGS

    assert {state.value for state in WorkflowStatusString} - {"ENQUEUED", "PENDING", "DELAYED"} == set(ENDINGS)
