"""One submission: its answers and doubts beside one another, and the decision."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.surveys.double_entry.queries import find_paper_form_of
from evalapp.surveys.review.clear_flag import clear_flag
from evalapp.surveys.review.decide_submission import DECISIONS, decide_submission
from evalapp.surveys.review.overview.queue import list_keys
from evalapp.surveys.review.queries import AnswerLine, ReviewedSubmission, get_flag, review_of
from evalapp.surveys.review.record_back_check import comparisons
from evalapp.surveys.wave_locks import is_locked
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.review.place import Answer, blueprint, done, place, queue_filter, trying
from evalapp.web.transactions import reading_db, writing_db

DECISION = (
    Column("to_state", "choice", required=True, choices=DECISIONS),
    Column("comment", maximum=400),
    Column("version", "integer", required=True),
)
REASON = (Column("reason", required=True, maximum=400),)
SAID = {
    "approved": Message("The submission is approved."),
    "has_issues": Message("The submission is marked as having issues."),
    "rejected": Message("The submission is rejected."),
}


@blueprint.get("/<int:submission>")
@allows("submission.review")
def show(code: str, submission: int) -> str:
    """Show a submission to a reviewer, without anything that says whose it is."""
    with reading_db() as db:
        return submission_page(db, place(db, code, submission), Form())


@blueprint.post("/<int:submission>/decide")
@allows("submission.review")
def decide(code: str, submission: int) -> Answer:
    """Decide on a submission and go on to the next of the queue."""
    form = read_form(DECISION)
    with writing_db() as db:
        where = place(db, code, submission)
        following = _neighbours(db, where)["next"]
        if not form.refused:
            said = form.values
            with trying(db, form, "comment"):
                decide_submission(db, where["submission"], said["to_state"], said["comment"] or "", version=said["version"])
        if form.refused:
            return submission_page(db, where, form), 422
    return _onward(form.values["to_state"], code, following)


@blueprint.post("/<int:submission>/flags/<int:flag>/clear")
@allows("submission.review")
def clear(code: str, submission: int, flag: int) -> Answer:
    """Judge a flag harmless, with a reason."""
    form = read_form(REASON)
    with writing_db() as db:
        where = place(db, code, submission)
        found = get_flag(db, where["submission"], flag)
        if not form.refused:
            with trying(db, form, "reason"):
                clear_flag(db, found, form.values["reason"])
        if form.refused:
            return _flag_page(db, where, flag, form), 422
    return done(Message("The flag is cleared. It comes back when its answers change."), ".show", code=code, submission=submission)


@blueprint.get("/<int:submission>/flags/<int:flag>/clear")
@allows("submission.review")
def ask_clear(code: str, submission: int, flag: int) -> str:
    """Ask why a flag is harmless."""
    with reading_db() as db:
        return _flag_page(db, place(db, code, submission), flag, Form())


def _flag_page(db: Session, where: dict[str, Any], flag: int, form: Form) -> str:
    get_flag(db, where["submission"], flag)
    shown = next(each for each in review_of(db, where["submission"]).flags if each.flag.id == flag)
    return render_template("review/clear.html", **where, form=form, shown=shown)


def submission_page(db: Session, where: dict[str, Any], form: Form) -> str:
    """Return the page of a submission."""
    submission = where["submission"]
    seen = review_of(db, submission)
    return render_template(
        "review/submission.html",
        **where,
        **_neighbours(db, where),
        form=form,
        seen=seen,
        sections=_sections(seen),
        unanswered=[line for line in seen.lines if not _speaks(line)],
        locked=is_locked(db, submission.wave_id),
        paper=find_paper_form_of(db, submission.id),
        checks=[(check, comparisons(check)) for check in seen.back_checks],
    )


def _speaks(line: AnswerLine) -> bool:
    """Say whether there is anything to read in a line."""
    return bool(line.given is not None or line.stands is not None or line.flags or line.queries or line.corrections)


def _sections(seen: ReviewedSubmission) -> list[tuple[str, list[AnswerLine]]]:
    """Return the lines with something to read, in the groups of the form."""
    lines = filter(_speaks, seen.lines)
    grouped = groupby(lines, key=lambda line: line.question.group.get(g.language, "") if line.question else "")
    return [(title, list(some)) for title, some in grouped]


def _neighbours(db: Session, where: dict[str, Any]) -> dict[str, Any]:
    """Return where in the queue a submission stands and which comes next; one that left the queue is followed by its first."""
    keys = list_keys(db, where["programme"].id, queue_filter())
    here = where["submission"].id
    at = keys.index(here) if here in keys else -1
    others = [*keys[at + 1 :], *keys[: max(at, 0)]]
    return {"next": others[0] if others else None, "position": at + 1, "waiting": len(keys)}


def _onward(state: str, code: str, following: int | None) -> Response:
    if following is None:
        return done(SAID[state], ".list_submissions", code=code)
    return done(SAID[state], ".show", code=code, submission=following)
