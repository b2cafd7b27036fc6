"""People moved from a stage of the training to another: those chosen on a list, or pasted by study ID. All of them, or nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.faults import shown_entry
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for, resolve_people
from evalapp.training.cohorts.queries import find_cohort, list_cohorts
from evalapp.training.enrolments.move_stage import LONGEST_NOTE, RefusedMove, move_stage
from evalapp.training.enrolments.queries import list_people_of
from evalapp.training.enrolments.stages import FORWARD
from evalapp.training.enrolments.words import STAGES
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training.cohort_place import blueprint
from evalapp.web.training.cohort_words import list_moves
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import reading_db, writing_db

MOST_PEOPLE = 500
BETWEEN = re.compile(r"[\s,;]+")
APPLICANTS = "applicants"
FIELDS = (
    Column("step", required=True, maximum=40),
    Column("stepped_on", "date", required=True),
    Column("cohort", "code", maximum=20),
    Column("note", maximum=LONGEST_NOTE),
)
FROM_ANYWHERE = tuple(FORWARD)


@blueprint.get("/stages")
@allows("cohort.manage")
def ask_people(code: str) -> str:
    """Ask for study IDs and what becomes of these people."""
    usual = {"stepped_on": today().isoformat(), "cohort": request.args.get("cohort", ""), "step": "enrolled:eligible"}
    with reading_db() as db:
        return _page(db, get_programme_for(db, g.viewer, code), Form(usual))


@blueprint.post("/stages")
@allows("cohort.manage")
def move(code: str) -> Answer:
    """Move people, or name everyone who stands in the way."""
    form = read_form(FIELDS)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        names = _chosen(db, programme)
        form.given = {**form.given, "people": "\n".join(names), "back": request.form.get("back", "")}
        people, faults = _resolved(db, programme, names, form)
        is_full, count = False, 0
        if not form.refused:
            try:
                with db.begin_nested():
                    count = _move(db, programme, people, form)
            except RefusedMove as refused:
                form.add_fault(refused.field or "people", refused.message)
                faults, is_full = refused.people, refused.is_full
        if form.refused:
            return _page(db, programme, form, faults, is_full=is_full), 422
        stage = _wanted(form)[0]
    said = Message("People moved: %(count)s. Now: %(stage)s.", count=count, stage=STAGES[stage])
    back = form.given["back"] or form.values["cohort"]
    if back and back != APPLICANTS:
        return done(said, ".show", code=code, cohort=back)
    return done(said, ".list_applicants" if back else ".list_cohorts", code=code)


@blueprint.get(f"/{APPLICANTS}")
@allows("cohort.manage")
def list_applicants(code: str) -> str:
    """Show the people who are in no cohort yet: who applied, who waits, who was declined."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template(
            "cohorts/applicants.html",
            programme=programme,
            people=list_people_of(db, programme.id, None),
            cohorts=list_cohorts(db, programme.id),
            today=today(),
        )


def _chosen(db: Session, programme: Any) -> list[str]:
    """Return the identifiers that were ticked or pasted, each once; "everyone" names a stage of the list that the form stood on."""
    named = request.form.getlist("person") + BETWEEN.split(request.form.get("people", ""))
    if everyone := request.form.get("everyone"):
        cohort = find_cohort(db, programme.id, request.form.get("back", ""))
        stages = list_people_of(db, programme.id, cohort.id if cohort else None)
        named = [person.study_id for person in stages.get(everyone, ())] + named
    return list(dict.fromkeys(name for name in named if name))


def _resolved(db: Session, programme: Any, names: Sequence[str], form: Form) -> tuple[list[int], Mapping[str, Message]]:
    if not names:
        form.add_fault("people", Message("Choose somebody, or paste study IDs."))
    if len(names) > MOST_PEOPLE:
        form.add_fault(
            "people", Message("These are %(count)s people; at most %(most)s at once.", count=len(names), most=MOST_PEOPLE)
        )
        return [], {}
    found = resolve_people(db, programme.id, names)
    unknown = {shown_entry(name): Message("Nobody in this programme has this study ID.") for name in names if name not in found}
    if unknown:
        form.add_fault("people", Message("Nobody was moved. People who cannot be: %(count)s.", count=len(unknown)))
    return [found[name] for name in names if name in found], unknown


def _wanted(form: Form) -> tuple[str, str]:
    if request.form.get("instead") == "waitlisted":
        return "waitlisted", "eligible"
    stage, _, reason = str(form.values["step"]).partition(":")
    return stage, reason


def _move(db: Session, programme: Any, people: Sequence[int], form: Form) -> int:
    stage, reason = _wanted(form)
    if stage not in STAGES:
        raise RefusedMove(Message("Choose what becomes of these people."), field="step")
    cohort = find_cohort(db, programme.id, form.values["cohort"]) if form.values["cohort"] else None
    if form.values["cohort"] and cohort is None:
        raise RefusedMove(Message("There is no such cohort."), field="cohort")
    return move_stage(db, programme.id, people, stage, form.values["stepped_on"], reason, form.values["note"] or "", cohort)


def _page(db: Session, programme: Any, form: Form, faults: Mapping[str, Message] | None = None, *, is_full: bool = False) -> str:
    return render_template(
        "cohorts/stages.html",
        programme=programme,
        form=form,
        faults=faults or {},
        is_full=is_full,
        moves=list_moves(FROM_ANYWHERE),
        cohorts=list_cohorts(db, programme.id),
    )
