"""The assignments of a programme: listed, begun, described, shown, dropped, and drawn again to see that nothing was touched."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.reports.assignment_record.queries import list_records
from evalapp.training.assignment.edit_assignment import (
    LONGEST_CRITERIA,
    AssignmentDetails,
    add_assignment,
    drop_assignment,
    edit_assignment,
)
from evalapp.training.assignment.queries import (
    count_outcomes,
    find_later,
    get_assignment,
    get_procedure,
    list_assignments,
    list_members,
)
from evalapp.training.assignment.stored_procedure import replay_assignment
from evalapp.training.assignment.words import KIND_WORDS
from evalapp.training.cohorts.queries import list_cohorts
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.assignments.place import back_to, blueprint, place
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

DETAILS = (
    Column("kind", "choice", required=True, choices=tuple(KIND_WORDS)),
    Column("criteria", required=True, maximum=LONGEST_CRITERIA + 100),
    Column("treatment_cohort", required=True, maximum=20),
    Column("control_cohort", required=True, maximum=20),
)
CODE, REASON = Column("code", required=True, maximum=20), Column("reason", required=True, maximum=400)


@blueprint.get("", endpoint="list_assignments")
@allows("assignment.view")
def list_all(code: str) -> str:
    """List a programme's assignments."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return render_template("assignments/list.html", programme=programme, lines=list_assignments(db, programme.id))


@blueprint.get("/new")
@allows("assignment.manage")
def ask_assignment(code: str) -> str:
    """Show the form of a new assignment, or of one that is to replace another."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        replaced = _replaced(db, programme.id, request.args.get("replaces", ""))
        return _form_page(db, programme, filled(_usual(db, programme.id, replaced)), replaces=replaced)


@blueprint.post("/new")
@allows("assignment.manage")
def add(code: str) -> Answer:
    """Begin an assignment."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        replaced = _replaced(db, programme.id, request.form.get("replaces", ""))
        form = read_form((CODE, *DETAILS, *([REASON] if replaced else [])))
        if not form.refused:
            with trying(db, form, "code"):
                add_assignment(db, programme, form.values["code"], _details(form), replaced, form.values.get("reason") or "")
        if form.refused:
            return _form_page(db, programme, form, replaces=replaced), 422
    return done(Message("The assignment is begun. Now choose the pool."), ".show_pool", code=code, assignment=form.values["code"])


@blueprint.get("/<assignment>/edit")
@allows("assignment.manage")
def ask_change(code: str, assignment: str) -> Answer:
    """Show what is said of an assignment, to be changed while its pool is open."""
    with reading_db() as db:
        where = place(db, code, assignment)
        found = where["assignment"]
        if found.state != "draft":
            return back_to(code, assignment)
        stored = {"kind": found.kind, "criteria": found.criteria}
        cohorts = {"treatment_cohort": where["treated"].code, "control_cohort": where["control"].code}
        return _form_page(db, where["programme"], filled(stored | cohorts), assignment=found, replaces=where["replaces"])


@blueprint.post("/<assignment>/edit")
@allows("assignment.manage")
def change(code: str, assignment: str) -> Answer:
    """Change what is said of an assignment."""
    form = read_form(DETAILS)
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "kind"):
                edit_assignment(db, where["assignment"], _details(form))
        if form.refused:
            return _form_page(db, where["programme"], form, assignment=where["assignment"], replaces=where["replaces"]), 422
    return done(Message("The assignment is changed."), ".show", code=code, assignment=assignment)


@blueprint.get("/<assignment>")
@allows("assignment.view")
def show(code: str, assignment: str) -> str:
    """Show how far an assignment is; once it is locked, what came of it."""
    with reading_db() as db:
        return _show(db, place(db, code, assignment), Form())


@blueprint.post("/<assignment>/drop")
@allows("assignment.manage")
def drop(code: str, assignment: str) -> Answer:
    """Take an assignment away that is not locked."""
    form = read_form((REASON,))
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "reason"):
                drop_assignment(db, where["assignment"], form.values["reason"])
        if form.refused:
            return _show(db, where, form), 422
    return done(Message("The assignment is dropped."), ".list_assignments", code=code)


@blueprint.get("/<assignment>/replay")
@allows("assignment.view")
def replay(code: str, assignment: str) -> Answer:
    """Draw again from the record, and say whether everyone gets the same place."""
    with reading_db() as db:
        where = place(db, code, assignment)
        if where["assignment"].state != "locked" or where["assignment"].kind != "randomised":
            return back_to(code, assignment)
        return render_template("assignments/replay.html", **where, replay=replay_assignment(where["assignment"]))


def _show(db: Session, where: dict[str, Any], form: Form) -> str:
    found = where["assignment"]
    return render_template(
        "assignments/show.html",
        **where,
        form=form,
        members=list_members(db, found),
        stored=get_procedure(found),
        outcomes=count_outcomes(db, found),
        later=find_later(db, found),
        printed=list_records(db, found.id),
    )


def _replaced(db: Session, programme_id: int, code: str) -> Any:
    return get_assignment(db, programme_id, code) if code else None


def _usual(db: Session, programme_id: int, replaced: Any) -> dict[str, object]:
    """Return what a new form stands on: the cohorts that are there, or all that the replaced assignment said."""
    if replaced is not None:
        codes = {cohort.id: cohort.code for cohort in list_cohorts(db, programme_id)}
        cohorts = {"treatment_cohort": codes[replaced.treatment_cohort_id], "control_cohort": codes[replaced.control_cohort_id]}
        return {"kind": replaced.kind, "criteria": replaced.criteria, **cohorts}
    return {"kind": "randomised"}


def _details(form: Form) -> AssignmentDetails:
    return AssignmentDetails(**{column.name: form.values[column.name] for column in DETAILS})


def _form_page(db: Session, programme: Any, form: Form, assignment: Any = None, replaces: Any = None) -> str:
    return render_template(
        "assignments/edit.html",
        programme=programme,
        form=form,
        assignment=assignment,
        replaces=replaces,
        cohorts=list_cohorts(db, programme.id),
    )
