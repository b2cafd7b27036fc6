"""A person's enterprises: a new one, what became of one, and which is current."""

from __future__ import annotations

from typing import Any

from flask import render_template

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.enterprises.queries import EnterpriseHistory, get_enterprise
from evalapp.people.enterprises.record_event import open_enterprise, record_enterprise_event, switch_current_enterprise
from evalapp.people.words import EVENTS, INDUSTRY_WORDS
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, dated, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

OPENING = (
    Column("opened_on", "date", required=True),
    Column("industry", "choice", choices=tuple(INDUSTRY_WORDS)),
    Column("former"),
)
EVENT = (
    Column("kind", "choice", required=True, choices=tuple(EVENTS)),
    Column("happened_on", "date", required=True),
    Column("industry", "choice", choices=tuple(INDUSTRY_WORDS)),
)


@blueprint.get("/<study_id>/enterprises/new")
@allows("people.manage")
def ask_enterprise(code: str, study_id: str) -> str:
    """Show the form of a new enterprise."""
    with reading_db() as db:
        return render_template("people/enterprise.html", **place(db, code, study_id), form=Form())


@blueprint.post("/<study_id>/enterprises/new")
@allows("people.manage")
def add_enterprise(code: str, study_id: str) -> Answer:
    """Add an enterprise. Its name and number are identities and are written on a page of their own."""
    form = read_form(OPENING)
    with writing_db() as db:
        where = place(db, code, study_id)
        if not form.refused:
            with trying(db, form, "opened_on"):
                current = not form.given["former"]
                open_enterprise(db, where["person"], form.values["opened_on"], form.values["industry"], current=current)
        if form.refused:
            return render_template("people/enterprise.html", **where, form=form), 422
    return done(Message("The enterprise is added."), ".show", code=code, study_id=study_id)


@blueprint.get("/<study_id>/enterprises/<int:enterprise>")
@allows("people.manage")
def ask_event(code: str, study_id: str, enterprise: int) -> str:
    """Show what became of an enterprise and the form for what happened next."""
    with reading_db() as db:
        where = place(db, code, study_id)
        return _event_page(where, get_enterprise(db, where["person"], enterprise), dated("happened_on"))


@blueprint.post("/<study_id>/enterprises/<int:enterprise>")
@allows("people.manage")
def add_event(code: str, study_id: str, enterprise: int) -> Answer:
    """Record what happened to an enterprise."""
    form = read_form(EVENT)
    with writing_db() as db:
        where = place(db, code, study_id)
        history = get_enterprise(db, where["person"], enterprise)
        if not form.refused:
            said = [form.values[name] for name in ("kind", "happened_on", "industry")]
            with trying(db, form, "happened_on"):
                record_enterprise_event(db, where["person"], enterprise, *said)
        if form.refused:
            return _event_page(where, history, form), 422
    return done(Message("The event is recorded."), ".show", code=code, study_id=study_id)


@blueprint.post("/<study_id>/enterprises/<int:enterprise>/current")
@allows("people.manage")
def make_current(code: str, study_id: str, enterprise: int) -> Answer:
    """Make an enterprise the person's current one."""
    with writing_db() as db:
        switch_current_enterprise(db, place(db, code, study_id)["person"], enterprise)
    return done(Message("This is the current enterprise now."), ".show", code=code, study_id=study_id)


def _event_page(where: dict[str, Any], history: EnterpriseHistory, form: Form) -> str:
    known = {event.kind for event in history.events}
    once = {"opened"} if known else set()
    once |= known & {"opened", "registered"}
    may_be = [kind for kind in EVENTS if kind not in once and kind != "reopened"] if history.is_open else ["reopened"]
    return render_template("people/enterprise_event.html", **where, history=history, form=form, may_be=may_be)
