"""Where the pages of waves stand, and what they have in common: the programme, the wave, a verb that is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from flask import Blueprint, current_app, g
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.messages.messenger import Messenger
from evalapp.people.queries import get_programme_for
from evalapp.surveys.queries import get_wave
from evalapp.web.forms import row_number
from evalapp.web.waves import words

blueprint = Blueprint("waves", __name__, url_prefix="/programmes/<code>/waves")
T = TypeVar("T")
LINES_A_PAGE: Final = 50
Answer = str | tuple[str, int] | Response


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of waves the words for what is stored as a code."""
    return {"words": words}


def place(db: Session, code: str, wave: str) -> dict[str, Any]:
    """Return what every page of a wave shows: the programme and the wave in it, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "wave": get_wave(db, programme.code, wave)}


def page_of(found: Sequence[T], number: str) -> dict[str, Any]:
    """Return one page of a list, with its number, how many pages and how many there are; a page beyond the last is the last."""
    pages = max(1, -(-len(found) // LINES_A_PAGE))
    page = min(max(row_number(number) or 1, 1), pages)
    return {"lines": found[(page - 1) * LINES_A_PAGE : page * LINES_A_PAGE], "count": len(found), "page": page, "pages": pages}


def messenger() -> Messenger:
    """Return what carries messages out."""
    found: Messenger = current_app.extensions["evalapp.messenger"]
    return found
