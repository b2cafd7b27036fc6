"""Interviews that a device sent and that no person and wave could be found for: placed by hand, or turned away."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.openrosa.kept_form import kept_envelope
from evalapp.surveys.openrosa.place_submission import place_submission, reject_interview
from evalapp.surveys.openrosa.queries import find_edited, get_unplaced, list_unplaced, list_waves
from evalapp.surveys.queries import get_wave
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.openrosa.place import Answer, blueprint
from evalapp.web.transactions import reading_db, writing_db

PLACING = (Column("study_id", "code", required=True, maximum=40), Column("wave", required=True, maximum=20))
REJECTING = (Column("reason", required=True, maximum=400),)


@blueprint.get("/unplaced")
@allows("submission.review")
def list_waiting(code: str) -> str:
    """List what waits for an officer, then what was turned away."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template("devices/unplaced.html", programme=programme, lines=list_unplaced(db, programme.id))


@blueprint.get("/unplaced/<int:interview>")
@allows("submission.review")
def show_waiting(code: str, interview: int) -> str:
    """Show one interview: what was typed, where it came from, and what can be done with it."""
    with reading_db() as db:
        return _page(db, code, interview)


@blueprint.post("/unplaced/<int:interview>/place")
@allows("submission.review")
def place(code: str, interview: int) -> Answer:
    """Place an interview on a person and a wave."""
    form = read_form(PLACING)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        row = get_unplaced(db, programme, interview)[0]
        if not form.refused:
            try:
                with db.begin_nested():
                    place_submission(db, row, get_wave(db, code, form.values["wave"]), form.values["study_id"])
            except AppError as refused:
                form.add_fault("wave" if isinstance(refused, NotFound) else "study_id", refused.message)
        if form.refused:
            return _page(db, code, interview, form), 422
        submission = row.submission_id
    flash(Message("The interview is placed. It can be reviewed now.").within(g.language))
    return redirect(url_for("review.show", code=code, submission=submission), 303)


@blueprint.post("/unplaced/<int:interview>/reject")
@allows("submission.review")
def reject(code: str, interview: int) -> Answer:
    """Turn an interview away, with a reason."""
    form = read_form(REJECTING)
    with writing_db() as db:
        row = get_unplaced(db, get_programme_for(db, g.viewer, code), interview)[0]
        if not form.refused:
            try:
                with db.begin_nested():
                    reject_interview(db, row, form.values["reason"])
            except AppError as refused:
                form.add_fault("reason", refused.message)
        if form.refused:
            return _page(db, code, interview, form), 422
    flash(Message("The interview is rejected.").within(g.language))
    return redirect(url_for(".list_waiting", code=code), 303)


def _page(db: Session, code: str, interview: int, form: Form | None = None) -> str:
    programme = get_programme_for(db, g.viewer, code)
    row, device, wave = get_unplaced(db, programme, interview)
    typed = _typed(db, row)
    edited = find_edited(db, row)
    return render_template(
        "devices/interview.html",
        programme=programme,
        row=row,
        device=device,
        wave=wave,
        waves=list_waves(db, programme.id),
        typed=typed,
        edited=edited,
        form=form or Form({"study_id": typed or "", "wave": wave.code}),
    )


def _typed(db: Session, row: Any) -> str | None:
    """Return the study ID that was typed; None where the answers were removed."""
    try:
        return kept_envelope(db, row).study_id
    except NotFound:
        return None
