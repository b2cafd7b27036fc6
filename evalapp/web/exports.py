"""Lists with identities: asked for in a programme, decided on by another person, fetched once with the password shown once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from evalapp.core.columns import Column
from evalapp.core.crypto.key_ring import UnusableKeyRing
from evalapp.core.encrypted_archive import new_password
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.identified_exports.decide_export import decide_export
from evalapp.people.identified_exports.hand_over_export import hand_over_export
from evalapp.people.identified_exports.queries import get_export_for, is_open, list_every_export, list_exports_for, standing
from evalapp.people.identified_exports.request_export import request_export
from evalapp.people.queries import get_programme_for
from evalapp.people.vault.check_identity import FIELDS
from evalapp.people.words import PERSON_COLUMNS
from evalapp.web.access import allows, confirmed
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("exports", __name__)
OF_PROGRAMME = "/programmes/<code>/exports"
REQUEST_COLUMNS = (*(Column(f"field_{field}") for field in FIELDS), Column("reason", required=True, maximum=400))
WORDS = {"labels": PERSON_COLUMNS, "standing": standing}


@blueprint.get("/exports")
@allows("identity.allow_export")
def list_exports() -> str:
    """List the requests of all programmes, those to decide first."""
    with reading_db() as db:
        return render_template("exports/queue.html", requests=list_every_export(db, g.viewer), **WORDS)


@blueprint.post("/exports/<code>/<int:export>/decision")
@allows("identity.allow_export")
def decide(code: str, export: int) -> AnyResponse:
    """Allow a request, or refuse it."""
    allow = request.form.get("decision") == "allow"
    with writing_db() as db:
        get_export_for(db, g.viewer, get_programme_for(db, g.viewer, code), export)
        decide_export(db, export, allow=allow)
    said = Message("Allowed. It can be fetched once, within 24 hours.") if allow else Message("Refused.")
    flash(said.within(g.language))
    return redirect(url_for("exports.list_exports"), 303)


@blueprint.get(OF_PROGRAMME)
@allows("identity.export")
def list_of_programme(code: str) -> str:
    """List one's own requests in a programme and offer a new one."""
    with reading_db() as db:
        return _list_page(db, code, Form())


@blueprint.post(OF_PROGRAMME)
@allows("identity.export")
def ask(code: str) -> AnyResponse | tuple[str, int]:
    """Ask for a list with some fields, for a reason."""
    form = read_form(REQUEST_COLUMNS)
    fields = [field for field in FIELDS if form.given[f"field_{field}"]]
    if not fields:
        form.add_fault(f"field_{FIELDS[0]}", Message("Choose the fields that the list is to hold, and no more than are needed."))
    with writing_db() as db:
        if not form.refused:
            _check_reason(form)
        if form.refused:
            return _list_page(db, code, form), 422
        asked = request_export(db, get_programme_for(db, g.viewer, code), fields, form.values["reason"])
        flash(Message("Asked. Another person decides; this page shows the answer.").within(g.language))
        return redirect(url_for("exports.show", code=code, export=asked.id), 303)


@blueprint.get(f"{OF_PROGRAMME}/<int:export>")
@allows("identity.export")
def show(code: str, export: int) -> str:
    """Show where a request stands and what may be done next."""
    with reading_db() as db:
        return render_template("exports/show.html", **_request(db, code, export), **WORDS)


@blueprint.post(f"{OF_PROGRAMME}/<int:export>/password")
@allows("identity.export")
@confirmed
def show_password(code: str, export: int) -> str | AnyResponse:
    """Make the password of the file and show it once. It travels on in the form of the download, sealed, and is stored nowhere."""
    with reading_db() as db:
        found = _request(db, code, export)
        if not is_open(found["asked"]):
            return redirect(url_for("exports.show", code=code, export=export), 303)
        password = new_password()
        sealed = current_app.extensions["evalapp.keys"].current().seal(password, _context(export))
        return render_template("exports/password.html", password=password, sealed=sealed, **found)


@blueprint.post(f"{OF_PROGRAMME}/<int:export>/download")
@allows("identity.export")
@confirmed
def download(code: str, export: int) -> Response:
    """Hand the encrypted file over, once."""
    with writing_db() as db:
        _request(db, code, export)
        content = hand_over_export(db, export, _password(export))
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="list-{export}.zip"'
    return answer


def _list_page(db: Session, code: str, form: Form) -> str:
    programme = get_programme_for(db, g.viewer, code)
    requests = list_exports_for(db, g.viewer, programme)
    return render_template("exports/list.html", programme=programme, requests=requests, form=form, fields=FIELDS, **WORDS)


def _check_reason(form: Form) -> None:
    try:
        check_reason(form.values["reason"])
    except AppError as refused:
        form.add_fault("reason", refused.message)


def _request(db: Session, code: str, export: int) -> dict[str, Any]:
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "asked": get_export_for(db, g.viewer, programme, export)}


def _context(export: int) -> str:
    return f"export:{g.viewer.code}:{export}:password"


def _password(export: int) -> str:
    try:
        text: str = current_app.extensions["evalapp.keys"].open(request.form.get("password", ""), _context(export))
    except UnusableKeyRing:
        raise NotFound(Message("This form does not belong to the request. Show the password again.")) from None
    return text
