"""Analyses of a programme: its registered plans, runs in the background, and what a run found."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.analysis.queries import get_newest_plan, get_run_for, list_plans, list_runs
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.columns import Column
from evalapp.core.jobs.queries import list_unfinished
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.language import LANGUAGES
from evalapp.people.queries import get_programme, get_programme_for
from evalapp.reports.outline import STATES
from evalapp.reports.queries import list_reports
from evalapp.web.access import allows
from evalapp.web.documents import as_html, document_of
from evalapp.web.forms import LARGEST_KEY, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("analysis", __name__)
RUN_COLUMNS = (Column("plan", "code", required=True, maximum=40), Column("seed", "integer", minimum=0, maximum=LARGEST_KEY))
LANGUAGE_COLUMNS = (Column("language", "choice", required=True, choices=LANGUAGES),)


@blueprint.get("/programmes/<code>/analysis", endpoint="list_runs")
@allows("run.view")
def list_of_programme(code: str) -> str:
    """List a programme's plans and runs."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template("analysis/list.html", **_listed(db, programme), form=None)


@blueprint.post("/programmes/<code>/analysis/runs")
@allows("run.start")
def start(code: str) -> Response | tuple[str, int]:
    """Queue a run of a plan on the panel as it stands, and show its progress. The same form sent twice is one run."""
    form = read_form(RUN_COLUMNS)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if form.refused:
            return render_template("analysis/list.html", **_listed(db, programme), form=form), 422
        plan = get_newest_plan(db, programme.id, form.values["plan"])
        arguments = {"programme": programme.code, "plan": plan.code, "seed": form.values["seed"] or 0}
        job = queue_job(db, _key(), "run_plan", programme.code, arguments)
        return redirect(url_for("jobs.show", key=job.key), 303)


@blueprint.get("/runs/<int:run>")
@allows("run.view")
def show_run(run: int) -> str:
    """Show what a run found, in the words and numbers of its report, and the reports made of it."""
    with reading_db() as db:
        record = get_run_for(db, g.viewer, run)
        programme = get_programme(db, record.programme_code)
        reports = list_reports(db, g.viewer, run_id=run)
    document = document_of(run, g.language)
    shown = {"document": document, "content": as_html(document)}
    return render_template("analysis/run.html", programme=programme, run=record, reports=reports, states=STATES, **shown)


@blueprint.post("/runs/<int:run>/reports")
@allows("report.compose")
def compose(run: int) -> Response | tuple[str, int]:
    """Queue the composition of a run's report in one language."""
    form = read_form(LANGUAGE_COLUMNS)
    with writing_db() as db:
        record = get_run_for(db, g.viewer, run)
        language = form.values["language"] or g.language
        job = queue_job(db, _key(), "compose_report", record.programme_code, {"run": run, "language": language})
        record_entry(db, "report_requested", "run", run, after={"language": language})
        return redirect(url_for("jobs.show", key=job.key), 303)


def _key() -> str:
    return request.form.get("key", "")[:64] or secrets.token_hex(16)


def _listed(db: Session, programme: Any) -> dict[str, Any]:
    return {
        "programme": programme,
        "plans": list_plans(db, programme.id),
        "runs": list_runs(db, programme.id),
        "jobs": list_unfinished(db, programme.code),
    }
