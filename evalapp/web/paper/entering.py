"""A paper form typed: what stands at its head, one screen after the other, the last look, given up."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import LANGUAGES, Message
from evalapp.people.queries import get_programme_for, get_registered
from evalapp.surveys.answering.save_screen import words_of
from evalapp.surveys.double_entry.begin_entry import SignedConsent, begin_entry
from evalapp.surveys.double_entry.finish_entry import drop_entry, finish_entry
from evalapp.surveys.double_entry.queries import find_missing_consent, get_entry, get_own_entry, get_wave_code
from evalapp.surveys.double_entry.typed_form import list_unusual
from evalapp.web.access import allows
from evalapp.web.answering import pages
from evalapp.web.answering.pages import frame_of, summary_of
from evalapp.web.forms import Form, read_form
from evalapp.web.paper.place import Answer, PaperDesk, blueprint, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

HEAD = (
    Column("filled_on", "date", required=True),
    Column("language", "choice", required=True, choices=LANGUAGES),
    Column("signed", "choice", choices=("yes", "no")),
    Column("version", maximum=20),
    Column("text_language", maximum=2),
)
WHY = (Column("reason", maximum=400),)


@blueprint.get("/waves/<wave>/paper/<study_id>")
@allows("interview.hold")
def begin(code: str, wave: str, study_id: str) -> Answer:
    """Ask what stands at the head of a person's form: the day, and the signature where their consent is not recorded."""
    with reading_db() as db:
        return _head_page(db, _person(db, code, wave, study_id), Form({"language": g.language}))


@blueprint.post("/waves/<wave>/paper/<study_id>")
@allows("interview.hold")
def take_beginning(code: str, wave: str, study_id: str) -> Answer:
    """Begin to type the form, or go on with it."""
    form = read_form(HEAD)
    with writing_db() as db:
        where = _person(db, code, wave, study_id)
        missing = find_missing_consent(db, where["wave"], where["person"], g.language)
        if missing and form.given["signed"] != "yes":
            form.add_fault("signed", Message("Without a signed consent the form cannot be typed. Ask the person first."))
        entry = None
        if not form.refused:
            signed = SignedConsent(form.given["version"], form.given["text_language"]) if missing else None
            with trying(db, form, "filled_on"):
                said = form.values
                entry = begin_entry(db, where["wave"], where["person"], said["filled_on"], said["language"], signed)
        if entry is None:
            return _head_page(db, where, form), 422
        typed = PaperDesk(code, entry.id)
        open_form = typed.open_form(db)
        number, is_last = open_form.number, open_form.number > len(open_form.screens)
    return redirect(typed.url("check") if is_last else typed.url("screen", number=number), 303)


@blueprint.get("/interviews/paper/<int:entry>/answer/<int:number>")
@allows("interview.hold")
def screen(code: str, entry: int, number: int) -> Answer:
    """Show one screen."""
    return pages.show_screen(PaperDesk(code, entry), number)


@blueprint.post("/interviews/paper/<int:entry>/answer")
@allows("interview.hold")
def take(code: str, entry: int) -> Answer:
    """Take in one screen."""
    return pages.take_screen(PaperDesk(code, entry))


@blueprint.get("/interviews/paper/<int:entry>/check")
@allows("interview.hold")
def check(code: str, entry: int) -> Answer:
    """Show what is missing or unusual, and what was typed, before the entry is finished."""
    desk = PaperDesk(code, entry)
    with reading_db() as db:
        typed = desk.open_form(db)
        unusual = [(each, words_of(each.verdict)) for each in list_unusual(typed)]
        return render_template("paper/check.html", desk=desk, unusual=unusual, summary=summary_of(typed), **frame_of(typed))


@blueprint.post("/interviews/paper/<int:entry>/finish")
@allows("interview.hold")
def submit(code: str, entry: int) -> Answer:
    """Finish the entry. Pressed twice, it is finished once."""
    desk = PaperDesk(code, entry)
    with writing_db() as db:
        finish_entry(db, desk.invitation(db))
        wave = get_wave_code(db, desk.form)
    return done(Message("The form is typed. What you typed cannot be changed any more."), ".list_forms", code=code, wave=wave)


@blueprint.get("/interviews/paper/<int:entry>/leave")
@allows("interview.hold")
def leave(code: str, entry: int) -> Answer:
    """Lead back to the list; what was typed is kept."""
    desk = PaperDesk(code, entry)
    with reading_db() as db:
        desk.invitation(db)
        return redirect(url_for(".list_forms", code=code, wave=get_wave_code(db, desk.form)), 303)


@blueprint.get("/interviews/paper/<int:entry>/drop")
@allows("interview.hold")
def ask_drop(code: str, entry: int) -> Answer:
    """Ask whether an entry that is not finished is to be given up."""
    with reading_db() as db:
        return _drop_page(_to_drop(db, code, entry), Form())


@blueprint.post("/interviews/paper/<int:entry>/drop")
@allows("interview.hold")
def drop(code: str, entry: int) -> Answer:
    """Give an entry up: one's own, or as an officer one that somebody has left lying."""
    form = read_form(WHY)
    with writing_db() as db:
        where = _to_drop(db, code, entry)
        if not form.refused:
            with trying(db, form, "reason"):
                drop_entry(db, where["entry"], form.values["reason"] or "")
        if form.refused:
            return _drop_page(where, form), 422
    return done(Message("The entry is given up. The form can be typed again."), ".list_forms", code=code, wave=where["wave"])


def _person(db: Session, code: str, wave: str, study_id: str) -> dict[str, Any]:
    where = place(db, code, wave)
    return {**where, "person": get_registered(db, where["programme"].id, study_id)}


def _head_page(db: Session, where: dict[str, Any], form: Form) -> str:
    question = find_missing_consent(db, where["wave"], where["person"], g.language)
    return render_template("paper/head.html", **where, form=form, question=question)


def _to_drop(db: Session, code: str, entry: int) -> dict[str, Any]:
    """Return an entry that the viewer may give up, with its place, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    if g.viewer.may("wave.manage"):
        found, form, person = get_entry(db, programme.id, entry)
    else:
        found, form, person = get_own_entry(db, programme.id, entry, g.viewer.code)
    return {"programme": programme, "entry": found, "person": person, "wave": get_wave_code(db, form)}


def _drop_page(where: dict[str, Any], form: Form) -> str:
    return render_template("paper/drop.html", **where, form=form)
