"""The durable engine under the jobs: DBOS, which remembers stages and takes up what a dead worker left.

Its tables are its own: a second file beside an SQLite database, the schema `dbos` of a PostgreSQL one. They hold keys of jobs, names of
stages and row numbers, and can be lost without losing a job: the rows of `jobs` are the truth, and the worker enqueues from them.

Nothing here calls home: without a key DBOS opens no connection but to its database, and its exporters of traces and logs stay off.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any, NamedTuple

from dbos import DBOS, DBOSPortableJSONSerializer, SetWorkflowID

from evalapp.core.jobs.context import RunStage

QUEUE = "jobs"
# One version for every release: a job begun before an upgrade is taken up after it.
PROTOCOL = "1"
# A job that ends its worker every time (no memory left) is given up; planned restarts count too, so not after the first.
MOST_RESUMPTIONS = 3
CONNECTIONS = 5


class Held(NamedTuple):
    """What the engine knows of a job: its state in DBOS's words, and the worker that holds it."""

    state: str
    worker: str


class TypeOnly(logging.Formatter):
    """Log lines without exceptions' words and tracebacks, which may quote data."""

    def format(self, record: logging.LogRecord) -> str:
        """Return level, place, first line of the message and the kind of the exception."""
        kind = f" ({record.exc_info[0].__name__})" if record.exc_info and record.exc_info[0] else ""
        message = record.getMessage().partition("\n")[0]
        return f"{record.levelname} {record.name}:{record.filename}:{record.lineno} {message}{kind}"


class DurableEngine:
    """A running DBOS, one to a process. `do` is called with a job's key and the function that runs its stages."""

    def __init__(self, database_url: str, worker: str, do: Callable[[str, RunStage], None], poll_seconds: float) -> None:
        _log_types_only()
        DBOS(
            config={
                "name": "evalapp",
                "system_database_url": engine_url(database_url),
                "dbos_system_schema": "dbos",
                "sys_db_pool_size": CONNECTIONS,
                "executor_id": worker,
                "application_version": PROTOCOL,
                "serializer": DBOSPortableJSONSerializer(),
                "enable_otlp": False,
                "log_level": "WARNING",
            }
        )

        def do_job(key: str) -> None:
            do(key, run_stage)

        self._do_job = DBOS.workflow(name="do_job", max_recovery_attempts=MOST_RESUMPTIONS)(do_job)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=1, polling_interval_sec=poll_seconds, on_conflict="always_update")

    def enqueue(self, key: str) -> None:
        """Put a job into the queue; one that is known already stays where it is."""
        with SetWorkflowID(key):
            DBOS.enqueue_workflow(QUEUE, self._do_job, key)

    def held(self, keys: Collection[str]) -> dict[str, Held]:
        """Return what is known of these jobs; those never enqueued are left out."""
        found = DBOS.list_workflows(workflow_ids=list(keys), load_input=False, load_output=False)
        return {one.workflow_id: Held(one.status, one.executor_id or "") for one in found}

    def take_over(self, workers: Collection[str]) -> None:
        """Put the jobs of dead workers back into the queue."""
        DBOS._recover_pending_workflows(sorted(workers))  # noqa: SLF001 - the one call that names the dead, so that nobody else's is touched

    def close(self, patience_seconds: int) -> None:
        """Take no more jobs and wait a moment for the one at work; what is not done then is taken up by the next worker."""
        DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)


def run_stage(name: str, work: Callable[[], Any]) -> Any:
    """Do a stage of the job at work, or return the answer it gave before the worker died."""
    return DBOS.run_step({"name": name}, work)


def engine_url(database_url: str) -> str:
    """Return where the engine keeps its own tables: beside an SQLite file, in the same PostgreSQL database."""
    if database_url.startswith("sqlite"):
        stem, dot, ending = database_url.rpartition(".")
        return f"{stem}-jobs.{ending}" if dot and "/" not in ending else f"{database_url}-jobs"
    return database_url


def _log_types_only() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(TypeOnly())
    logger = logging.getLogger("dbos")
    logger.handlers, logger.propagate = [handler], False
