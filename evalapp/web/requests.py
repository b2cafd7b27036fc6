"""What people ask for about their own data: the queue of the privacy officer, decisions, and the data handed over."""

from __future__ import annotations

from typing import Any, Final

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.crypto.key_ring import UnusableKeyRing
from evalapp.core.encrypted_archive import encrypted_archive, new_password
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.rights.decide_request import BY_DECISION, decide_request, demand_open
from evalapp.people.rights.hand_over_data import hand_over_data
from evalapp.people.rights.queries import get_request, list_decided_requests, list_open_requests, list_places, read_details
from evalapp.people.words import REQUEST_KINDS, REQUEST_STATES
from evalapp.web.access import allows, confirmed
from evalapp.web.forms import Form, read_form
from evalapp.web.own_data import own_data_files
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("requests", __name__, url_prefix="/requests")
DECISION = (Column("state", "choice", required=True, choices=("done", "refused")), Column("reason", required=True, maximum=400))
WORDS: Final = {"kinds": REQUEST_KINDS, "states": REQUEST_STATES, "by_decision": BY_DECISION}


@blueprint.get("")
@allows("request.handle")
def list_requests() -> str:
    """List the requests, those due first before the others, and below what was settled."""
    with reading_db() as db:
        waiting, settled = list_open_requests(db), list_decided_requests(db)
        return render_template("requests/list.html", waiting=waiting, settled=settled, today=today(), **WORDS)


@blueprint.get("/<int:asked>")
@allows("request.handle")
def show(asked: int) -> str:
    """Show a request with what the person wrote. That it was read is in the audit log."""
    with writing_db() as db:
        return _page(db, asked, Form())


@blueprint.post("/<int:asked>/decision")
@allows("request.handle")
def decide(asked: int) -> AnyResponse | tuple[str, int]:
    """Settle a request, with a reason that the person reads."""
    form = read_form(DECISION)
    with writing_db() as db:
        found = get_request(db, asked, to_write=True)
        if not form.refused:
            try:
                with db.begin_nested():
                    decide_request(db, found, form.values["state"], form.values["reason"])
            except AppError as refused:
                form.add_fault("reason", refused.message)
        if form.refused:
            return _page(db, asked, form), 422
    flash(Message("The request is settled.").within(g.language))
    return redirect(url_for(".list_requests"), 303)


@blueprint.post("/<int:asked>/password")
@allows("request.handle")
@confirmed
def show_password(asked: int) -> str | AnyResponse:
    """Make the password of the file and show it once. It travels on in the form of the download, sealed, and is stored nowhere."""
    with reading_db() as db:
        found = get_request(db, asked)
        demand_open(found)
        if found.kind != "access":
            raise NotFound(Message("There is no such request."))
        password = new_password()
        sealed = current_app.extensions["evalapp.keys"].current().seal(password, _context(asked))
        return render_template("requests/password.html", asked=found, password=password, sealed=sealed)


@blueprint.post("/<int:asked>/download")
@allows("request.handle")
@confirmed
def download(asked: int) -> Response:
    """Hand over everything that is kept of a person, once, as a file that only the password opens."""
    password = _password(asked)
    with writing_db() as db:
        found = get_request(db, asked, to_write=True)
        person, identity = hand_over_data(db, found)
        content = encrypted_archive(own_data_files(db, person, identity, found.language), password)
    answer = Response(content, mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="data-{asked}.zip"'
    return answer


def _page(db: Session, key: int, form: Form) -> str:
    found: Any = get_request(db, key)
    return render_template(
        "requests/show.html",
        asked=found,
        details=read_details(db, found),
        programmes=list_places(db, found),
        form=form,
        today=today(),
        **WORDS,
    )


def _context(asked: int) -> str:
    return f"request:{g.viewer.code}:{asked}:password"


def _password(asked: int) -> str:
    try:
        text: str = current_app.extensions["evalapp.keys"].open(request.form.get("password", ""), _context(asked))
    except UnusableKeyRing:
        raise NotFound(Message("This form does not belong to the request. Show the password again.")) from None
    return text
