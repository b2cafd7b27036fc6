"""The locks of a programme's waves: asked for, confirmed by a second person, opened for a reason."""

from __future__ import annotations

from flask import g, render_template
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.queries import get_wave
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock, list_wave_locks, open_wave_lock
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.review.place import Answer, blueprint, done, trying
from evalapp.web.transactions import reading_db, writing_db

REASON = (Column("reason", required=True, maximum=400),)


@blueprint.get("/locks")
@allows("submission.view")
def show_locks(code: str) -> str:
    """List the waves with who asked to lock them and who did."""
    with reading_db() as db:
        return _page(db, code)


@blueprint.post("/locks/<wave>/ask")
@allows("wave.lock")
def ask_lock(code: str, wave: str) -> Answer:
    """Ask that a wave be locked."""
    form = Form()
    with writing_db() as db:
        found = get_wave(db, get_programme_for(db, g.viewer, code).code, wave)
        with trying(db, form, wave):
            ask_wave_lock(db, found)
        if form.refused:
            return _page(db, code, wave, form), 422
    return done(Message("A second person can lock the wave now."), ".show_locks", code=code)


@blueprint.post("/locks/<wave>/confirm")
@allows("wave.lock")
def confirm_lock(code: str, wave: str) -> Answer:
    """Lock a wave that another person asked to lock."""
    form = Form()
    with writing_db() as db:
        found = get_wave(db, get_programme_for(db, g.viewer, code).code, wave)
        with trying(db, form, wave):
            confirm_wave_lock(db, found)
        if form.refused:
            return _page(db, code, wave, form), 422
    return done(Message("The wave is locked: nothing in it changes any more."), ".show_locks", code=code)


@blueprint.post("/locks/<wave>/open")
@allows("wave.lock")
def open_lock(code: str, wave: str) -> Answer:
    """Open a lock for a reason."""
    form = read_form(REASON)
    with writing_db() as db:
        found = get_wave(db, get_programme_for(db, g.viewer, code).code, wave)
        if not form.refused:
            with trying(db, form, "reason"):
                open_wave_lock(db, found, form.values["reason"])
        if form.refused:
            return _page(db, code, wave, form), 422
    return done(Message("The wave is open again."), ".show_locks", code=code)


def _page(db: Session, code: str, wave: str = "", form: Form | None = None) -> str:
    programme = get_programme_for(db, g.viewer, code)
    locks = list_wave_locks(db, programme.id)
    return render_template("review/locks.html", programme=programme, locks=locks, wanted=wave, form=form or Form())
