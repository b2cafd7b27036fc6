"""Where the pages of paper forms stand, and what they have in common: the programme, the wave, the desk where a form is typed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, flash, g, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.double_entry.queries import get_own_entry
from evalapp.surveys.double_entry.typed_form import TypedForm, open_entry
from evalapp.surveys.queries import get_wave
from evalapp.web.forms import Form

blueprint = Blueprint("paper", __name__, url_prefix="/programmes/<code>")
Answer = str | tuple[str, int] | Response


class PaperDesk:
    """The screens of a form that is copied from paper, for the account that types it."""

    title = Message("Paper form")
    is_staff = True
    on_paper = True

    def __init__(self, code: str, entry_id: int) -> None:
        self.code = code
        self.entry_id = entry_id

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the address of one of its pages."""
        return url_for(f"paper.{endpoint}", code=self.code, entry=self.entry_id, **values)

    def invitation(self, db: Session) -> Any:
        """Return the entry, if it is the viewer's own."""
        self.programme = get_programme_for(db, g.viewer, self.code)
        self.entry, self.form, self.person = get_own_entry(db, self.programme.id, self.entry_id, g.viewer.code)
        return self.entry

    handed_in = invitation

    def open_form(self, db: Session, *, to_write: bool = False) -> TypedForm:
        """Return the form as far as it is typed; AppError when it is finished and to be written."""
        entry = self.invitation(db)
        return open_entry(db, entry, entry.language, to_write=to_write)


def place(db: Session, code: str, wave: str) -> dict[str, Any]:
    """Return what every page of a wave's paper forms shows: the programme and the wave in it, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "wave": get_wave(db, programme.code, wave)}


def done(message: Message, endpoint: str, **values: Any) -> Response:
    """Say what was done on the page that comes next."""
    flash(message.within(g.language))
    return redirect(url_for(endpoint, **values), 303)


@contextmanager
def trying(db: Session, form: Form, name: str) -> Iterator[None]:
    """Turn a refusal into a fault of a form; of what was refused nothing stays written."""
    try:
        with db.begin_nested():
            yield
    except AppError as refused:
        form.add_fault(name, refused.message)
