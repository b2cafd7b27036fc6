"""What a job's function works with: its arguments, its stages, sessions, and the one way to end well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from evalapp.core.actor import Actor
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.db import reading, transaction
from evalapp.core.jobs.record_progress import enter_stage, finish_job
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message

Stage = Callable[[], Any]
RunStage = Callable[[str, Stage], Any]


@dataclass(frozen=True)
class JobContext:
    """One job as its function sees it.

    Sessions act for the account that asked. `run_stage` does a named stage and keeps its answer, so that a job that is resumed does
    not do it again.
    """

    key: str
    scope: str
    arguments: Mapping[str, Any]
    actor: Actor
    engine: Engine
    keys: KeyRing
    run_stage: RunStage

    def stage(self, name: Message, progress_share: float, work: Stage) -> Any:
        """Do one stage and return its answer, plain data that identify nobody. `progress_share` of the job lies before the stage.

        A stage that was cut off is done again from its start, so what it writes must be the same the second time.
        """

        def announced() -> Any:
            with self.writing() as db:
                enter_stage(db, self.key, name.text, progress_share)
            return work()

        return self.run_stage(name.text, announced)

    def reading(self) -> AbstractContextManager[Session]:
        """Open a session that only reads: long computations belong here, where they keep no writer waiting."""
        return reading(self.engine, actor=self.actor, keys=self.keys)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open one transaction, to be kept short."""
        with transaction(self.engine, actor=self.actor, keys=self.keys) as db:
            yield db

    def finish(self, write: Callable[[Session], Mapping[str, object]]) -> None:
        """Write the results and mark the job done, both or neither. The last stage calls it, and nothing writes results elsewhere."""
        with self.writing() as db:
            finish_job(db, self.key, write)


Handler = Callable[[JobContext], None]
Handlers = Mapping[str, Handler]


def context_of(job: Job, engine: Engine, keys: KeyRing, run_stage: RunStage) -> JobContext:
    """Return the context of a job that has begun."""
    actor = Actor(job.created_by, "worker", request_id=job.key[:32])
    return JobContext(job.key, job.scope, json.loads(job.arguments), actor, engine, keys, run_stage)
