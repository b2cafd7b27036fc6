"""Compose reports, and print released editions, as background jobs."""

from __future__ import annotations

from evalapp.core.clock import now
from evalapp.core.jobs.context import JobContext
from evalapp.core.language import Message
from evalapp.reports.compose_report import compose_report, render_report
from evalapp.reports.queries import get_stored_report
from evalapp.reports.release_report import print_release

LAYING_OUT = Message("Laying out the pages")


def compose_in_background(job: JobContext) -> None:
    """Compose the report of a run. Arguments `run` and `language`; the result is the number of the `report`."""
    run, language = job.arguments["run"], job.arguments["language"]

    def render_and_store() -> None:
        with job.reading() as db:
            rendered = render_report(db, run, language, "draft")
        job.finish(lambda db: {"report": compose_report(db, run, language, composed_at=now(), rendered=rendered).id})

    job.stage(LAYING_OUT, 0.1, render_and_store)


def print_in_background(job: JobContext) -> None:
    """Print the released edition of an approved report. Argument `report`; the result is the number of the released one."""
    number = job.arguments["report"]

    def render_and_store() -> None:
        with job.reading() as db:
            draft = get_stored_report(db, number)
            rendered = render_report(db, draft.run_id, draft.language, "released")
        job.finish(lambda db: {"report": print_release(db, get_stored_report(db, number), rendered).id})

    job.stage(LAYING_OUT, 0.1, render_and_store)
