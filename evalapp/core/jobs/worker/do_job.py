"""Do one job from beginning to end, whatever end that is."""

from __future__ import annotations

import logging
from pathlib import Path
from traceback import extract_tb

from sqlalchemy import Engine

from evalapp.core.actor import WORKER
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.db import transaction
from evalapp.core.errors import AppError
from evalapp.core.jobs.context import Handlers, RunStage, Stage, context_of
from evalapp.core.jobs.faults import PROGRAM_FAULT, read_fault, write_fault
from evalapp.core.jobs.queries import get_job
from evalapp.core.jobs.record_progress import JobIsOver, begin_job, fail_job
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message

log = logging.getLogger(__name__)


def do_job(key: str, engine: Engine, keys: KeyRing, handlers: Handlers, run_stage: RunStage) -> None:
    """Do a job and write down how it ended; a job that is over is left alone.

    Only a database that does not answer makes this raise.
    """
    try:
        with transaction(engine, actor=WORKER, keys=keys) as db:
            job = begin_job(db, key)
        handlers[job.kind](context_of(job, engine, keys, _answering(run_stage, key)))
        with transaction(engine, actor=WORKER, keys=keys) as db:
            _demand_end(get_job(db, key))
    except JobIsOver:
        return
    except Exception as error:  # noqa: BLE001 - whatever went wrong, the one who waits for the job is told
        why = reason(error, key)
        with transaction(engine, actor=WORKER, keys=keys) as db:
            fail_job(db, key, why)


def reason(error: Exception, key: str) -> Message:
    """Return what to tell about an error: a refusal in its own words; anything else is neutral, and its kind and place are logged.

    The error's own words stay out of the log, because they may quote a person's data.
    """
    if isinstance(error, AppError):
        return error.message
    place = extract_tb(error.__traceback__)[-1]
    log.error("job %s: %s in %s, line %s", key, type(error).__name__, Path(place.filename).name, place.lineno)
    return PROGRAM_FAULT


def _demand_end(job: Job) -> None:
    if job.state != "done":
        raise LookupError("the job's function returned without finish()")


def _answering(run_stage: RunStage, key: str) -> RunStage:
    """Keep an error inside its stage as a message, so that the engine below stores and logs no exception."""

    def run(name: str, work: Stage) -> object:
        def answer() -> dict[str, object]:
            try:
                return {"value": work()}
            except JobIsOver:
                return {"over": True}
            except Exception as error:  # noqa: BLE001 - as above
                return {"fault": write_fault(reason(error, key))}

        answered = run_stage(name, answer)
        if "over" in answered:
            raise JobIsOver
        if "fault" in answered:
            raise AppError(read_fault(answered["fault"]) or PROGRAM_FAULT)
        return answered["value"]

    return run
