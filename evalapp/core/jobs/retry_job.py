"""Ask again for what failed or was cancelled."""

from __future__ import annotations

import json

from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.jobs.queries import get_job
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message

RETRIABLE = ("failed", "cancelled")


def retry_job(db: Session, key: str, new_key: str) -> Job:
    """Queue the work of a failed or cancelled job again under a key of its own; the old job stays as it ended."""
    job = get_job(db, key)
    if job.state not in RETRIABLE:
        raise AppError(Message("Only a job that failed or was cancelled can be tried again."))
    return queue_job(db, new_key, job.kind, job.scope, json.loads(job.arguments))
