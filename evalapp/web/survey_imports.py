"""Answers collected with other tools: a file is chosen, looked at, mapped, taken in; and an import is undone."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, Final

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, Fault, RefusedFile
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.imports.error_file import error_file
from evalapp.surveys.imports.import_report import Preview
from evalapp.surveys.imports.import_submissions import preview_import, take_in
from evalapp.surveys.imports.keep_upload import change_mapping, drop_upload, get_upload, keep_upload, open_upload, take_upload
from evalapp.surveys.imports.queries import find_remembered, get_import, get_instrument_code, list_imports, list_mappings
from evalapp.surveys.imports.reading.file_mapping import LEFT_OUT, FileMapping, mapping_from_json, propose_mapping
from evalapp.surveys.imports.reading.form_variables import FormVariables, get_form_variables
from evalapp.surveys.imports.reading.missing_kinds import KINDS, read_codes, written_codes
from evalapp.surveys.imports.save_mapping import save_mapping
from evalapp.surveys.imports.sources.export_file import SOURCE_NAMES, ExportFile
from evalapp.surveys.imports.undo_import import undo_import
from evalapp.surveys.queries import get_wave
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("survey_imports", __name__, url_prefix="/programmes/<code>/waves/<wave>/import")
Answer = str | tuple[str, int] | AnyResponse
SHOWN_FAULTS: Final = 50
LEAVE_OUT: Final = "-"
CHOICES: Final = {
    "names": Message("By their names in the form"),
    "labels": Message("By their labels, Korean or English"),
    "either": Message("By name or by label"),
}
HEADERS: Final = {"names": Message("Names of the form"), "labels": Message("The questions' texts")}
DATE_ORDERS: Final = {
    "": Message("Only dates that cannot be misread"),
    "dmy": Message("Day, month, year: 05/03/2026 is 5 March"),
    "mdy": Message("Month, day, year: 03/05/2026 is 5 March"),
}
MAPPING: Final = (
    Column("person", required=True, maximum=200),
    Column("headers", "choice", required=True, choices=tuple(HEADERS)),
    Column("choices", "choice", required=True, choices=tuple(CHOICES)),
    Column("date_order", "choice", choices=("dmy", "mdy")),
    Column("missing", maximum=400),
    Column("states"),
    Column("name", maximum=60),
)
REASON: Final = (Column("reason", required=True, maximum=400),)
NEEDS_REASON: Final = Message("Some answers differ from those that are stored. Say why they are right, or leave their rows out.")
REVISION: Final = (Column("revise", maximum=400),)


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give the pages the words for what is stored as a code."""
    return {"sources": SOURCE_NAMES, "kinds": KINDS, "choices_by": CHOICES, "headers_by": HEADERS, "date_orders": DATE_ORDERS}


@blueprint.get("")
@allows("survey.import")
def ask_file(code: str, wave: str) -> str:
    """Show where a file is chosen, and the imports so far."""
    with reading_db() as db:
        return _list_page(db, _place(db, code, wave), Form())


@blueprint.post("")
@allows("survey.import")
def look_at(code: str, wave: str) -> Answer:
    """Look at a file and keep it for its preview; one that cannot be read is refused with every fault of its shape."""
    given = request.files.get("file")
    suffix = PurePath((given.filename if given else "") or "").suffix
    with writing_db() as db:
        where = _place(db, code, wave)
        try:
            content = given.read() if given else b""
            export = open_upload(content, suffix)
        except RefusedFile as refused:
            form = Form(faults={"file": refused.message})
            return _list_page(db, where, form, refused.faults), 422
        mapping = find_remembered(db, where["wave"], export) or propose_mapping(export)
        kept = keep_upload(db, where["wave"], content, suffix, mapping)
        return redirect(url_for(".preview", code=code, wave=wave, upload=kept.key), 303)


@blueprint.get("/files/<upload>")
@blueprint.get("/files/<upload>/mapping", endpoint="ask_mapping")
@blueprint.get("/files/<upload>/take", endpoint="ask_take")
@allows("survey.import")
def preview(code: str, wave: str, upload: str) -> str:
    """Show what a kept file would do, how it is read, and everything wrong with it."""
    with reading_db() as db:
        return _preview_page(db, _place(db, code, wave), upload)


@blueprint.post("/files/<upload>/mapping")
@allows("survey.import")
def map_columns(code: str, wave: str, upload: str) -> Answer:
    """Read a kept file in another way, and remember that way under a name where one is given."""
    with writing_db() as db:
        where = _place(db, code, wave)
        kept = get_upload(db, where["wave"], upload)
        export = take_upload(db, kept)
        form = read_form((*MAPPING, *(Column(field, maximum=200) for field in _fields(export))))
        mapping = _read_mapping(form, export, get_form_variables(db, where["wave"].instrument_id))
        if form.refused or mapping is None:
            return _preview_page(db, where, upload, form), 422
        change_mapping(db, kept, mapping)
        if form.values["name"]:
            found = where["wave"]
            save_mapping(db, found.programme_id, get_instrument_code(db, found), form.values["name"], export.source, mapping)
            flash(Message("Remembered. The next file with these columns is read in the same way.").within(g.language))
        return redirect(url_for(".preview", code=code, wave=wave, upload=upload), 303)


@blueprint.get("/files/<upload>/faults.csv")
@allows("survey.import")
def download_faults(code: str, wave: str, upload: str) -> Response:
    """Send everything wrong with a kept file as a file."""
    with reading_db() as db:
        found = _place(db, code, wave)["wave"]
        kept = get_upload(db, found, upload)
        content = error_file(preview_import(db, found, take_upload(db, kept), mapping_from_json(kept.mapping)), g.language)
    return Response(content, headers={"Content-Disposition": 'attachment; filename="faults.csv"'}, mimetype="text/csv")


@blueprint.post("/files/<upload>/take")
@allows("survey.import")
def take(code: str, wave: str, upload: str) -> Answer:
    """Take a kept file in, all of it or nothing."""
    form = read_form(REVISION)
    with writing_db() as db:
        where = _place(db, code, wave)
        kept = get_upload(db, where["wave"], upload)
        try:
            with db.begin_nested():
                report = take_in(
                    db, where["wave"], take_upload(db, kept), mapping_from_json(kept.mapping), revise=form.values["revise"] or ""
                )
                drop_upload(db, kept)
        except AppError as refused:
            lacks_reason = isinstance(refused, RefusedFile) and not form.given["revise"]
            form.add_fault("revise", NEEDS_REASON if lacks_reason else refused.message)
            return _preview_page(db, where, upload, form), 422
        counts = {"new": report.new, "changed": report.changed, "revised": report.revised, "known": report.already_there}
        said = Message(
            "Taken in: %(new)s new, %(changed)s brought up to date, %(revised)s with corrections, %(known)s already there.",
            **counts,
        )
        flash(said.within(g.language))
        return redirect(url_for(".ask_file", code=code, wave=wave), 303)


@blueprint.post("/files/<upload>/drop")
@allows("survey.import")
def drop(code: str, wave: str, upload: str) -> AnyResponse:
    """Throw a kept file away."""
    with writing_db() as db:
        drop_upload(db, get_upload(db, _place(db, code, wave)["wave"], upload))
    flash(Message("The file is thrown away. Nothing was taken in.").within(g.language))
    return redirect(url_for(".ask_file", code=code, wave=wave), 303)


@blueprint.get("/<int:taken>/undo")
@allows("survey.import")
def ask_undo(code: str, wave: str, taken: int) -> str:
    """Ask why an import is undone."""
    with reading_db() as db:
        where = _place(db, code, wave)
        return render_template("survey_imports/undo.html", **where, taken=get_import(db, where["wave"], taken), form=Form())


@blueprint.post("/<int:taken>/undo")
@allows("survey.import")
def undo(code: str, wave: str, taken: int) -> Answer:
    """Undo an import on which nothing was built."""
    form = read_form(REASON)
    with writing_db() as db:
        where = _place(db, code, wave)
        found, gone = get_import(db, where["wave"], taken), 0
        if not form.refused:
            try:
                with db.begin_nested():
                    gone = undo_import(db, found, form.values["reason"])
            except AppError as refused:
                form.add_fault("reason", refused.message)
        if form.refused:
            return render_template("survey_imports/undo.html", **where, taken=found, form=form), 422
        flash(Message("The import is undone. Submissions removed: %(count)s.", count=gone).within(g.language))
        return redirect(url_for(".ask_file", code=code, wave=wave), 303)


def _place(db: Session, code: str, wave: str) -> dict[str, Any]:
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "wave": get_wave(db, programme.code, wave)}


def _list_page(db: Session, where: dict[str, Any], form: Form, faults: tuple[Fault, ...] = ()) -> str:
    imports, mappings = list_imports(db, where["wave"]), list_mappings(db, where["wave"])
    return render_template(
        "survey_imports/list.html", **where, imports=imports, mappings=mappings, form=form, faults=faults[:SHOWN_FAULTS]
    )


def _preview_page(db: Session, where: dict[str, Any], upload: str, form: Form | None = None) -> str:
    kept = get_upload(db, where["wave"], upload)
    export, mapping = take_upload(db, kept), mapping_from_json(kept.mapping)
    found: Preview = preview_import(db, where["wave"], export, mapping)
    variables = get_form_variables(db, where["wave"].instrument_id)
    shown = form if form and "person" in form.given else Form(_given(mapping, export), faults=form.faults if form else {})
    return render_template(
        "survey_imports/preview.html",
        **where,
        upload=upload,
        export=export,
        preview=found,
        faults=found.faults[:SHOWN_FAULTS],
        fields=_fields(export),
        variables=variables.by_name,
        form=shown,
        revision=Form({"revise": form.given.get("revise", "")}, faults=form.faults) if form and "revise" in form.given else Form(),
    )


def _fields(export: ExportFile) -> dict[str, str]:
    """Return the columns that can be mapped by the names of their fields."""
    columns = dict.fromkeys(name for sheet in (export.main, *export.repeats) for name in sheet.header)
    return {f"column_{number}": name for number, name in enumerate(columns)}


def _given(mapping: FileMapping, export: ExportFile) -> dict[str, str]:
    said = {field: mapping.columns[name] or LEAVE_OUT for field, name in _fields(export).items() if name in mapping.columns}
    plain = {name: getattr(mapping, name) for name in ("person", "headers", "choices", "date_order")}
    return {**plain, "missing": written_codes(mapping.missing), "states": "yes" if mapping.states else "", **said}


def _read_mapping(form: Form, export: ExportFile, variables: FormVariables) -> FileMapping | None:
    """Return the mapping that a form says, adding what is wrong with it to the form."""
    columns = {}
    for field, name in _fields(export).items():
        said = form.given[field]
        if said and said != LEAVE_OUT and said not in variables.by_name:
            form.add_fault(
                field,
                Message(
                    "The form has no variable “%(name)s”. Choose one of the list, or write - to leave the column out.", name=said
                ),
            )
        if said:
            columns[name] = LEFT_OUT if said == LEAVE_OUT else said
    if form.given["person"] not in export.main.header:
        form.add_fault("person", Message("The file has no such column."))
    try:
        missing = read_codes(form.given["missing"])
    except AppError as refused:
        form.add_fault("missing", refused.message)
        return None
    values = {name: form.values[name] for name in ("person", "headers", "choices")}
    return None if form.refused else FileMapping(
        **values, columns=columns, missing=missing, date_order=form.values["date_order"] or "", states=bool(form.given["states"])
    )  # fmt: skip
