"""Background jobs: how far one is, what came of it, and taking it back or trying it again."""

from __future__ import annotations

import json
import secrets
from typing import Any, Final, NamedTuple

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.errors import AppError, NotFound
from evalapp.core.jobs.cancel_job import cancel_job
from evalapp.core.jobs.faults import read_fault
from evalapp.core.jobs.queries import UNFINISHED, count_living_workers
from evalapp.core.jobs.retry_job import retry_job
from evalapp.core.language import Message
from evalapp.people.queries import get_job_for, get_programme_for
from evalapp.web.access import FORBIDDEN, signed_in
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


class Kind(NamedTuple):
    """A kind of job in words: its title, the permission that starts it, the page that shows its result and what that page is called.

    The result names the page's argument: `{"run": 7}` opens run 7.
    """

    title: Message
    permission: str
    endpoint: str
    open: Message


KINDS: Final = {
    "run_plan": Kind(Message("Analysis run"), "run.start", "analysis.show_run", Message("Read the results")),
    "compose_report": Kind(Message("Report"), "report.compose", "reports.show", Message("Open the report")),
    "send_invitations": Kind(Message("Invitations"), "wave.manage", "waves.show", Message("Open the wave")),
    "send_reminders": Kind(Message("Reminders"), "wave.manage", "waves.show", Message("Open the wave")),
    "check_audit_log": Kind(Message("Check of the audit log"), "audit.review", "audit.show_check", Message("Read the result")),
    "print_release": Kind(Message("Released report"), "report.release", "reports.show", Message("Open the report")),
}


@blueprint.get("/<key>")
@signed_in
def show(key: str) -> str:
    """Show a job; the page asks again by itself until the job is over."""
    with reading_db() as db:
        return _page(db, key)


@blueprint.get("/<key>/progress")
@signed_in
def progress(key: str) -> dict[str, Any]:
    """Say how far a job is, for the page's script."""
    with reading_db() as db:
        job = get_job_for(db, g.viewer, key)
        stage = Message(job.stage).within(g.language) if job.stage else ""
        return {"state": job.state, "stage": stage, "share": job.progress_share}


@blueprint.post("/<key>/cancel")
@signed_in
def cancel(key: str) -> Response | tuple[str, int]:
    """Take a queued job back."""
    try:
        with writing_db() as db:
            _demand_permission(db, key)
            cancel_job(db, key)
    except AppError as refusal:
        return _refused(key, refusal)
    flash(Message("The job was cancelled.").within(g.language))
    return redirect(url_for(".show", key=key), 303)


@blueprint.post("/<key>/retry")
@signed_in
def retry(key: str) -> Response | tuple[str, int]:
    """Queue a failed or cancelled job again. The same form sent twice is one job."""
    try:
        with writing_db() as db:
            _demand_permission(db, key)
            again = retry_job(db, key, request.form.get("key") or secrets.token_hex(16))
    except AppError as refusal:
        return _refused(key, refusal)
    return redirect(url_for(".show", key=again.key), 303)


def _demand_permission(db: Session, key: str) -> None:
    """Refuse whoever may see the job but not start its kind; membership counts now, not when it was queued."""
    job = get_job_for(db, g.viewer, key)
    if job.scope:
        get_programme_for(db, g.viewer, job.scope)
    if not g.viewer.may(KINDS[job.kind].permission):
        abort(FORBIDDEN)


def _refused(key: str, refusal: AppError) -> tuple[str, int]:
    if isinstance(refusal, NotFound):
        raise refusal
    with reading_db() as db:
        return _page(db, key, refusal.message), 422


def _page(db: Session, key: str, refusal: Message | None = None) -> str:
    job = get_job_for(db, g.viewer, key)
    return render_template(
        "jobs/show.html",
        job=job,
        kind=KINDS[job.kind],
        stage=Message(job.stage) if job.stage else Message("Beginning"),
        result=json.loads(job.result),
        fault=read_fault(job.fault),
        refusal=refusal,
        over=job.state not in UNFINISHED,
        nobody_works=job.state == "queued" and not count_living_workers(db),
    )
