"""Where a respondent's own page stands, who is on it, and how it refuses. Nothing on it says whose installation it is."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.messages.messenger import Messenger
from evalapp.surveys.own_page.open_own_page import resume_own_page
from evalapp.web.answering.cookie import OWN_PAGE
from evalapp.web.own_page import words

blueprint = Blueprint("own_page", __name__, url_prefix="/me")
Answer = str | tuple[str, int] | Response
DESK: Final = {"title": Message("Your page"), "is_staff": False}
RESPONDENT: Final = "respondent"
REFUSED, BAD_REQUEST, TOO_MANY = 422, 400, 429


class NotOpen(AppError):  # noqa: N818 - what it is, in words
    """The browser holds nobody's page, or holds it no more."""


@blueprint.before_request
def act_as_respondent() -> None:
    """Let everything done here be done by a respondent, whoever else is signed in in the same browser."""
    g.acting_as = RESPONDENT


@blueprint.after_request
def hold_on(response: Response) -> Response:
    """Let the browser keep the page as long as somebody uses it."""
    if g.get("own_page"):
        OWN_PAGE.give(response, {"held": g.own_page})
    return response


@blueprint.errorhandler(AppError)
@blueprint.errorhandler(CSRFError)
def turn_away(error: AppError | CSRFError) -> Response:
    """Say in a page without a name on it what does not work."""
    if not isinstance(error, AppError):
        return _closed(Message("This page was open too long. Open it again."), BAD_REQUEST)
    answer = _closed(error.message, TOO_MANY if isinstance(error, TooManyAttempts) else REFUSED)
    return OWN_PAGE.take(answer) if isinstance(error, NotOpen) else answer


def _closed(message: Message, code: int) -> Response:
    return make_response(render_template("own_page/closed.html", message=message), code)


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of respondents its frame and words."""
    return {"desk": DESK, "words": words}


def own(db: Session) -> Any:
    """Return the person whose page the browser holds, or raise NotOpen."""
    held = str(OWN_PAGE.read().get("held", ""))
    person = resume_own_page(db, held)
    if person is None:
        raise NotOpen(Message("Your page is closed on this device. Open it again with your number or your link."))
    g.own_page = held
    return person


def messenger() -> Messenger:
    """Return what carries messages out."""
    found: Messenger = current_app.extensions["evalapp.messenger"]
    return found


def done(message: Message) -> Response:
    """Say what was done at the top of the page."""
    flash(message.within(g.language))
    return redirect(url_for("own_page.show"), 303)


def form_text(name: str, longest: int) -> str:
    """Return what was typed into a field, a little more than fits at most, so that too much is noticed."""
    return request.form.get(name, "").strip()[: longest + 1]
