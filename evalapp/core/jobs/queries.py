"""Reads of jobs and workers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.errors import NotFound
from evalapp.core.jobs.tables import Job, Worker
from evalapp.core.language import Message

UNFINISHED = ("queued", "running")
SILENT_AFTER = dt.timedelta(seconds=20)  # six heartbeats missed


def find_job(db: Session, key: str) -> Job | None:
    """Return a job by its key, or None."""
    return db.scalar(select(Job).where(Job.key == key))


def get_job(db: Session, key: str) -> Job:
    """Return a job by its key, or raise NotFound."""
    job = find_job(db, key)
    if job is None:
        raise no_such_job()
    return job


def no_such_job() -> NotFound:
    """Return the one answer for a job that is not there and for one that is not the reader's."""
    return NotFound(Message("There is no such job."))


def list_jobs(db: Session, scope: str) -> Sequence[Job]:
    """Return the jobs of a programme, the newest first."""
    return db.scalars(select(Job).where(Job.scope == scope).order_by(Job.id.desc())).all()


def list_unfinished_keys(db: Session) -> Sequence[str]:
    """Return the keys of the jobs that are queued or running, the oldest first."""
    return db.scalars(select(Job.key).where(Job.state.in_(UNFINISHED)).order_by(Job.id)).all()


def list_unfinished(db: Session, scope: str) -> Sequence[Job]:
    """Return the jobs of one programme that are queued or running, the oldest first."""
    return db.scalars(select(Job).where(Job.scope == scope, Job.state.in_(UNFINISHED)).order_by(Job.id)).all()


def list_living_workers(db: Session, silent_after: dt.timedelta = SILENT_AFTER) -> Sequence[str]:
    """Return the names of the workers that were heard of lately."""
    return db.scalars(select(Worker.name).where(Worker.seen_at >= now() - silent_after)).all()


def count_living_workers(db: Session) -> int:
    """Return how many workers were heard of lately."""
    return db.scalar(select(func.count()).where(Worker.seen_at >= now() - SILENT_AFTER)) or 0
