"""A worker says that it lives, and that it goes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.jobs.tables import Worker

FORGOTTEN_AFTER = dt.timedelta(days=1)


def record_heartbeat(db: Session, name: str) -> None:
    """Say that a worker lives."""
    worker = db.scalar(select(Worker).where(Worker.name == name))
    if worker is None:
        worker = Worker(name=name, started_at=now(), seen_at=now())
        db.add(worker)
    worker.seen_at = now()


def remove_worker(db: Session, name: str) -> None:
    """Take a worker that ends off the list, with those that went silent long ago."""
    db.execute(delete(Worker).where(or_(Worker.name == name, Worker.seen_at < now() - FORGOTTEN_AFTER)))
