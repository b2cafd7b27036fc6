"""Who teaches a session: co-trainers and observers beside the lead, and a substitute instead."""

from __future__ import annotations

from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.training.cohorts.queries import get_trainer
from evalapp.training.sessions.change_session import mark_of
from evalapp.training.sessions.queries import get_lead
from evalapp.training.sessions.session_trainers import add_helper, remove_helper, send_substitute
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.training.session_page import session_page
from evalapp.web.training.session_place import TRAINER, blueprint, place, trainer_choices
from evalapp.web.transactions import reading_db, writing_db

SUBSTITUTE = (TRAINER, Column("seen", required=True, maximum=200), Column("reason", maximum=200))
HELPER = (TRAINER, Column("role", "choice", required=True, choices=("co_trainer", "observer")))


@blueprint.get("/<int:number>/substitute")
@allows("cohort.manage")
def ask_substitute(code: str, cohort: str, number: int) -> str:
    """Ask who leads a session instead, and why."""
    with reading_db() as db:
        where = place(db, code, cohort, number)
        return render_template(
            "sessions/substitute.html", **where, **_choices(db, where), form=Form({"seen": mark_of(where["session"])})
        )


@blueprint.post("/<int:number>/substitute")
@allows("cohort.manage")
def substitute(code: str, cohort: str, number: int) -> Answer:
    """Let another trainer lead a session."""
    form = read_form(SUBSTITUTE)
    with writing_db() as db:
        where = place(db, code, cohort, number)
        if not form.refused:
            with trying(db, form, "trainer"):
                trainer = get_trainer(db, where["programme"].id, form.given["trainer"])
                send_substitute(db, where["session"], trainer, form.given["seen"], form.given["reason"])
        if form.refused:
            return render_template("sessions/substitute.html", **where, **_choices(db, where), form=form), 422
    return done(Message("The substitute is on the session."), ".show", code=code, cohort=cohort, number=number)


@blueprint.post("/<int:number>/trainers")
@allows("cohort.manage")
def add_trainer(code: str, cohort: str, number: int) -> Answer:
    """Put a co-trainer or an observer on a session."""
    form = read_form(HELPER)
    with writing_db() as db:
        where = place(db, code, cohort, number)
        if not form.refused:
            with trying(db, form, "trainer"):
                add_helper(db, where["session"], get_trainer(db, where["programme"].id, form.given["trainer"]), form.values["role"])
        if form.refused:
            return session_page(db, where, form), 422
    said = Message("Trainer %(trainer)s is on the session.", trainer=form.given["trainer"])
    return done(said, ".show", code=code, cohort=cohort, number=number)


@blueprint.post("/<int:number>/trainers/remove")
@allows("cohort.manage")
def remove_trainer(code: str, cohort: str, number: int) -> Answer:
    """Take somebody off a session."""
    form = read_form((TRAINER,))
    with writing_db() as db:
        where = place(db, code, cohort, number)
        remove_helper(db, where["session"], get_trainer(db, where["programme"].id, form.given["trainer"]))
    said = Message("Trainer %(trainer)s is off the session.", trainer=form.given["trainer"])
    return done(said, ".show", code=code, cohort=cohort, number=number)


def _choices(db: Session, where: dict[str, Any]) -> dict[str, object]:
    lead = get_lead(db, where["session"])
    return {"lead": lead, "trainers": [code for code in trainer_choices(db, where["programme"].id) if code != lead]}
