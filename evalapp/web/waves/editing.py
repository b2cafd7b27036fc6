"""A wave added, changed, prolonged, and the schedule of all as a file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Response as FileResponse
from flask import flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, Fault, RefusedFile
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.instruments.queries import list_instruments
from evalapp.surveys.invitations.queries import has_begun, reminder_days
from evalapp.surveys.waves.edit_wave import add_wave, edit_wave, prolong_wave
from evalapp.surveys.waves.wave_details import RefusedWave, WaveDetails, read_reminders
from evalapp.training.follow_up.schedule_file import LARGEST_OFFSET, export_schedule, import_schedule
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.transactions import reading_db, writing_db
from evalapp.web.waves import words
from evalapp.web.waves.place import Answer, blueprint, place

ARMS = tuple(arm for arm in words.ARMS if arm)
DETAILS = (
    Column("instrument", "integer", required=True),
    Column("label_ko", required=True, maximum=80),
    Column("label_en", required=True, maximum=80),
    Column("opens_on", "date", required=True),
    Column("closes_on", "date", required=True),
    Column("anchor", "choice", required=True, choices=tuple(words.ANCHORS)),
    Column("day_offset", "integer", minimum=-LARGEST_OFFSET, maximum=LARGEST_OFFSET),
    Column("offset_min", "integer", minimum=0, maximum=LARGEST_OFFSET),
    Column("offset_max", "integer", minimum=0, maximum=LARGEST_OFFSET),
    Column("arm", "choice", choices=ARMS),
    Column("second_secret", "choice", required=True, choices=tuple(words.SECOND_SECRETS)),
    Column("reminders", maximum=60),
)
CODE = Column("code", required=True, maximum=20)
PROLONGING = (Column("closes_on", "date", required=True), Column("reason", required=True, maximum=400))


@blueprint.get("/new")
@allows("wave.manage")
def ask_wave(code: str) -> str:
    """Show the form of a new wave."""
    usual = {"anchor": "calendar", "second_secret": "birth_year", "reminders": "7, 14"}
    with reading_db() as db:
        return _wave_page(db, get_programme_for(db, g.viewer, code), None, Form(usual))


@blueprint.post("/new")
@allows("wave.manage")
def add(code: str) -> Answer:
    """Add a wave after all others."""
    form = read_form((CODE, *DETAILS))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused:
            with _trying(db, form):
                add_wave(db, programme, form.values["code"], _details(db, form))
        if form.refused:
            return _wave_page(db, programme, None, form), 422
    return _done(Message("The wave is added."), ".show", code=code, wave=form.values["code"])


@blueprint.get("/<wave>/edit")
@allows("wave.manage")
def ask_change(code: str, wave: str) -> str:
    """Show the form of a wave as it stands."""
    with reading_db() as db:
        where = place(db, code, wave)
        known = where["wave"]
        stored = {column.name: getattr(known, column.name, None) for column in DETAILS}
        stored |= {"instrument": known.instrument_id, "reminders": ", ".join(map(str, reminder_days(known)))}
        return _wave_page(db, where["programme"], known, filled(stored))


@blueprint.post("/<wave>/edit")
@allows("wave.manage")
def change(code: str, wave: str) -> Answer:
    """Change a wave. Once somebody was asked, its dates stay."""
    form = read_form(DETAILS)
    with writing_db() as db:
        where = place(db, code, wave)
        if not form.refused:
            with _trying(db, form):
                edit_wave(db, where["wave"], _details(db, form))
        if form.refused:
            return _wave_page(db, where["programme"], where["wave"], form), 422
    return _done(Message("The wave is changed."), ".show", code=code, wave=wave)


@blueprint.post("/<wave>/prolong")
@allows("wave.manage")
def prolong(code: str, wave: str) -> Answer:
    """Let a wave end later."""
    form = read_form(PROLONGING)
    with writing_db() as db:
        where = place(db, code, wave)
        moved = 0
        if not form.refused:
            with _trying(db, form, "reason"):
                moved = prolong_wave(db, where["wave"], form.values["closes_on"], form.values["reason"])
        if form.refused:
            return render_template("waves/prolong.html", **where, form=form), 422
    said = Message("The wave ends later now, for %(count)s people who have not answered.", count=moved)
    return _done(said, ".show", code=code, wave=wave)


@blueprint.get("/<wave>/prolong")
@allows("wave.manage")
def ask_prolonging(code: str, wave: str) -> str:
    """Ask until when a wave goes on, and why."""
    with reading_db() as db:
        return render_template("waves/prolong.html", **place(db, code, wave), form=Form())


@blueprint.get("/schedule")
@allows("wave.manage")
def ask_schedule(code: str) -> str:
    """Show where the schedule goes out and comes in as a file."""
    with reading_db() as db:
        return render_template("waves/schedule.html", programme=get_programme_for(db, g.viewer, code), form=Form(), faults=())


@blueprint.get("/schedule/file")
@allows("wave.manage")
def download_schedule(code: str) -> FileResponse:
    """Send the schedule as a CSV file in REDCap's order."""
    with reading_db() as db:
        content = export_schedule(db, get_programme_for(db, g.viewer, code))
    headers = {"Content-Disposition": f'attachment; filename="schedule-{code}.csv"'}
    return FileResponse(content, headers=headers, mimetype="text/csv")


@blueprint.post("/schedule")
@allows("wave.manage")
def take_schedule(code: str) -> Answer:
    """Take a changed schedule in, all of it or nothing."""
    form, faults, changed = Form(), tuple[Fault, ...](), 0
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        try:
            with db.begin_nested(), _uploaded() as path:
                changed = import_schedule(db, programme, path)
        except RefusedFile as refused:
            faults = refused.faults
            form.add_fault("file", refused.message)
        if form.refused:
            return render_template("waves/schedule.html", programme=programme, form=form, faults=faults), 422
    return _done(Message("The schedule is taken in. Waves changed: %(count)s.", count=changed), ".list_waves", code=code)


@contextmanager
def _uploaded() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "schedule.csv"
        upload = request.files.get("file")
        path.write_bytes(upload.read() if upload else b"")
        yield path


def _details(db: Session, form: Form) -> WaveDetails:
    said = dict(form.values)
    said.pop("code", None)
    instrument = said.pop("instrument")
    if instrument not in {published.id for published in list_instruments(db)}:
        raise RefusedWave("instrument", Message("Choose one of the published forms."))
    return WaveDetails(**{**said, "instrument_id": instrument, "reminders": read_reminders(form.given["reminders"])})


@contextmanager
def _trying(db: Session, form: Form, otherwise: str = "") -> Iterator[None]:
    """Turn a refusal into a fault of its field; of what was refused nothing stays written."""
    try:
        with db.begin_nested():
            yield
    except RefusedWave as refused:
        form.add_fault("instrument" if refused.field == "instrument_id" else refused.field, refused.message)
    except AppError as refused:
        form.add_fault(otherwise, refused.message)


def _wave_page(db: Session, programme: Any, wave: Any, form: Form) -> str:
    return render_template(
        "waves/edit.html",
        programme=programme,
        wave=wave,
        form=form,
        instruments=list_instruments(db),
        fixed=wave is not None and has_begun(db, wave.id),
    )


def _done(message: Message, endpoint: str, **values: Any) -> Answer:
    flash(message.within(g.language))
    return redirect(url_for(endpoint, **values), 303)
