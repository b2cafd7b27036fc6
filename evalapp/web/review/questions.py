"""What interviewers are asked about the interviews they entered."""

from __future__ import annotations

from flask import g, render_template
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.review.ask_query import reply_to_query
from evalapp.surveys.review.queries import get_query_for, list_queries_for
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.review.place import Answer, blueprint, done, trying
from evalapp.web.transactions import reading_db, writing_db

REPLY = (Column("reply", required=True, maximum=400),)


@blueprint.get("/questions")
@allows("query.reply")
def list_questions(code: str) -> str:
    """List the open questions about one's own interviews."""
    with reading_db() as db:
        return _page(db, code, Form())


@blueprint.post("/questions/<int:query>")
@allows("query.reply")
def answer_question(code: str, query: int) -> Answer:
    """Answer a question about one's own interview."""
    form = read_form(REPLY)
    with writing_db() as db:
        found = get_query_for(db, get_programme_for(db, g.viewer, code).id, g.viewer.code, query)
        if not form.refused:
            with trying(db, form, "reply"):
                reply_to_query(db, found, form.values["reply"])
        if form.refused:
            return _page(db, code, form, query), 422
    return done(Message("Thank you. The reviewers read your answer."), ".list_questions", code=code)


def _page(db: Session, code: str, form: Form, wrong: int = 0) -> str:
    programme = get_programme_for(db, g.viewer, code)
    asked = list_queries_for(db, programme.id, g.viewer.code)
    return render_template("review/questions.html", programme=programme, asked=asked, form=form, wrong=wrong)
