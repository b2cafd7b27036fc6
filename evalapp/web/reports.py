"""Reports: read in the browser or as PDF, handed in by one person, released by another, read by funders."""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable

from flask import Blueprint, Response, flash, g, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from evalapp.analysis.queries import get_run
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.reports.outline import STATES
from evalapp.reports.provenance import file_name
from evalapp.reports.queries import get_report, get_report_row, list_reports
from evalapp.reports.release_report import approve_report, return_report, submit_report, withdraw_report
from evalapp.web.access import allows, confirmed
from evalapp.web.documents import as_html, document_of
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("reports", __name__)
REASON = (Column("reason", required=True, maximum=500),)


@blueprint.get("/reports", endpoint="list_reports")
@allows("report.view_released")
def list_all() -> str:
    """List the reports the account may read."""
    with reading_db() as db:
        return render_template("reports/list.html", reports=list_reports(db, g.viewer), states=STATES)


@blueprint.get("/programmes/<code>/reports")
@allows("report.view_any")
def list_of_programme(code: str) -> str:
    """List a programme's reports."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        reports = list_reports(db, g.viewer, programme_id=programme.id)
        return render_template("reports/of_programme.html", programme=programme, reports=reports, states=STATES)


@blueprint.get("/reports/<int:report>")
@allows("report.view_released")
def show(report: int) -> str:
    """Show a report as it reads, with its state and what may be done next."""
    return _page(report, None)


@blueprint.get("/reports/<int:report>/pdf")
@allows("report.view_released")
def download(report: int) -> Response:
    """Send a report's PDF as it was printed."""
    with writing_db() as db:
        found = get_report_row(db, g.viewer, report)
        name = file_name(get_run(db, found.run_id), found.language)
        record_entry(db, "report_downloaded", "report", report)
        return send_file(io.BytesIO(found.content), mimetype="application/pdf", as_attachment=True, download_name=name)


@blueprint.post("/reports/<int:report>/submit")
@allows("report.compose")
def submit(report: int) -> AnyResponse:
    """Hand a draft in for review."""
    with writing_db() as db:
        submit_report(db, get_report_row(db, g.viewer, report))
    return _done(report, Message("The report is in review. A second person releases it."))


@blueprint.post("/reports/<int:report>/return")
@allows("report.release")
def give_back(report: int) -> AnyResponse | tuple[str, int]:
    """Give a report under review back, with the reason."""
    return _with_reason(report, return_report, Message("The report is a draft again."))


@blueprint.post("/reports/<int:report>/release")
@allows("report.release")
@confirmed
def release(report: int) -> AnyResponse:
    """Release a report that someone else handed in; its released edition is printed in the background."""
    with writing_db() as db:
        found = get_report_row(db, g.viewer, report)
        approve_report(db, found)
        scope = get_report(db, g.viewer, report).programme_code
        job = queue_job(db, secrets.token_hex(16), "print_release", scope, {"report": report})
    return redirect(url_for("jobs.show", key=job.key), 303)


@blueprint.post("/reports/<int:report>/withdraw")
@allows("report.release")
@confirmed
def withdraw(report: int) -> AnyResponse | tuple[str, int]:
    """Take a released report back, with the reason."""
    return _with_reason(report, withdraw_report, Message("The report is withdrawn: funders no longer see it."))


def _with_reason(report: int, change: Callable[..., None], done: Message) -> AnyResponse | tuple[str, int]:
    form = read_form(REASON)
    if not form.refused:
        try:
            with writing_db() as db:
                change(db, get_report_row(db, g.viewer, report), form.values["reason"])
        except NotFound:
            raise
        except AppError as refused:
            form.add_fault("reason", refused.message)
    return (_page(report, form), 422) if form.refused else _done(report, done)


def _page(report: int, form: Form | None) -> str:
    with reading_db() as db:
        line = get_report(db, g.viewer, report)
    document = document_of(line.run_id, line.language, line.state)
    shown = {"document": document, "content": as_html(document)}
    return render_template("reports/show.html", report=line, states=STATES, form=form, **shown)


def _done(report: int, message: Message) -> AnyResponse:
    flash(message.within(g.language))
    return redirect(url_for("reports.show", report=report), 303)
