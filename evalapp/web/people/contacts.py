"""Tries at reaching a person, and their leaving the programme."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL, now
from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.contacts.queries import find_exit, find_no_contact_day
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.contacts.record_exit import record_exit, undo_exit
from evalapp.people.words import CHANNELS, EXIT_REASONS, OUTCOMES
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, check_reason_of, dated, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

CONTACT = (
    Column("on", "date", required=True),
    Column("at", required=True, maximum=8),
    Column("channel", "choice", required=True, choices=tuple(CHANNELS)),
    Column("outcome", "choice", required=True, choices=tuple(OUTCOMES)),
    Column("next_on", "date"),
)
EXIT = (Column("reason", "choice", required=True, choices=tuple(EXIT_REASONS)), Column("left_on", "date", required=True))
REASON = (Column("reason", required=True, maximum=400),)


@blueprint.get("/<study_id>/contacts/new")
@allows("contact.record")
def ask_contact(code: str, study_id: str) -> str:
    """Show the form of a try at reaching a person, the present moment filled in."""
    moment = now().astimezone(SEOUL)
    with reading_db() as db:
        return _contact_page(db, place(db, code, study_id), Form({"on": f"{moment:%Y-%m-%d}", "at": f"{moment:%H:%M}"}))


@blueprint.post("/<study_id>/contacts/new")
@allows("contact.record")
def add_contact(code: str, study_id: str) -> Answer:
    """Record a try at reaching a person. The same form sent twice counts once."""
    form = _read_contact()
    with writing_db() as db:
        where = place(db, code, study_id)
        if not form.refused:
            with trying(db, form, "note"):
                record_contact(db, where["programme"], where["person"], request.form.get("key", ""), _attempt(form))
        if form.refused:
            return _contact_page(db, where, form), 422
    return done(Message("The contact is recorded."), ".show", code=code, study_id=study_id)


@blueprint.get("/<study_id>/exit")
@blueprint.get("/<study_id>/exit/undo", endpoint="ask_undo_exit")
@allows("people.manage")
def ask_exit(code: str, study_id: str) -> str:
    """Show the form of an exit, or of taking one back."""
    with reading_db() as db:
        return _exit_page(db, place(db, code, study_id), dated("left_on"))


@blueprint.post("/<study_id>/exit")
@allows("people.manage")
def leave(code: str, study_id: str) -> Answer:
    """Record that a person left the programme."""
    form = read_form(EXIT)
    with writing_db() as db:
        where = place(db, code, study_id)
        if not form.refused:
            with trying(db, form, "left_on"):
                record_exit(db, where["programme"], where["person"], form.values["reason"], form.values["left_on"])
        if form.refused:
            return _exit_page(db, where, form), 422
    return done(Message("The exit is recorded. Consents stay as they are."), ".show", code=code, study_id=study_id)


@blueprint.post("/<study_id>/exit/undo")
@allows("people.manage")
def come_back(code: str, study_id: str) -> Answer:
    """Take an exit back."""
    form = read_form(REASON)
    if not form.refused:
        check_reason_of(form)
    with writing_db() as db:
        where = place(db, code, study_id)
        if not form.refused:
            with trying(db, form, "reason"):
                undo_exit(db, where["programme"], where["person"], form.values["reason"])
        if form.refused:
            return _exit_page(db, where, form), 422
    return done(Message("The exit is taken back."), ".show", code=code, study_id=study_id)


def _read_contact() -> Form:
    """Read the form of a contact. What the note may hold is said by the verb that seals it."""
    form = read_form(CONTACT)
    form.given = {**form.given, "note": request.form.get("note", "").strip()}
    if not form.refused:
        try:
            form.values["moment"] = dt.datetime.combine(form.values["on"], dt.time.fromisoformat(form.given["at"]), SEOUL)
        except ValueError:
            form.add_fault("at", Message("Write the time as hours and minutes, like 14:30."))
    return form


def _attempt(form: Form) -> Attempt:
    said = form.values
    return Attempt(said["moment"], said["channel"], said["outcome"], said["next_on"], form.given["note"])


def _contact_page(db: Session, where: dict[str, Any], form: Form) -> str:
    since = find_no_contact_day(db, where["programme"].id, where["person"].id)
    return render_template("people/contact.html", **where, form=form, no_contact_since=since)


def _exit_page(db: Session, where: dict[str, Any], form: Form) -> str:
    left = find_exit(db, where["programme"].id, where["person"].id)
    return render_template("people/exit.html", **where, form=form, left=left)
