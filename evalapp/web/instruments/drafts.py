"""A form on its way in: uploaded, mended, published or thrown away."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from evalapp.core.csv_file import csv_file
from evalapp.core.errors import AppError, RefusedFile
from evalapp.core.language import Message
from evalapp.surveys.instruments.publish_instrument import find_obstacle, publish_instrument
from evalapp.surveys.instruments.queries import definition_of, draft_faults, find_instrument, find_newest, get_draft
from evalapp.surveys.instruments.read_instrument import as_fault, read_instrument
from evalapp.surveys.instruments.upload_instrument import discard_draft, upload_instrument
from evalapp.web.access import allows
from evalapp.web.forms import Form
from evalapp.web.instruments.files import CSV, attachment
from evalapp.web.instruments.place import Answer, blueprint
from evalapp.web.transactions import reading_db, writing_db
from evalapp.xform.reading.compiler_process import compiler_process

SHOWN_FAULTS = 100


@blueprint.get("/instrument-drafts/new")
@allows("instrument.manage")
def ask_workbook() -> str:
    """Show where a workbook is uploaded. What will open it is started meanwhile."""
    compiler_process()
    return render_template("instruments/upload.html", form=Form())


@blueprint.post("/instrument-drafts/new")
@allows("instrument.manage")
def upload() -> Answer:
    """Take a workbook in as a draft, whatever is wrong with the form in it; refused is only what cannot be opened."""
    form, given = Form(), request.files.get("workbook")
    content = _content(given) if given else b""
    if not given or not content:
        form.add_fault("workbook", Message("Choose the workbook first, then press the button."))
        return render_template("instruments/upload.html", form=form), 422
    tables = {PurePath(each.filename).name: _content(each) for each in request.files.getlist("tables") if each.filename}
    try:
        # Before the transaction, because another process works on it meanwhile.
        read = read_instrument(content, PurePath(given.filename or "form.xlsx").name, tables)
    except RefusedFile as refused:
        form.add_fault("workbook", refused.faults[0].message)
        return render_template("instruments/upload.html", form=form, faults=refused.faults[1:]), 422
    with writing_db() as db:
        draft = upload_instrument(db, read)
    return redirect(url_for("instruments.show_draft", draft=draft.id), 303)


def _content(given: FileStorage) -> bytes:
    with given.stream as stream:  # a large one is a temporary file
        content: bytes = stream.read()
    return content


@blueprint.get("/instrument-drafts/<int:draft>")
@allows("instrument.manage")
def show_draft(draft: int) -> Answer:
    """Show what is wrong with a draft, or what it would ask. A draft that was published leads to what it has become."""
    with reading_db() as db:
        found = get_draft(db, draft)
        published = find_instrument(db, found.code, found.version)
        if published is not None and published.sha256 == found.sha256:
            return redirect(url_for("instruments.show_version", code=found.code, version=found.version), 303)
        return _page(db, found)


@blueprint.post("/instrument-drafts/<int:draft>")
@allows("instrument.manage")
def decide(draft: int) -> Answer:
    """Publish a draft, or throw it away."""
    with writing_db() as db:
        found = get_draft(db, draft)
        if request.form.get("decision") == "discard":
            discard_draft(db, found)
            flash(Message("The draft was thrown away.").within(g.language))
            return redirect(url_for("instruments.list_forms"), 303)
        try:
            with db.begin_nested():
                published = publish_instrument(db, found)
        except AppError:
            return _page(db, found), 422  # which says itself what stands in the way
        flash(
            Message("Version %(version)s is published. It will not change any more.", version=published.version).within(g.language)
        )
        return redirect(url_for("instruments.show_version", code=published.code, version=published.version), 303)


@blueprint.get("/instrument-drafts/<int:draft>/faults.csv")
@allows("instrument.manage")
def fetch_faults(draft: int) -> Response:
    """Hand over everything that is wrong with a draft, as a list to work through beside the workbook."""
    with reading_db() as db:
        faults = draft_faults(get_draft(db, draft))
    severities = {"error": Message("Error"), "warning": Message("Warning")}
    header = (Message("Sheet"), Message("Row"), Message("Column"), Message("Kind"), Message("What to mend"))
    rows = [(f.sheet, f.row, f.column, severities[f.severity].within(g.language), _said(as_fault(f).message)) for f in faults]
    return attachment(csv_file([_said(text) for text in header], rows), f"draft-{draft}-faults.csv", CSV)


def _said(message: Message) -> str:
    return message.within(g.language)


def _page(db: Session, draft: Any) -> str:
    faults = draft_faults(draft)
    is_whole = draft.definition is not None
    return render_template(
        "instruments/draft.html",
        draft=draft,
        definition=definition_of(draft) if is_whole else None,
        errors=sum(fault.severity == "error" for fault in faults),
        faults=[(fault, as_fault(fault).message) for fault in faults[:SHOWN_FAULTS]],
        count=len(faults),
        obstacle=find_obstacle(db, draft) if is_whole else None,
        newest=find_newest(db, draft.code),
    )
