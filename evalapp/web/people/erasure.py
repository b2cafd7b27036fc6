"""A person asks to be forgotten: what that removes and keeps, the erasure itself, and the proof that it was done."""

from __future__ import annotations

import json
from typing import Any

from flask import g, redirect, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.core.audit.queries import EntryFilter, list_entries
from evalapp.core.columns import Column
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.listing.queries import get_registration
from evalapp.people.queries import get_programme_for
from evalapp.people.records.erase_person import default_erasure_kind, erase_person
from evalapp.people.records.preview_erasure import preview_erasure
from evalapp.people.records.queries import find_erasure
from evalapp.people.words import ERASURES
from evalapp.web.access import allows, confirmed
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, check_reason_of, place, trying
from evalapp.web.transactions import reading_db, writing_db

ERASURE = (
    Column("kind", "choice", required=True, choices=tuple(ERASURES)),
    Column("reason", required=True, maximum=400),
    Column("study_id", required=True, maximum=60),
)


@blueprint.get("/<study_id>/erase")
@allows("people.erase")
@confirmed
def ask_erasure(code: str, study_id: str) -> str:
    """Say what each kind of erasure removes and keeps, and offer the one that the person's consents ask for."""
    with reading_db() as db:
        where = place(db, code, study_id)
        return _erasure_page(db, where, Form({"kind": default_erasure_kind(db, where["person"])}))


@blueprint.post("/<study_id>/erase")
@allows("people.erase")
@confirmed
def erase(code: str, study_id: str) -> Answer:
    """Forget a person, at once and for good."""
    form = read_form(ERASURE)
    with writing_db() as db:
        before = find_erasure(db, study_id)
        if before and before.kind == "everything":
            return redirect(url_for(".erased", code=code, study_id=study_id), 303)
        where = place(db, code, study_id)
        forgotten = where["person"].study_id
        _check(form, forgotten)
        if not form.refused:
            with trying(db, form, "kind"):
                erase_person(db, where["person"], form.values["kind"], form.values["reason"])
        if form.refused:
            return _erasure_page(db, where, form), 422
    return redirect(url_for(".erased", code=code, study_id=forgotten), 303)


@blueprint.get("/erased/<study_id>")
@allows("people.erase")
def erased(code: str, study_id: str) -> str:
    """Show that someone was forgotten, what was removed, and where the audit log says so."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        erasure = find_erasure(db, study_id)
        entries = list_entries(db, EntryFilter(subject=study_id, action="person_erased")).entries
        done = json.loads(entries[0].after) if entries else {"programmes": []}
        if erasure is None or programme.code not in done["programmes"]:
            raise NotFound(Message("Nothing was erased under this study ID."))
        return render_template("people/erased.html", programme=programme, erasure=erasure, entry=entries[0], removed=done["rows"])


def _check(form: Form, study_id: str) -> None:
    if "study_id" not in form.faults and form.given["study_id"].upper() != study_id:
        form.add_fault("study_id", Message("This is another study ID. Type the one of this page, so that nobody else is erased."))
    if "reason" not in form.faults:
        check_reason_of(form)


def _erasure_page(db: Session, where: dict[str, Any], form: Form) -> str:
    return render_template(
        "people/erase.html",
        **where,
        form=form,
        default=default_erasure_kind(db, where["person"]),
        foreseen=preview_erasure(db, where["person"]),
        registration=get_registration(db, where["programme"].id, where["person"]),
    )
