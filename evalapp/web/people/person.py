"""One person: what is known of them and what may be done, on one page."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.people.consents.queries import list_consents
from evalapp.people.contacts.queries import find_exit, find_no_contact_day, list_contacts
from evalapp.people.contacts.read_contact_notes import read_contact_notes
from evalapp.people.enterprises.queries import list_enterprises
from evalapp.people.listing.queries import get_registration
from evalapp.people.records.queries import find_erasure, list_merges
from evalapp.people.vault.queries import list_identity_fields
from evalapp.training.queries import list_enrolments_of
from evalapp.web.access import allows
from evalapp.web.people.place import Answer, blueprint, place
from evalapp.web.people.timeline import KINDS, list_events
from evalapp.web.transactions import reading_db, writing_db


@blueprint.get("/<study_id>")
@blueprint.get("/<study_id>/notes", endpoint="after_notes")
@allows("people.view")
def show(code: str, study_id: str) -> Answer:
    """Show a person. Under another identifier than the study ID, the page leads to its own address."""
    with reading_db() as db:
        where = place(db, code, study_id)
        if where["person"].study_id != study_id:
            return redirect(url_for(".show", code=code, study_id=where["person"].study_id), 303)
        return render_template("people/person.html", **where, **_known(db, **where))


@blueprint.post("/<study_id>/notes")
@allows("identity.reveal")
def read_notes(code: str, study_id: str) -> str:
    """Show the notes of a person's contacts, which may hold anything a caller heard; the audit log keeps that they were read."""
    with writing_db() as db:
        where = place(db, code, study_id)
        notes = read_contact_notes(db, where["programme"], where["person"])
        contacts = [contact for contact in list_contacts(db, where["programme"].id, where["person"].id) if contact.id in notes]
        return render_template("people/notes.html", **where, notes=notes, contacts=contacts)


def _known(db: Session, programme: Any, person: Any) -> dict[str, Any]:
    """Return all that the page of a person shows, as far as the viewer may know it."""
    enrolments = list_enrolments_of(db, programme.id, [person.id]) if g.viewer.may("cohort.view") else {}
    return {
        "registration": get_registration(db, programme.id, person),
        "enrolment": enrolments.get(person.id),
        "fields": list_identity_fields(db, person.id),
        "consents": list_consents(db, programme.id, person.id),
        "contacts": list_contacts(db, programme.id, person.id),
        "no_contact_since": find_no_contact_day(db, programme.id, person.id),
        "enterprises": list_enterprises(db, person),
        "left": find_exit(db, programme.id, person.id),
        "merges": list_merges(db, person),
        "erasure": find_erasure(db, person.study_id),
        "events": list_events(db, g.viewer, programme, person, g.language),
        "kinds": KINDS,
    }
