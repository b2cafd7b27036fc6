"""Where the pages of review stand, and what they have in common: the queue one came from, the submission, a refused verb."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, flash, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.review.overview.queue import QueueFilter
from evalapp.surveys.review.queries import get_submission
from evalapp.web.forms import Form
from evalapp.web.review import words
from evalapp.web.review.shown_answers import answer_choices, shown_answer, shown_label

blueprint = Blueprint("review", __name__, url_prefix="/programmes/<code>/review")
Answer = str | tuple[str, int] | Response
LONGEST_FILTER = 40


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of review its words, and how it shows and offers answers."""
    return {
        "words": words,
        "choices": choices,
        "shown_answer": shown_answer,
        "shown_label": shown_label,
        "answer_choices": answer_choices,
        "chosen": chosen_filters(),
    }


def choices(names: Mapping[str, Message], empty: str | None = None) -> list[tuple[str, str]]:
    """Return the options of a choice in the reader's language, after an `empty` one where there is to be one."""
    options = [(code, name.within(g.language)) for code, name in names.items()]
    return options if empty is None else [("", empty), *options]


def chosen_filters() -> dict[str, Any]:
    """Return the filters of the queue that the address carries from page to page."""
    given = {name: request.args.get(name, "")[:LONGEST_FILTER] for name in ("wave", "state", "flag", "interviewer")}
    return {name: value for name, value in given.items() if value}


def queue_filter() -> QueueFilter:
    """Return what the address asks of the queue; without a state, what waits for a decision. `all` is every state."""
    given = chosen_filters()
    state = given.get("state", "waiting")
    return QueueFilter(given.get("wave"), None if state == "all" else state, given.get("flag"), given.get("interviewer"))


def place(db: Session, code: str, submission: int) -> dict[str, Any]:
    """Return what every page of a submission shows: the programme and the submission in it, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "submission": get_submission(db, programme.id, submission)}


def done(message: Message, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that comes next, in the queue one came from."""
    flash(message.within(g.language))
    return redirect(url_for(endpoint, **values, **chosen_filters()), 303)


@contextmanager
def trying(db: Session, form: Form, name: str) -> Iterator[None]:
    """Turn a refusal into a fault of a form; of what was refused nothing stays written."""
    try:
        with db.begin_nested():
            yield
    except AppError as refused:
        form.add_fault(name, refused.message)
