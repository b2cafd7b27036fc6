"""The pool of an assignment: people put in, judged, taken out, and the pool frozen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from flask import render_template
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.words import RECRUITMENT
from evalapp.training.assignment.choose_pool import (
    LONGEST_CLUSTER,
    LONGEST_REASON,
    add_listed,
    add_people,
    freeze_pool,
    judge_member,
    remove_member,
    thaw_pool,
)
from evalapp.training.assignment.queries import Candidate, count_outcomes, get_member, list_candidates, list_members
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.assignments.place import blueprint, place
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

LONGEST_LIST = 20_000
SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "applied": ("applied",),
    "waiting": ("applied", "waitlisted"),
    "registered": ("", "applied", "waitlisted"),
}
ADDING = (
    Column("source", "choice", choices=(*SOURCES, "listed")),
    Column("channel", "choice", choices=tuple(RECRUITMENT)),
    Column("registered_from", "date"),
    Column("registered_to", "date"),
)
LIST = Column("listed", maximum=LONGEST_LIST)
JUDGING = (
    Column("is_eligible", "choice", required=True, choices=("yes", "no")),
    Column("reason", maximum=LONGEST_REASON),
    Column("cluster", maximum=LONGEST_CLUSTER),
)
REASON = (Column("reason", required=True, maximum=400),)


@blueprint.get("/<assignment>/pool")
@allows("assignment.view")
def show_pool(code: str, assignment: str) -> str:
    """Show who is in the pool, and who cannot be."""
    with reading_db() as db:
        return _pool_page(db, place(db, code, assignment), filled({"source": "waiting"}))


@blueprint.post("/<assignment>/pool")
@allows("assignment.manage")
def add_to_pool(code: str, assignment: str) -> Answer:
    """Put people into the pool: those at a stage, all registered, or those of a list."""
    form = read_form((*ADDING, LIST))
    added = 0
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "source"):
                added = _add(db, where["assignment"], form)
        if form.refused:
            return _pool_page(db, where, form), 422
    return done(Message("People put into the pool: %(count)s.", count=added), ".show_pool", code=code, assignment=assignment)


@blueprint.get("/<assignment>/pool/<study_id>")
@allows("assignment.manage")
def show_member(code: str, assignment: str, study_id: str) -> str:
    """Show someone of the pool, to say whether they can be chosen."""
    with reading_db() as db:
        where = place(db, code, assignment)
        member = get_member(db, where["assignment"], study_id)
        stored = {"is_eligible": "yes" if member.is_eligible else "no", "reason": member.reason, "cluster": member.cluster}
        return render_template("assignments/member.html", **where, study_id=study_id, form=filled(stored))


@blueprint.post("/<assignment>/pool/<study_id>")
@allows("assignment.manage")
def judge(code: str, assignment: str, study_id: str) -> Answer:
    """Say whether someone can be chosen, and if not, why."""
    form = read_form(JUDGING)
    with writing_db() as db:
        where = place(db, code, assignment)
        member = get_member(db, where["assignment"], study_id)
        if not form.refused:
            said = {"reason": form.values["reason"] or "", "cluster": form.values["cluster"] or ""}
            with trying(db, form, "is_eligible"):
                judge_member(db, where["assignment"], member, is_eligible=form.values["is_eligible"] == "yes", **said)
        if form.refused:
            return render_template("assignments/member.html", **where, study_id=study_id, form=form), 422
    return done(Message("%(id)s: written down.", id=study_id), ".show_pool", code=code, assignment=assignment)


@blueprint.post("/<assignment>/pool/<study_id>/remove")
@allows("assignment.manage")
def remove(code: str, assignment: str, study_id: str) -> Answer:
    """Take someone out of the pool who was put in by mistake."""
    form = Form()
    with writing_db() as db:
        where = place(db, code, assignment)
        member = get_member(db, where["assignment"], study_id)
        with trying(db, form, "is_eligible"):
            remove_member(db, where["assignment"], member)
        if form.refused:
            return render_template("assignments/member.html", **where, study_id=study_id, form=form), 422
    return done(Message("%(id)s is out of the pool.", id=study_id), ".show_pool", code=code, assignment=assignment)


@blueprint.post("/<assignment>/freeze")
@allows("assignment.manage")
def freeze(code: str, assignment: str) -> Answer:
    """Close the pool, dated and with its fingerprint."""
    form = Form()
    with writing_db() as db:
        where = place(db, code, assignment)
        with trying(db, form, "source"):
            freeze_pool(db, where["assignment"])
        if form.refused:
            return _pool_page(db, where, form), 422
    return done(Message("The pool is frozen."), ".show", code=code, assignment=assignment)


@blueprint.post("/<assignment>/thaw")
@allows("assignment.manage")
def thaw(code: str, assignment: str) -> Answer:
    """Open a frozen pool again, with the reason."""
    form = read_form(REASON)
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "reason"):
                thaw_pool(db, where["assignment"], form.values["reason"])
        if form.refused:
            return _pool_page(db, where, form), 422
    return done(Message("The pool is open again."), ".show_pool", code=code, assignment=assignment)


def _add(db: Session, assignment: Any, form: Form) -> int:
    if form.values["source"] == "listed" or (form.values["source"] is None and form.given["listed"]):
        return add_listed(db, assignment, form.given["listed"])
    stages = SOURCES[form.values["source"] or "waiting"]
    return add_people(db, assignment, [one for one in list_candidates(db, assignment) if one.stage in stages and _fits(one, form)])


def _fits(one: Candidate, form: Form) -> bool:
    channel, first, last = (form.values[name] for name in ("channel", "registered_from", "registered_to"))
    return (
        (channel in (None, one.channel))
        and (first is None or one.registered_on >= first)
        and (last is None or one.registered_on <= last)
    )


def _pool_page(db: Session, where: dict[str, Any], form: Form) -> str:
    members = list_members(db, where["assignment"])
    there = {member.entrepreneur_id for member in members}
    candidates = list_candidates(db, where["assignment"])
    barred = [one for one in candidates if one.obstacle and (one.stage in SOURCES["waiting"] or one.id in there)]
    stages = Counter(one.stage for one in candidates if not one.obstacle and one.id not in there)
    return render_template(
        "assignments/pool.html",
        **where,
        form=form,
        members=members,
        barred=barred,
        outcomes=count_outcomes(db, where["assignment"]),
        can_add={name: sum(stages[stage] for stage in stages_of) for name, stages_of in SOURCES.items()},
        channels=RECRUITMENT,
    )
