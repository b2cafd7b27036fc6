"""Run a plan as a background job."""

from __future__ import annotations

from evalapp.analysis.queries import get_newest_plan
from evalapp.analysis.run_plan import Estimates, estimate_plan, store_run
from evalapp.core.errors import AppError
from evalapp.core.jobs.context import JobContext
from evalapp.core.language import Message
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.queries import get_snapshot
from evalapp.people.queries import get_programme
from evalapp.stats.warnings import StatsError


def run_in_background(job: JobContext) -> None:
    """Freeze the panel of the job's programme as it stands, run the newest version of `plan` on it with `seed`, store every number.

    Arguments `plan` (a code) and `seed`; the result is the number of the `run`.
    """
    snapshot = job.stage(Message("Freezing the panel"), 0.05, lambda: _freeze(job))

    def estimate_and_store() -> None:
        estimates = _estimate(job, snapshot)
        job.finish(lambda db: {"run": store_run(db, estimates).id})

    job.stage(Message("Estimating the effects"), 0.25, estimate_and_store)


def _freeze(job: JobContext) -> int:
    with job.reading() as db:
        panel = build_panel(db, get_programme(db, job.scope))
    with job.writing() as db:
        return freeze_panel(db, get_programme(db, job.scope), panel).id


def _estimate(job: JobContext, snapshot: int) -> Estimates:
    with job.reading() as db:
        programme = get_programme(db, job.scope)
        plan, frozen = get_newest_plan(db, programme.id, job.arguments["plan"]), get_snapshot(db, programme.id, snapshot)
        try:
            return estimate_plan(db, plan, frozen, seed=job.arguments["seed"])
        except StatsError as error:
            raise AppError(Message(error.message, **error.facts)) from None
