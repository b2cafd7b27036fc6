"""The rules of quality of a programme: read, taken in from a file, handed out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Response, g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.review.overview.export_flags import export_rules
from evalapp.surveys.review.rules.import_rules import drop_quality_rule, import_quality_rules
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.web.access import allows
from evalapp.web.forms import Form
from evalapp.web.review.place import Answer, blueprint, done
from evalapp.web.review.quality import csv_answer
from evalapp.web.transactions import reading_db, writing_db


@blueprint.get("/rules")
@allows("submission.view")
def show_rules(code: str) -> str:
    """List the rules that count in a programme."""
    with reading_db() as db:
        return _page(db, code, Form())


@blueprint.post("/rules")
@allows("submission.review")
def import_rules(code: str) -> Answer:
    """Take a file of rules in, ours or REDCap's, or say what is wrong with it."""
    form, upload = Form(), request.files.get("rules")
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if upload is None or not upload.filename:
            form.add_fault("rules", Message("Choose the file first, then press the button."))
            return _page(db, code, form), 422
        with TemporaryDirectory() as folder:
            path = Path(folder) / f"rules{_suffix(upload.filename)}"
            upload.save(path)
            try:
                summary = import_quality_rules(db, programme, path)
            except RefusedFile as refused:
                form.add_fault("rules", refused.message)
                return _page(db, code, form, refused.faults), 422
    said = Message("Rules taken in: %(new)s new, %(changed)s changed.", new=summary.new, changed=summary.changed)
    return done(said, ".show_rules", code=code)


@blueprint.get("/rules.csv")
@allows("submission.view")
def download_rules(code: str) -> Response:
    """Hand out the rules as a file that can be changed and taken in again."""
    with reading_db() as db:
        content = export_rules(db, get_programme_for(db, g.viewer, code))
    return csv_answer(content, "quality-rules.csv")


@blueprint.post("/rules/<rule>/drop")
@allows("submission.review")
def drop_rule(code: str, rule: str) -> Answer:
    """Remove a rule of the programme's own."""
    with writing_db() as db:
        drop_quality_rule(db, get_programme_for(db, g.viewer, code), rule)
    return done(Message("The rule is removed."), ".show_rules", code=code)


def _suffix(name: str) -> str:
    return ".xlsx" if name.lower().endswith(".xlsx") else ".csv"


def _page(db: Session, code: str, form: Form, faults: tuple[Fault, ...] = ()) -> str:
    programme = get_programme_for(db, g.viewer, code)
    return render_template("review/rules.html", programme=programme, form=form, faults=faults, rules=list_rules(db, programme.id))
