"""The second interview of some questions, entered without seeing the first answers."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from evalapp.core.language import Message
from evalapp.surveys.instruments.definition import Question
from evalapp.surveys.review.queries import review_of
from evalapp.surveys.review.record_back_check import back_check_variables, record_back_check
from evalapp.web.access import allows
from evalapp.web.forms import Form
from evalapp.web.review.place import Answer, blueprint, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

LONGEST_ANSWER = 200


@blueprint.get("/<int:submission>/back-check")
@allows("submission.review")
def ask_again(code: str, submission: int) -> str:
    """Show the questions that are asked a second time."""
    with reading_db() as db:
        return _page(db, place(db, code, submission), Form())


@blueprint.post("/<int:submission>/back-check")
@allows("submission.review")
def check_back(code: str, submission: int) -> Answer:
    """Keep the second answers and compare them with the first."""
    with writing_db() as db:
        where = place(db, code, submission)
        questions = _questions(db, where)
        form = Form({question.name: request.form.get(question.name, "").strip()[:LONGEST_ANSWER] for question in questions})
        with trying(db, form, questions[0].name if questions else "answers"):
            record_back_check(db, where["submission"], form.given)
        if form.refused:
            return _page(db, where, form), 422
    return done(Message("The back-check is kept."), ".show", code=code, submission=submission)


def _questions(db: Session, where: dict[str, Any]) -> list[Question]:
    asked = review_of(db, where["submission"]).definition.by_name
    return [asked[each.variable] for each in back_check_variables() if each.variable in asked]


def _page(db: Session, where: dict[str, Any], form: Form) -> str:
    return render_template("review/back_check.html", **where, form=form, questions=_questions(db, where))
