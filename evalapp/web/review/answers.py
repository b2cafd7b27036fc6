"""One answer under review: corrected beside what was given, and asked about."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.errors import NotFound
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.surveys.review.ask_query import ask_query, close_query, reply_to_query
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.review.corrections.record_correction import Proposal, approve_correction, drop_correction, record_correction
from evalapp.surveys.review.queries import AnswerLine, get_correction, get_query, review_of
from evalapp.surveys.wave_locks import is_locked
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.review.place import Answer, blueprint, done, place, trying
from evalapp.web.review.words import SOURCES
from evalapp.web.transactions import reading_db, writing_db

CORRECTION = (
    Column("new", maximum=1_000),
    Column("seen", required=True, maximum=64),
    Column("reason", required=True, maximum=400),
    Column("source", "choice", required=True, choices=tuple(SOURCES)),
)
QUESTION = (Column("question", required=True, maximum=400),)
REPLY = (Column("reply", required=True, maximum=400),)
WHY = (Column("reason", required=True, maximum=400),)
STALE = "\0"  # no answer is this: the one that the page showed does not stand any more
AT = "/<int:submission>/answers/<variable>"


@blueprint.get(AT)
@allows("submission.review")
def show_answer(code: str, submission: int, variable: str) -> str:
    """Show one answer with its corrections and questions, and the forms for more of them."""
    with reading_db() as db:
        return _page(db, place(db, code, submission), variable)


@blueprint.post(f"{AT}/correct")
@allows("submission.correct")
def correct(code: str, submission: int, variable: str) -> Answer:
    """Propose a correction of an answer."""
    form = read_form(CORRECTION)
    with writing_db() as db:
        where = place(db, code, submission)
        line = _line(db, where, variable)
        if not form.refused:
            old = line.stands if form.given["seen"] == sha256_of(line.stands) else STALE
            proposal = Proposal(line.place, old, form.given["new"] or None, form.values["reason"], form.values["source"])
            with trying(db, form, "new"):
                record_correction(db, where["submission"], proposal)
        if form.refused:
            return _page(db, where, variable, correcting=form), 422
    return done(Message("The correction waits for a second person."), ".show", code=code, submission=submission)


@blueprint.post("/<int:submission>/corrections/<int:correction>/approve")
@allows("submission.correct")
def approve_one(code: str, submission: int, correction: int) -> Answer:
    """Let a correction count, and ask the rules about the answers as they now stand."""
    form = Form()
    with writing_db() as db:
        where = place(db, code, submission)
        found = get_correction(db, where["submission"], correction)
        with trying(db, form, "correction"):
            approve_correction(db, found)
            check_quality(db, where["submission"])
        if form.refused:
            return _page(db, where, found.variable, deciding=form), 422
    return done(Message("The correction counts now."), ".show", code=code, submission=submission)


@blueprint.post("/<int:submission>/corrections/<int:correction>/drop")
@allows("submission.correct")
def drop(code: str, submission: int, correction: int) -> Answer:
    """Give up a correction that does not count yet."""
    form = read_form(WHY)
    with writing_db() as db:
        where = place(db, code, submission)
        found = get_correction(db, where["submission"], correction)
        variable = found.variable
        if not form.refused:
            with trying(db, form, "reason"):
                drop_correction(db, found, form.values["reason"])
        if form.refused:
            return _page(db, where, variable, deciding=form), 422
    return done(Message("The correction is dropped."), ".show", code=code, submission=submission)


@blueprint.post(f"{AT}/ask")
@allows("submission.review")
def ask(code: str, submission: int, variable: str) -> Answer:
    """Ask the respondent or the interviewer about an answer."""
    form = read_form(QUESTION)
    with writing_db() as db:
        where = place(db, code, submission)
        _line(db, where, variable)
        if not form.refused:
            with trying(db, form, "question"):
                ask_query(db, where["submission"], variable, form.values["question"])
        if form.refused:
            return _page(db, where, variable, asking=form), 422
    return done(Message("The question is asked."), ".show", code=code, submission=submission)


@blueprint.post("/<int:submission>/queries/<int:query>/reply")
@allows("submission.review")
def reply(code: str, submission: int, query: int) -> Answer:
    """Write down what came back to a question."""
    form = read_form(REPLY)
    with writing_db() as db:
        where = place(db, code, submission)
        found = get_query(db, where["submission"], query)
        if not form.refused:
            with trying(db, form, "reply"):
                reply_to_query(db, found, form.values["reply"])
        if form.refused:
            return _page(db, where, found.variable, replying=form), 422
    return done(Message("The answer to the question is kept."), ".show", code=code, submission=submission)


@blueprint.post("/<int:submission>/queries/<int:query>/close")
@allows("submission.review")
def close(code: str, submission: int, query: int) -> Answer:
    """Close a question."""
    form = Form()
    with writing_db() as db:
        where = place(db, code, submission)
        found = get_query(db, where["submission"], query)
        with trying(db, form, "query"):
            close_query(db, found)
        if form.refused:
            return _page(db, where, found.variable, replying=form), 422
    return done(Message("The question is closed."), ".show", code=code, submission=submission)


def _line(db: Session, where: dict[str, Any], variable: str) -> AnswerLine:
    """Return the answer that an address names; `round` tells the rounds of a repeated group apart."""
    wanted = Place(variable, request.values.get("round", ""))
    line = next((line for line in review_of(db, where["submission"]).lines if line.place == wanted), None)
    if line is None:
        raise NotFound(Message("The submission has no such answer."))
    return line


def _page(db: Session, where: dict[str, Any], variable: str, **forms: Form) -> str:
    line = _line(db, where, variable)
    blank = {name: Form() for name in ("correcting", "asking", "replying", "deciding")}
    facts = {"line": line, "seen": sha256_of(line.stands), "locked": is_locked(db, where["submission"].wave_id)}
    return render_template("review/answer.html", **where, **{**blank, **forms}, **facts)
