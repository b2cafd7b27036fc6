"""A trainer's sessions in their own calendar program: a secret address, made once, ended at any time."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template, request, url_for
from werkzeug.wrappers import Response

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.language import Message
from evalapp.training.sessions.calendar_feeds import end_feed, find_open_feed, find_trainer_by_feed, open_feed
from evalapp.training.sessions.calendar_file import write_calendar
from evalapp.training.sessions.queries import find_trainer_of, list_lines_of_trainer
from evalapp.web.access import allows, public
from evalapp.web.shown_once import keep_once, take_once
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("calendar", __name__)
SHOWN_ONCE = "calendar"
NOT_FOUND, TOO_MANY = 404, 429


@blueprint.get("/calendar")
@allows("calendar.subscribe")
def show() -> str:
    """Show whether one's sessions can be read by a calendar program, and a new address once."""
    with reading_db() as db:
        trainer = find_trainer_of(db, g.viewer)
        feed = find_open_feed(db, trainer) if trainer else None
        address = take_once(SHOWN_ONCE)
        return render_template("sessions/calendar.html", trainer=trainer, feed=feed, address=address)


@blueprint.post("/calendar")
@allows("calendar.subscribe")
def make_address() -> Answer:
    """Make a new secret address; an older one ends."""
    with writing_db() as db:
        trainer = find_trainer_of(db, g.viewer)
        if trainer is None:
            abort(NOT_FOUND)
        token = open_feed(db, trainer)
    keep_once(SHOWN_ONCE, url_for(".read", token=token, _external=True))
    return done(Message("The address is made. Copy it now: it is shown once."), ".show")


@blueprint.post("/calendar/end")
@allows("calendar.subscribe")
def end() -> Answer:
    """End the secret address."""
    with writing_db() as db:
        trainer = find_trainer_of(db, g.viewer)
        if trainer is not None:
            end_feed(db, trainer)
    return done(Message("The address has ended. Calendar programs can no longer read it."), ".show")


@blueprint.get("/calendars/<token>.ics")
@public
def read(token: str) -> Response:
    """Return the calendar that a secret address opens, in the language that the program asks for."""
    try:
        with writing_db() as db:
            trainer = find_trainer_by_feed(db, token, request.remote_addr or "")
            content = write_calendar(list_lines_of_trainer(db, trainer), g.language, trainer.code) if trainer else None
    except TooManyAttempts:
        abort(TOO_MANY)
    if content is None:
        abort(NOT_FOUND)
    return Response(content, headers={"Cache-Control": "private, no-store"}, mimetype="text/calendar")
