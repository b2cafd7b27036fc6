"""The draw, or the decisions and their lock, and the record that is printed of both."""

from __future__ import annotations

import io
from typing import Any

from flask import Response, flash, g, render_template, request, send_file
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.columns import Column
from evalapp.core.language import LANGUAGES, Message
from evalapp.reports.assignment_record.outline_record import record_file_name
from evalapp.reports.assignment_record.print_record import print_record, render_record
from evalapp.reports.assignment_record.queries import find_record
from evalapp.training.assignment.decide_assignment import Decision, compare_decided, keep_decisions, lock_decisions
from evalapp.training.assignment.draw_assignment import draw_assignment
from evalapp.training.assignment.preview_balance import preview_balance
from evalapp.training.assignment.queries import count_free_places, get_procedure, list_members
from evalapp.training.assignment.words import DECIDER_WORDS
from evalapp.web.access import allows, confirmed
from evalapp.web.forms import Form, read_form, row_number
from evalapp.web.training.assignments.place import back_to, blueprint, characteristics_of, place
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

SEED = (Column("seed", maximum=18),)


@blueprint.get("/<assignment>/draw")
@allows("assignment.manage")
def ask_draw(code: str, assignment: str) -> Answer:
    """Show what will be drawn, for the last time before it is."""
    with reading_db() as db:
        where = place(db, code, assignment)
        if not _can_draw(where["assignment"]):
            return back_to(code, assignment)
        return _draw_page(where, Form())


@blueprint.post("/<assignment>/draw")
@allows("assignment.manage")
@confirmed
def draw(code: str, assignment: str) -> Answer:
    """Draw once, lock, and print the record."""
    form = read_form(SEED)
    digits = form.given["seed"]
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "seed"):
                draw_assignment(db, where["assignment"], int(digits) if digits.isascii() and digits.isdecimal() else None)
        if form.refused:
            return _draw_page(where, form) if _can_draw(where["assignment"]) else _stale(code, assignment, form), 422
    _print(code, assignment)
    return done(Message("The places are drawn and locked."), ".show", code=code, assignment=assignment)


@blueprint.get("/<assignment>/decisions")
@allows("assignment.manage")
def ask_decisions(code: str, assignment: str) -> Answer:
    """Show everybody who can be chosen, with what was decided so far."""
    with reading_db() as db:
        where = place(db, code, assignment)
        if not _can_decide(where["assignment"]):
            return back_to(code, assignment)
        return _decisions_page(db, where, Form())


@blueprint.post("/<assignment>/decisions")
@allows("assignment.manage")
def decide(code: str, assignment: str) -> Answer:
    """Write down who gets a place, and why."""
    form = Form(given=request.form.to_dict())
    deciders = [key for key in request.form.getlist("decided_by") if key in DECIDER_WORDS]
    with writing_db() as db:
        where = place(db, code, assignment)
        with trying(db, form):
            keep_decisions(db, where["assignment"], deciders, _decisions(db, where["assignment"]))
        if form.refused:
            return _decisions_page(db, where, form) if _can_decide(where["assignment"]) else _stale(code, assignment, form), 422
    return done(
        Message("The decisions are kept. They can be changed until they are locked."), ".ask_lock", code=code, assignment=assignment
    )


@blueprint.get("/<assignment>/lock")
@allows("assignment.manage")
def ask_lock(code: str, assignment: str) -> Answer:
    """Show how alike the groups are, and what is still missing, before decisions are locked."""
    with reading_db() as db:
        where = place(db, code, assignment)
        if not _can_decide(where["assignment"]):
            return back_to(code, assignment)
        return _lock_page(db, where, Form(), request.args.getlist("covariates"))


@blueprint.post("/<assignment>/lock")
@allows("assignment.manage")
@confirmed
def lock(code: str, assignment: str) -> Answer:
    """Lock what was decided, and print the record."""
    form, covariates = Form(), request.form.getlist("covariates")
    with writing_db() as db:
        where = place(db, code, assignment)
        with trying(db, form, "covariates"):
            lock_decisions(db, where["assignment"], covariates)
        if form.refused:
            return _lock_page(db, where, form, covariates) if _can_decide(where["assignment"]) else _stale(
                code, assignment, form
            ), 422
    _print(code, assignment)
    return done(Message("The decisions are locked."), ".show", code=code, assignment=assignment)


@blueprint.post("/<assignment>/record")
@allows("assignment.manage")
def print_again(code: str, assignment: str) -> Answer:
    """Print the record where that was interrupted; one that was printed stays as it is."""
    with reading_db() as db:
        if place(db, code, assignment)["assignment"].state != "locked":
            return back_to(code, assignment)
    _print(code, assignment)
    return done(Message("The record is printed."), ".show", code=code, assignment=assignment)


@blueprint.get("/<assignment>/record/<any(ko, en):language>")
@allows("assignment.view")
def download(code: str, assignment: str, language: str) -> Response | Answer:
    """Send the record as it was printed."""
    with writing_db() as db:
        found = place(db, code, assignment)["assignment"]
        kept = find_record(db, found.id, language)
        if kept is None:
            flash(Message("This record was not printed yet.").within(g.language))
            return back_to(code, assignment)
        record_entry(db, "assignment_record_downloaded", "assignment", found.id, after={"language": language})
        name = record_file_name(found, language)
        return send_file(io.BytesIO(kept.content), mimetype="application/pdf", as_attachment=True, download_name=name)


def _print(code: str, assignment: str) -> None:
    """Lay out and store the record in both languages; laying out keeps no writer waiting."""
    for language in LANGUAGES:
        with reading_db() as db:
            rendered = render_record(place(db, code, assignment)["assignment"], language)
        with writing_db() as db:
            print_record(db, place(db, code, assignment)["assignment"], language, rendered)


def _can_draw(assignment: Any) -> bool:
    return assignment.state == "pool_frozen" and assignment.kind == "randomised" and bool(assignment.procedure)


def _can_decide(assignment: Any) -> bool:
    return bool(assignment.state == "pool_frozen" and assignment.kind == "decided")


def _stale(code: str, assignment: str, form: Form) -> str:
    return render_template("assignments/stale.html", code=code, assignment=assignment, form=form)


def _draw_page(where: dict[str, Any], form: Form) -> str:
    stored = get_procedure(where["assignment"])
    return render_template("assignments/draw.html", **where, form=form, stored=stored, outlook=preview_balance(stored))


def _decisions(db: Session, assignment: Any) -> dict[str, Decision]:
    """Read the rows of the posted table; a person whose row was not posted stays as they are."""
    posted = request.form
    return {
        member.study_id: Decision(
            posted[f"arm-{member.study_id}"],
            posted.get(f"reason-{member.study_id}", "").strip(),
            row_number(posted.get(f"position-{member.study_id}", "").strip()),
        )
        for member in list_members(db, assignment)
        if member.is_eligible and f"arm-{member.study_id}" in posted
    }


def _decisions_page(db: Session, where: dict[str, Any], form: Form) -> str:
    members = [member for member in list_members(db, where["assignment"]) if member.is_eligible]
    if not form.given:
        stored = {
            f"{name}-{member.study_id}": "" if value is None else str(value)
            for member in members
            for name, value in (("arm", member.arm), ("reason", member.reason), ("position", member.position))
        }
        form = Form(given=stored)
    deciders = request.form.getlist("decided_by") if request.method == "POST" else where["assignment"].decided_by.split(",")
    free = count_free_places(db, where["assignment"])
    return render_template("assignments/decisions.html", **where, form=form, members=members, deciders=deciders, free=free)


def _lock_page(db: Session, where: dict[str, Any], form: Form, covariates: list[str]) -> str:
    members = [member for member in list_members(db, where["assignment"]) if member.is_eligible]
    offered = characteristics_of(db, where)["balanced"]
    chosen = [name for name, _ in offered if name in covariates]
    return render_template(
        "assignments/lock.html",
        **where,
        form=form,
        members=members,
        balanced=offered,
        chosen=chosen,
        labels=dict(offered),
        balance=compare_decided(db, where["assignment"], chosen) if any(member.arm for member in members) else None,
    )
