"""Take back a job that nobody has begun."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message


def cancel_job(db: Session, key: str) -> None:
    """Cancel a queued job; one that a worker has begun, or that is over, is refused."""
    waiting = update(Job).where(Job.key == key, Job.state == "queued").values(state="cancelled", finished_at=now())
    if not db.execute(waiting.returning(Job.id)).all():
        raise AppError(Message("This job can no longer be cancelled: it has begun, or it is over."))
    record_entry(db, "job_cancelled", "job", key)
