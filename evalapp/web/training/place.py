"""What the pages of cohorts, curricula and trainers have in common: a verb that is refused, and what was done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, g, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.web.forms import Form

Answer = str | tuple[str, int] | Response


@contextmanager
def trying(db: Session, form: Form, otherwise: str = "") -> Iterator[None]:
    """Turn a refusal into a fault of the field it names; of what was refused nothing stays written."""
    try:
        with db.begin_nested():
            yield
    except NotFound:
        raise
    except AppError as refused:
        form.add_fault(getattr(refused, "field", "") or otherwise, refused.message)


def done(message: Message, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that comes next."""
    flash(message.within(g.language))
    return redirect(url_for(endpoint, **values), 303)
