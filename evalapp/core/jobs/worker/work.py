"""A worker: it feeds the durable engine from the rows of `jobs`, says that it lives, and takes up what dead workers left."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from evalapp.core.actor import WORKER
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.db import reading, transaction
from evalapp.core.jobs.context import Handlers, RunStage
from evalapp.core.jobs.faults import PROGRAM_FAULT, WORKER_DIED
from evalapp.core.jobs.queries import SILENT_AFTER, list_living_workers, list_unfinished_keys
from evalapp.core.jobs.record_progress import fail_job
from evalapp.core.jobs.worker.do_job import do_job
from evalapp.core.jobs.worker.durable import DurableEngine
from evalapp.core.jobs.worker.record_heartbeat import record_heartbeat, remove_worker
from evalapp.core.jobs.worker.worker_slot import worker_slot

log = logging.getLogger(__name__)
ENDINGS = {
    "SUCCESS": PROGRAM_FAULT,
    "ERROR": PROGRAM_FAULT,
    "CANCELLED": PROGRAM_FAULT,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WORKER_DIED,
}


@dataclass(frozen=True)
class Pace:
    """How often a worker looks for jobs and says that it lives, when it takes a silent one for dead, how long it waits when it ends."""

    poll_seconds: float = 0.5
    heartbeat_seconds: float = 3
    silent_after: dt.timedelta = SILENT_AFTER
    patience_seconds: int = 5


def work(
    database_url: str, engine: Engine, keys: KeyRing, handlers: Handlers, *, ended: Callable[[], bool], pace: Pace | None = None
) -> None:
    """Do jobs until `ended` says so. Every step may be cut off by SIGKILL: the rows and the engine's tables hold all that matters."""
    with worker_slot(database_url) as name:
        worker = _Worker(name, database_url, engine, keys, handlers, pace or Pace())
        log.info("worker %s does jobs", name)
        worker.run(ended)
        log.info("worker %s ends", name)


class _Worker:
    def __init__(self, name: str, database_url: str, engine: Engine, keys: KeyRing, handlers: Handlers, pace: Pace) -> None:
        self.name, self.engine, self.keys, self.handlers, self.pace = name, engine, keys, handlers, pace
        self._next_heartbeat = 0.0
        self._say_alive()  # before the first job is held, or another worker would take it from the unknown
        self.durable = DurableEngine(database_url, name, self._do, pace.poll_seconds)

    def run(self, ended: Callable[[], bool]) -> None:
        while not ended():
            try:
                self._say_alive()
                self._tend()
            except DBAPIError as error:  # the database is away: the next round may find it
                log.warning("worker %s: the database refused (%s)", self.name, type(error.orig).__name__)
            time.sleep(self.pace.poll_seconds)
        self.durable.close(self.pace.patience_seconds)
        with transaction(self.engine, actor=WORKER, keys=self.keys) as db:
            remove_worker(db, self.name)

    def _do(self, key: str, run_stage: RunStage) -> None:
        do_job(key, self.engine, self.keys, self.handlers, run_stage)

    def _say_alive(self) -> None:
        if time.monotonic() < self._next_heartbeat:
            return
        with transaction(self.engine, actor=WORKER, keys=self.keys) as db:
            record_heartbeat(db, self.name)
        self._next_heartbeat = time.monotonic() + self.pace.heartbeat_seconds

    def _tend(self) -> None:
        with reading(self.engine, actor=WORKER, keys=self.keys) as db:
            unfinished = list_unfinished_keys(db)
        if not unfinished:
            return
        held = self.durable.held(unfinished)
        for key in unfinished:
            if key not in held:
                self.durable.enqueue(key)
            elif held[key].state in ENDINGS:  # the row was read before the engine's tables: fail_job looks at it again
                self._give_up(key, held[key].state)
        dead = self._dead({one.worker for one in held.values() if one.state == "PENDING"})
        if dead:
            log.warning("worker %s takes over from %s", self.name, ", ".join(sorted(dead)))
            self.durable.take_over(dead)

    def _dead(self, holders: set[str]) -> set[str]:
        if not holders - {self.name}:
            return set()
        # Read after the holders: a worker says that it lives before it holds its first job.
        with reading(self.engine, actor=WORKER, keys=self.keys) as db:
            return holders - {*list_living_workers(db, self.pace.silent_after), self.name}

    def _give_up(self, key: str, state: str) -> None:
        with transaction(self.engine, actor=WORKER, keys=self.keys) as db:
            fail_job(db, key, ENDINGS[state])
