"""Where the pages of people stand, and what they have in common: the programme, the person, a verb that is refused.

Every address that a form is sent to can be opened too: whoever changes the language on the answer comes back to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, flash, g, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.queries import get_programme_for, get_registered
from evalapp.people.vault.check_identity import RefusedIdentity
from evalapp.web.formats import said
from evalapp.web.forms import Form
from evalapp.web.people import words

blueprint = Blueprint("people", __name__, url_prefix="/programmes/<code>/people")
Answer = str | tuple[str, int] | Response


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of people the words for what is stored as a code, and how a form offers them."""
    return {"words": words, "choices": choices}


def choices(names: Mapping[str, Message | str], empty: str | None = None) -> list[tuple[str, str]]:
    """Return the options of a choice in the reader's language, after an `empty` one where there is to be one."""
    options = [(code, said(name)) for code, name in names.items()]
    return options if empty is None else [("", empty), *options]


def place(db: Session, code: str, study_id: str) -> dict[str, Any]:
    """Return what every page of a person shows: the programme and the person in it, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "person": get_registered(db, programme.id, study_id)}


def done(message: Message, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that comes next."""
    flash(message.within(g.language))
    return redirect(url_for(endpoint, **values), 303)


def dated(*names: str) -> Form:
    """Return a form whose days are today until someone says otherwise."""
    return Form(dict.fromkeys(names, today().isoformat()))


@contextmanager
def trying(db: Session, form: Form, name: str) -> Iterator[None]:
    """Turn a refusal into a fault of a form; of what was refused nothing stays written."""
    try:
        with db.begin_nested():
            yield
    except RefusedIdentity as refused:
        for field, message in refused.faults.items():
            form.add_fault(field, message)
    except AppError as refused:
        form.add_fault(name, refused.message)


def check_reason_of(form: Form, name: str = "reason") -> None:
    """Refuse a reason that says nothing, or that itself holds what identifies someone: the audit log keeps it."""
    try:
        check_reason(form.given[name])
    except AppError as refused:
        form.add_fault(name, refused.message)
