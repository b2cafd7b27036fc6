"""The completion rule of a cohort applied: first who meets it, then written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.enrolments.complete_cohort import complete_cohort, preview_completion
from evalapp.training.enrolments.minutes import percent
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training.cohort_place import blueprint, place
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import reading_db, writing_db

FIELDS = (Column("stepped_on", "date", required=True), Column("end_others"))


@blueprint.get("/<cohort>/completion")
@allows("cohort.manage")
def ask_completion(code: str, cohort: str) -> str:
    """Show who would complete the training today and who would not."""
    with reading_db() as db:
        return _page(db, place(db, code, cohort), Form({"stepped_on": today().isoformat()}))


@blueprint.post("/<cohort>/completion")
@allows("cohort.manage")
def complete(code: str, cohort: str) -> Answer:
    """Write down who completed the training."""
    form = read_form(FIELDS)
    completed = ended = 0
    faults: Mapping[str, Message] = {}
    with writing_db() as db:
        where = place(db, code, cohort)
        if not form.refused:
            try:
                with db.begin_nested():
                    end_others = bool(request.form.get("end_others"))
                    completed, ended = complete_cohort(db, where["cohort"], form.values["stepped_on"], end_others=end_others)
            except AppError as refused:
                form.add_fault("stepped_on", refused.message)
                faults = getattr(refused, "people", faults)
        if form.refused:
            return _page(db, where, form, faults), 422
    said = Message(
        "Completed: %(completed)s. Ended because they were not there long enough: %(ended)s.", completed=completed, ended=ended
    )
    return done(said, ".show", code=code, cohort=cohort)


def _page(db: Session, where: dict[str, Any], form: Form, faults: Mapping[str, Message] | None = None) -> str:
    preview = preview_completion(db, where["cohort"])
    shown = {"form": form, "faults": faults or {}, "preview": preview, "percent": percent, "today": today()}
    return render_template("cohorts/completion.html", **where, **shown)
