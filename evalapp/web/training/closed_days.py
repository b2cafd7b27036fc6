"""Days on which a programme does not train: the country's holidays, and its own."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, g, render_template
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.sessions.closed_days import add_closed_day, list_closed_days, list_own_closed_days, open_closed_day
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("closed_days", __name__, url_prefix="/programmes/<code>/closed-days")
DAY = Column("closed_on", "date", required=True)
REASON = Column("reason", required=True, maximum=120)
YEAR = dt.timedelta(days=365)


@blueprint.get("")
@allows("cohort.manage")
def show(code: str) -> str:
    """Show the days without training of the coming year."""
    with reading_db() as db:
        return _page(db, code, Form())


@blueprint.post("")
@allows("cohort.manage")
def add(code: str) -> Answer:
    """Close a day."""
    form = read_form((DAY, REASON))
    with writing_db() as db:
        if not form.refused:
            with trying(db, form, "closed_on"):
                add_closed_day(db, get_programme_for(db, g.viewer, code), form.values["closed_on"], form.given["reason"])
        if form.refused:
            return _page(db, code, form), 422
    return done(Message("The day is closed. New schedules leave it out."), ".show", code=code)


@blueprint.post("/open")
@allows("cohort.manage")
def open_again(code: str) -> Answer:
    """Open a day again."""
    form = read_form((DAY,))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if form.refused:
            return _page(db, code, form), 422
        open_closed_day(db, programme, form.values["closed_on"])
    return done(Message("The day is open again."), ".show", code=code)


def _page(db: Session, code: str, form: Form) -> str:
    programme = get_programme_for(db, g.viewer, code)
    coming = list_closed_days(db, programme.id, today(), today() + YEAR, g.language)
    return render_template(
        "sessions/closed_days.html", programme=programme, form=form, coming=coming, own=list_own_closed_days(db, programme.id)
    )
