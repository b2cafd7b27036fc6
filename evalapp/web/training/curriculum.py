"""The curriculum of a programme: read by everybody who teaches it, changed by its officers, brought out and taken in as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Response as FileResponse
from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.analysis.plans.programme_templates import get_template, list_templates
from evalapp.core.columns import Column
from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.curricula.curriculum_file import COLUMNS, export_curriculum, import_curriculum
from evalapp.training.curricula.queries import list_curriculum
from evalapp.training.curricula.take_curriculum import add_modules, planned_modules
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training import modules
from evalapp.web.training.curriculum_place import blueprint
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import reading_db, writing_db

__all__ = ["PAGES", "blueprint"]
PAGES = (modules,)  # they put themselves on the blueprint when they are imported


@blueprint.get("")
@allows("cohort.view")
def show(code: str) -> str:
    """Show what a programme teaches, and what it no longer does."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        retired = [known for known in list_curriculum(db, programme.id, retired=True) if not known.module.is_active]
        taught = list_curriculum(db, programme.id)
        return render_template("cohorts/curriculum.html", programme=programme, modules=taught, retired=retired)


@blueprint.get("/file")
@allows("cohort.view")
def download(code: str) -> FileResponse:
    """Send the curriculum as a CSV file."""
    with reading_db() as db:
        content = export_curriculum(db, get_programme_for(db, g.viewer, code).id)
    return FileResponse(
        content, headers={"Content-Disposition": f'attachment; filename="curriculum-{code}.csv"'}, mimetype="text/csv"
    )


@blueprint.get("/import")
@blueprint.get("/template", endpoint="ask_template")
@allows("cohort.manage")
def ask_source(code: str) -> str:
    """Ask for a template or a file to take modules from."""
    with reading_db() as db:
        return _source_page(db, get_programme_for(db, g.viewer, code), Form())


@blueprint.post("/import")
@allows("cohort.manage")
def take_file(code: str) -> Answer:
    """Make the curriculum what a file holds, all of it or nothing."""
    form, faults = Form(), tuple[Fault, ...]()
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        try:
            with db.begin_nested(), _uploaded() as path:
                changes = import_curriculum(db, programme.id, path)
        except RefusedFile as refused:
            faults = refused.faults
            form.add_fault("file", refused.message)
            return _source_page(db, programme, form, faults), 422
    said = Message(
        "The curriculum is what the file holds. Added: %(added)s, changed: %(changed)s, taken out: %(retired)s.",
        added=changes.added,
        changed=changes.changed,
        retired=changes.retired,
    )
    return done(said, ".show", code=code)


@blueprint.post("/template")
@allows("cohort.manage")
def take_template(code: str) -> Answer:
    """Add the modules of a template that the programme does not have."""
    form = read_form([Column("template", "choice", required=True, choices=tuple(template.code for template in list_templates()))])
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if form.refused:
            return _source_page(db, programme, form), 422
        added = add_modules(db, programme.id, planned_modules(get_template(form.values["template"]).modules))
    return done(Message("Modules added from the template: %(count)s.", count=added), ".show", code=code)


def _source_page(db: Session, programme: Any, form: Form, faults: tuple[Fault, ...] = ()) -> str:
    return render_template(
        "cohorts/curriculum_source.html",
        programme=programme,
        form=form,
        faults=faults,
        templates=list_templates(),
        columns=[column.name for column in COLUMNS],
        is_empty=not list_curriculum(db, programme.id),
    )


@contextmanager
def _uploaded() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "curriculum.csv"
        upload = request.files.get("file")
        path.write_bytes(upload.read() if upload else b"")
        yield path
