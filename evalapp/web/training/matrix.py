"""The attendance of everybody in a cohort, as a page and as a file, and how the training went in six elements."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from evalapp.training.enrolments.minutes import percent
from evalapp.training.fidelity.attendance_queries import get_matrix
from evalapp.training.fidelity.export_matrix import KINDS, export_matrix
from evalapp.training.fidelity.measures import LEAST_PEOPLE
from evalapp.training.fidelity.process import get_process
from evalapp.web.access import allows
from evalapp.web.formats import said
from evalapp.web.training import fidelity_words
from evalapp.web.training.fidelity_place import cohort_of
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("matrix", __name__, url_prefix="/programmes/<code>/cohorts/<cohort>/matrix")
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give these pages the words for what is stored as a code."""
    return {"words": fidelity_words}


@blueprint.get("")
@allows("training.view")
def show(code: str, cohort: str) -> str:
    """Show who was at which session, and who stayed away too often."""
    with reading_db() as db:
        where = cohort_of(db, code, cohort)
        matrix = get_matrix(db, where["cohort"])
        return render_template("fidelity/matrix.html", **where, matrix=matrix, percent=percent)


@blueprint.post("/file")
@allows("training.view")
def download(code: str, cohort: str) -> Response:
    """Hand the matrix over as a file, by study ID, which the audit log keeps."""
    kind = request.form.get("kind", "")
    kind = kind if kind in KINDS else KINDS[0]
    with writing_db() as db:
        found = cohort_of(db, code, cohort)["cohort"]
        content = export_matrix(db, found, kind, lambda status: said(fidelity_words.CELLS[status]))
    disposition = {"Content-Disposition": f'attachment; filename="attendance-{cohort}.{kind}"'}
    return Response(content, headers=disposition, content_type=TYPES[kind])


@blueprint.get("/process")
@allows("training.view")
def process(code: str, cohort: str) -> str:
    """Show how the training went: recruitment, reach, dose delivered and received, fidelity, context."""
    with reading_db() as db:
        where = cohort_of(db, code, cohort)
        return render_template("fidelity/process.html", **where, process=get_process(db, where["cohort"]), least=LEAST_PEOPLE)
