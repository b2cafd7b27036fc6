"""People who come into a programme: one by a form, or the rows of a list pasted from a spreadsheet."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell, calendar_date
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.listing.queries import find_registered_by_key
from evalapp.people.queries import get_programme_for
from evalapp.people.registration.person_details import HEADINGS, PersonDetails, read_person
from evalapp.people.registration.possible_duplicates import PossibleDuplicate, find_possible_duplicates
from evalapp.people.registration.preview_people import Preview, preview_people
from evalapp.people.registration.register_people import RegisteredList, register_entrepreneur, register_people
from evalapp.people.vault.masks import mask
from evalapp.web.access import allows
from evalapp.web.forms import Form, row_number
from evalapp.web.people.place import Answer, blueprint, dated, done, trying
from evalapp.web.transactions import reading_db, writing_db

FIRST_ROW = 2  # below the headings


@blueprint.get("/new")
@allows("people.manage")
def ask_person(code: str) -> str:
    """Show the form of one person."""
    with reading_db() as db:
        return _person_page(get_programme_for(db, g.viewer, code), dated("registered_on"))


@blueprint.post("/new")
@allows("people.manage")
def register(code: str) -> Answer:
    """Register one person. Somebody who may be known already is registered only when the officer says that it is somebody else."""
    form, details = _read_person()
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        key = request.form.get("key", "")
        person = find_registered_by_key(db, programme.id, key)
        known = () if person or form.refused or form.given["somebody_else"] else _known(db, programme, details)
        if not person and not form.refused and not known:
            with trying(db, form, "name"):
                person = register_entrepreneur(db, programme, details, key, form.values["registered_on"])
        if not person:
            return _person_page(programme, form, known), 422
        return done(Message("Registered as %(study_id)s.", study_id=person.study_id), ".show", code=code, study_id=person.study_id)


@blueprint.get("/paste")
@blueprint.get("/paste/register", endpoint="ask_rest")
@allows("people.manage")
def ask_list(code: str) -> str:
    """Show where a list is pasted."""
    with reading_db() as db:
        return render_template("people/paste.html", programme=get_programme_for(db, g.viewer, code), form=Form())


@blueprint.post("/paste")
@allows("people.manage")
def preview(code: str) -> Answer:
    """Show what would become of each row of a pasted list; nobody is registered yet."""
    with writing_db() as db:
        return _preview_page(db, get_programme_for(db, g.viewer, code), _joined(_posted("ready"), _posted("rest")))


@blueprint.post("/paste/register")
@allows("people.manage")
def register_rows(code: str) -> Answer:
    """Register the chosen rows of a previewed list and show those that are left. The same form sent twice counts once."""
    numbers = {row_number(number) or 0 for number in request.form.getlist("row")}
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        ready = preview_people(db, programme, _posted("ready"))
        registered = register_people(db, programme, ready, numbers, request.form.get("key", ""))
        headings = _posted("ready").partition("\n")[0]
        return _preview_page(db, programme, _joined(registered.remaining or headings, _posted("rest")), registered)


def _read_person() -> tuple[Form, PersonDetails]:
    given = {name: request.form.get(name, "").strip() for name in (*HEADINGS, "registered_on", "somebody_else")}
    details = read_person(given)
    form = Form(given, {"registered_on": None}, {name: details.faults[name] for name in HEADINGS if name in details.faults})
    if given["registered_on"]:
        try:
            form.values["registered_on"] = calendar_date(given["registered_on"])
        except BadCell as bad:
            form.add_fault("registered_on", bad.message)
    return form, details


def _known(db: Session, programme: Any, details: PersonDetails) -> tuple[PossibleDuplicate, ...]:
    known = find_possible_duplicates(db, programme.id, {0: details}).get(0, ())
    if known:
        record_entry(db, "people_previewed", "programme", programme.code, after={"rows": 1, "known": len(known)})
    return known


def _person_page(programme: Any, form: Form, known: tuple[PossibleDuplicate, ...] = ()) -> str:
    return render_template("people/register.html", programme=programme, form=form, known=known)


def _posted(name: str) -> str:
    return request.form.get(name, "").replace("\r\n", "\n")


def _joined(ready: str, rest: str) -> str:
    """Put two lists with the same headings together; headings without a row are no list."""
    headings, _, rows = ready.partition("\n")
    first, _, others = rest.partition("\n")
    if not headings:
        return rest
    more = others if first.rstrip() == headings.rstrip() else rest
    both = "\n".join(part for part in (rows.strip("\n"), more.strip("\n")) if part)
    return f"{headings}\n{both}" if both else ""


def _preview_page(db: Session, programme: Any, text: str, registered: RegisteredList | None = None) -> Answer:
    if registered and not text:
        return render_template("people/registered.html", programme=programme, registered=registered)
    try:
        found = preview_people(db, programme, text)
    except AppError as refused:
        form = Form({"rest": text}, faults={"rest": refused.message})
        return render_template("people/paste.html", programme=programme, form=form, registered=registered), 422
    return render_template("people/preview.html", programme=programme, registered=registered, **_parts(found))


def _parts(found: Preview) -> dict[str, Any]:
    """Part a preview: the rows to be registered, which nobody mends any more, and the text of those to be mended."""
    failing = {row.number for row in found.failing}
    whole = [row for row in found.rows if row.number not in failing]
    return {
        "preview": found,
        "ready": found.without(failing),
        "form": Form({"rest": found.without({row.number for row in whole})}),
        "places": {row.number: place for place, row in enumerate(whole, start=FIRST_ROW)},
        "names": {
            row.number: {field: mask(field, text) for field in ("name", "phone") if (text := row.details.values[field])}
            for row in found.rows
        },
    }
