"""Write down how far a job is. Each of these is one short transaction of the worker.

A job ends once: whoever writes its end first holds its row, and a second worker that was resumed in error finds it over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.fingerprint import canonical_json
from evalapp.core.jobs.faults import write_fault
from evalapp.core.jobs.queries import UNFINISHED
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message


class JobIsOver(Exception):  # noqa: N818 - what has happened, in words
    """The job was finished, given up or cancelled by somebody else; whoever still works on it must leave it."""


def begin_job(db: Session, key: str) -> Job:
    """Mark a job as running and return it, or raise JobIsOver."""
    job = _hold(db, key)
    job.state = "running"
    job.started_at = job.started_at or now()
    return job


def enter_stage(db: Session, key: str, stage: str, progress_share: float) -> None:
    """Say what is being done now and how much is behind it."""
    running = update(Job).where(Job.key == key, Job.state == "running").values(stage=stage, progress_share=progress_share)
    if not db.execute(running.returning(Job.id)).all():
        raise JobIsOver


def finish_job(db: Session, key: str, write: Callable[[Session], Mapping[str, object]]) -> None:
    """Write a job's results and mark it done in the same transaction. `write` returns what the job is to remember: row numbers."""
    job = _hold(db, key)
    job.result = canonical_json(write(db))
    job.state, job.progress_share, job.finished_at = "done", 1.0, now()
    record_entry(db, "job_done", "job", key, after={"kind": job.kind, "result": job.result})


def fail_job(db: Session, key: str, why: Message) -> None:
    """Mark a job as failed and keep the reason; one that is over stays as it is."""
    try:
        job = _hold(db, key)
    except JobIsOver:
        return
    job.fault = write_fault(why)
    job.state, job.finished_at = "failed", now()
    record_entry(db, "job_failed", "job", key, after={"kind": job.kind, "fault": why.text})


def _hold(db: Session, key: str) -> Job:
    job = db.scalar(select(Job).where(Job.key == key).with_for_update())
    if job is None or job.state not in UNFINISHED:
        raise JobIsOver
    return job
