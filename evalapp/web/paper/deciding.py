"""Two entries side by side: what stands on the paper is decided field by field, by somebody who typed neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.double_entry.merge_entries import CHOICES, merge_entries, refuse_typist
from evalapp.surveys.double_entry.queries import DAY, Comparison, Decision, compare_form, get_paper_form, list_paper_lines
from evalapp.surveys.review.check_comment import check_comment
from evalapp.web.access import allows
from evalapp.web.answering.pages import ask_rules
from evalapp.web.forms import Form, read_form
from evalapp.web.paper.place import Answer, blueprint, done, trying
from evalapp.web.paper.shown_fields import ShownField, shown_fields
from evalapp.web.transactions import reading_db, writing_db
from evalapp.xform.faults import FormError

LONGEST_REASON = 400


@blueprint.get("/interviews/paper/forms/<int:paper>")
@allows("interview.hold")
def compare(code: str, paper: int) -> Answer:
    """Show where the two entries of a form differ. Whoever typed one of them is not shown the other."""
    with reading_db() as db:
        where = _place(db, code, paper)
        if where["paper"].merged_at is not None:
            return _merged(where)
        found = _compared(db, where)
        return _page(where, found, shown_fields(found), Form())


@blueprint.post("/interviews/paper/forms/<int:paper>")
@allows("interview.hold")
def decide(code: str, paper: int) -> Answer:
    """Make one submission of both entries, and go on to the next form that waits."""
    with writing_db() as db:
        where = _place(db, code, paper)
        found = _compared(db, where)
        fields = shown_fields(found)
        form = read_form([column for field in fields for column in _columns(field)])
        decided = {field.place: decision for field in fields if (decision := _decision(field, form))}
        submission = None
        if not form.refused:
            with trying(db, form, fields[0].pick if fields else "form"):
                submission = merge_entries(db, where["paper"], decided)
        if submission is None:
            return _page(where, found, fields, form), 422
        following = _following(db, where)
    ask_rules(submission)
    said = Message("One submission was made of both entries. It waits for review.")
    if following is None:
        return done(said, ".list_forms", code=code, wave=where["wave"].code)
    return done(said, ".compare", code=code, paper=following)


def _place(db: Session, code: str, paper: int) -> dict[str, Any]:
    programme = get_programme_for(db, g.viewer, code)
    form, wave, person = get_paper_form(db, programme.id, paper)
    return {"programme": programme, "paper": form, "wave": wave, "person": person}


def _compared(db: Session, where: Mapping[str, Any]) -> Comparison:
    found = compare_form(db, where["paper"], g.language)
    refuse_typist(db, found)
    return found


def _merged(where: Mapping[str, Any]) -> Answer:
    """Lead to what came of a form that somebody has decided about: the evidence for reviewers, the list for others."""
    if g.viewer.may("submission.review"):
        return redirect(url_for(".show_evidence", code=where["programme"].code, submission=where["paper"].submission_id), 303)
    said = Message("Somebody else has decided about this form meanwhile.")
    return done(said, ".list_forms", code=where["programme"].code, wave=where["wave"].code)


def _following(db: Session, where: Mapping[str, Any]) -> int | None:
    lines = list_paper_lines(db, where["wave"], g.viewer.code).values()
    waiting = [line.form_id for line in lines if line.waits_for(g.viewer.code) and line.form_id != where["paper"].id]
    return min(waiting, default=None)


def _columns(field: ShownField) -> tuple[Column, ...]:
    return (
        Column(field.pick, "choice", required=True, choices=CHOICES),
        Column(field.reason, maximum=LONGEST_REASON),
    )


def _decision(field: ShownField, form: Form) -> Decision | None:
    """Return what was decided about a field; what is wrong with it becomes a fault of the form."""
    chosen, reason = form.given[field.pick], form.given[field.reason]
    if chosen != "other":
        return Decision(chosen, "")
    sent = request.form.getlist(field.other)
    try:
        value = field.question.read(sent) if field.question else (sent[0].strip() if sent else "")
    except FormError as bad:
        form.add_fault(field.other, Message(bad.text, **bad.facts))
        value = ""
    try:
        check_comment(reason)
    except AppError as refused:
        form.add_fault(field.reason, refused.message)
    return Decision("other", value, reason)


def _page(where: Mapping[str, Any], found: Comparison, fields: Sequence[ShownField], form: Form) -> str:
    given = {field.other: request.form.getlist(field.other) if request.method == "POST" else [] for field in fields}
    return render_template("paper/compare.html", **where, found=found, fields=fields, form=form, given=given, earlier={}, day=DAY)
