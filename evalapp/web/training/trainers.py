"""The register of a programme's trainers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, render_template
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.cohorts.keep_trainer import TrainerDetails, add_trainer, change_trainer
from evalapp.training.cohorts.queries import find_account_code, get_trainer, list_trainer_accounts
from evalapp.training.cohorts.queries import list_trainers as list_register
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("trainers", __name__, url_prefix="/programmes/<code>/trainers")
CODE = Column("code", "code", required=True, maximum=20)
DETAILS = (
    Column("account", "code", maximum=20),
    Column("certified_on", "date"),
    Column("certificate", maximum=80),
    Column("left_on", "date"),
)


@blueprint.get("")
@allows("training.view")
def list_trainers(code: str) -> str:
    """List a programme's trainers: their accounts and certificates, and what they teach."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template("cohorts/trainers.html", programme=programme, trainers=list_register(db, programme.id))


@blueprint.get("/new")
@allows("cohort.manage")
def ask_trainer(code: str) -> str:
    """Show the form of a new trainer."""
    with reading_db() as db:
        return _page(db, get_programme_for(db, g.viewer, code), None, Form())


@blueprint.post("/new")
@allows("cohort.manage")
def add(code: str) -> Answer:
    """Put a trainer into the register."""
    form = read_form((CODE, *DETAILS))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused:
            with trying(db, form, "code"):
                add_trainer(db, programme.id, form.values["code"], _details(form))
        if form.refused:
            return _page(db, programme, None, form), 422
    return done(Message("The trainer is in the register."), ".list_trainers", code=code)


@blueprint.get("/<trainer>")
@allows("cohort.manage")
def ask_change(code: str, trainer: str) -> str:
    """Show what the register says of a trainer."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_trainer(db, programme.id, trainer)
        stored = {column.name: getattr(known, column.name, None) for column in DETAILS}
        return _page(db, programme, known, filled(stored | {"account": find_account_code(db, known)}))


@blueprint.post("/<trainer>")
@allows("cohort.manage")
def change(code: str, trainer: str) -> Answer:
    """Change what the register says of a trainer."""
    form = read_form(DETAILS)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_trainer(db, programme.id, trainer)
        if not form.refused:
            with trying(db, form, "account"):
                change_trainer(db, programme.id, known, _details(form))
        if form.refused:
            return _page(db, programme, known, form), 422
    return done(Message("The register is changed."), ".list_trainers", code=code)


def _details(form: Form) -> TrainerDetails:
    values = form.values
    return TrainerDetails(values["account"], values["certified_on"], values["certificate"] or "", values["left_on"])


def _page(db: Session, programme: Any, trainer: Any, form: Form) -> str:
    known = {form.given["account"]} if form.given.get("account") and trainer else set()
    accounts = sorted(known | set(list_trainer_accounts(db, programme.id)))
    return render_template("cohorts/trainer.html", programme=programme, trainer=trainer, form=form, accounts=accounts)
