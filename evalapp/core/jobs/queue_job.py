"""Ask the background for a piece of slow work: a row, written with the request that asks."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import canonical_json
from evalapp.core.jobs.queries import find_job, get_job
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message

KEY = re.compile(r"[0-9A-Za-z-]{16,64}")


def queue_job(db: Session, key: str, kind: str, scope: str, arguments: Mapping[str, object]) -> Job:
    """Queue a job and return it; the same key again returns the job it already names, so that a button pressed twice asks once.

    `scope` is the programme's code. `arguments` are plain data that identify nobody.
    """
    if not KEY.fullmatch(key):
        raise AppError(Message("This form was not complete. Open the page again and repeat the step."))
    known = find_job(db, key)
    if known is not None:
        return known
    job = Job(
        key=key,
        kind=kind,
        scope=scope,
        arguments=canonical_json(arguments),
        created_by=actor_of(db).account,
        created_at=now(),
    )
    try:
        with db.begin_nested():
            db.add(job)
    except IntegrityError:  # the same form arrived twice at once, and the other was first
        return get_job(db, key)
    record_entry(db, "job_queued", "job", key, after={"kind": kind, "scope": scope})
    return job
