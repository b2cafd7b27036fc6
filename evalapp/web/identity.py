"""What identifies a person: shown field by field for a reason, and written. Masks only, but for the one page of a reveal."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.queries import get_programme_for, get_registered
from evalapp.people.vault.check_identity import RefusedIdentity
from evalapp.people.vault.queries import MaskedField, list_identity_fields
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.people.vault.sealed_fields import fields_of, get_person
from evalapp.people.vault.write_identity import write_identity
from evalapp.people.words import PERSON_COLUMNS
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form, row_number
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("identity", __name__, url_prefix="/programmes/<code>/people/<study_id>/identity")
PURPOSES = {
    "contact": Message("To contact the person"),
    "correction": Message("To correct the record"),
    "request": Message("The person asked for it"),
    "safety": Message("To avert harm"),
    "other": Message("Another purpose"),
}
# The panel of a person's page is a macro, which sees what the application gives every template and not what a view gives its own.
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(identity_words=PERSON_COLUMNS, reveal_purposes=PURPOSES))
REVEAL_COLUMNS = (
    Column("purpose", "choice", required=True, choices=tuple(PURPOSES)),
    Column("reason", required=True, maximum=300),
)


@blueprint.get("/<field>")
@allows("identity.reveal")
def ask_reason(code: str, study_id: str, field: str) -> str:
    """Ask why a field is to be shown."""
    with reading_db() as db:
        where = _place(db, code, study_id)
        return _reveal_page(where, _masked(db, where["person"].id, field), Form())


@blueprint.post("/<field>")
@allows("identity.reveal")
def reveal(code: str, study_id: str, field: str) -> str | tuple[str, int]:
    """Show one field in clear, once; the answer is stored nowhere."""
    form = read_form(REVEAL_COLUMNS)
    with writing_db() as db:
        where = _place(db, code, study_id)
        masked = _masked(db, where["person"].id, field)
        value = None if form.refused else _reveal(db, where["person"].id, masked, form)
        if value is None:
            return _reveal_page(where, masked, form), 422
        return render_template("identity/shown.html", label=PERSON_COLUMNS[field], value=value, **where)


@blueprint.get("/edit")
@allows("identity.write")
def edit(code: str, study_id: str) -> str:
    """Show the fields of a person, or of one of their enterprises, masked, to be replaced."""
    with reading_db() as db:
        return _edit_page(db, _place(db, code, study_id), Form())


@blueprint.post("/edit")
@allows("identity.write")
def write(code: str, study_id: str) -> Response | tuple[str, int]:
    """Replace the fields that were filled in, and take away those that were ticked."""
    given = {field: request.form.get(field, "").strip() for field in fields_of(_enterprise())}
    removed = {f"remove_{field}": "yes" for field in given if request.form.get(f"remove_{field}")}
    values = {field: text or None for field, text in given.items() if text or f"remove_{field}" in removed}
    with writing_db() as db:
        where = _place(db, code, study_id)
        try:
            changed = write_identity(db, where["person"].id, values, _enterprise())
        except RefusedIdentity as refused:
            return _edit_page(db, where, Form({**given, **removed}, faults=refused.faults)), 422
    done = Message("Saved. Fields changed: %(count)s.", count=len(changed)) if changed else Message("Nothing was changed.")
    flash(done.within(g.language))
    return redirect(where["person_url"], 303)


def _place(db: Session, code: str, study_id: str) -> dict[str, Any]:
    """Return what every page here shows: the programme, the person in it, and where the person's page is."""
    programme = get_programme_for(db, g.viewer, code)
    person = get_registered(db, programme.id, study_id)
    get_person(db, person.id, _enterprise())
    person_url = f"{url_for('programmes.show', code=programme.code)}/people/{person.study_id}"
    return {"programme": programme, "person": person, "person_url": person_url, "enterprise": _enterprise()}


def _enterprise() -> int | None:
    return row_number(request.values.get("enterprise", ""))


def _masked(db: Session, person_id: int, field: str) -> MaskedField:
    wanted = (field, _enterprise())
    found = [held for held in list_identity_fields(db, person_id) if (held.field, held.enterprise_id) == wanted]
    if not found:
        raise NotFound(Message("This is not recorded for the person."))
    return found[0]


def _reveal(db: Session, person_id: int, masked: MaskedField, form: Form) -> str | None:
    reason = f"{form.values['purpose']}: {form.values['reason']}"
    try:
        check_reason(form.values["reason"])
        return reveal_identity(db, person_id, masked.field, reason, masked.enterprise_id)
    except NotFound:
        raise
    except AppError as refused:
        form.add_fault("reason", refused.message)
        return None


def _reveal_page(where: dict[str, Any], masked: MaskedField, form: Form) -> str:
    label = PERSON_COLUMNS[masked.field]
    return render_template("identity/reveal.html", masked=masked, label=label, form=form, purposes=PURPOSES, **where)


def _edit_page(db: Session, where: dict[str, Any], form: Form) -> str:
    masks = {
        held.field: held.mask for held in list_identity_fields(db, where["person"].id) if held.enterprise_id == where["enterprise"]
    }
    fields = [(field, PERSON_COLUMNS[field], masks.get(field)) for field in fields_of(where["enterprise"])]
    return render_template("identity/edit.html", fields=fields, form=form, **where)
