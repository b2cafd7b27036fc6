"""How waves and interviewers do, and the flags as a file."""

from __future__ import annotations

from flask import Response, g, render_template

from evalapp.people.queries import get_programme_for
from evalapp.surveys.review.overview.dashboard import list_group_quality, list_variable_errors
from evalapp.surveys.review.overview.export_flags import export_flags
from evalapp.web.access import allows
from evalapp.web.review.place import blueprint
from evalapp.web.transactions import reading_db, writing_db


@blueprint.get("/quality")
@allows("submission.view")
def show_quality(code: str) -> str:
    """Show durations, answers without knowledge, flags and errors of back-checks, by wave and interviewer."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        groups, errors = list_group_quality(db, programme.id), list_variable_errors(db, programme.id)
        return render_template("review/quality.html", programme=programme, groups=groups, errors=errors)


@blueprint.post("/quality/flags.csv")
@allows("submission.review")
def download_flags(code: str) -> Response:
    """Hand out every flag of the programme; the audit log keeps that it was done."""
    with writing_db() as db:
        content = export_flags(db, get_programme_for(db, g.viewer, code))
    return csv_answer(content, "quality-flags.csv")


def csv_answer(content: bytes, name: str) -> Response:
    """Return a CSV file as a download."""
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
