"""The entrance: a number or a link, a second secret, and the way out."""

from __future__ import annotations

from flask import flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalapp.core.language import Message
from evalapp.surveys.own_page.open_own_page import Claim, leave_own_page, open_own_page, resume_own_page
from evalapp.surveys.own_page.send_own_code import send_own_code
from evalapp.web.access import public
from evalapp.web.answering.cookie import OWN_PAGE
from evalapp.web.forms import Form
from evalapp.web.own_page.place import Answer, blueprint, form_text, messenger
from evalapp.web.transactions import writing_db

LONGEST = 60
WRONG = Message(
    "This does not fit. Check the number and the digits; after several wrong tries the page rests for a quarter of an hour."
)
SENT = Message("If we know how to reach you, a code is on its way. It is good for a quarter of an hour.")


@blueprint.get("/<token>")
@public
def ask_secret(token: str) -> str:
    """Ask whoever comes by a secret link for the second secret. An unknown link looks like any other."""
    return _entrance(Form(), token)


@blueprint.post("")
@public
def enter() -> Answer:
    """Open the page of a number when the second secret fits."""
    return _enter(Claim(number=form_text("number", LONGEST)))


@blueprint.post("/<token>")
@public
def enter_by_link(token: str) -> Answer:
    """Open the page of a link when the second secret fits, and lead away from the address that holds the link."""
    return _enter(Claim(token=token))


@blueprint.post("/leave")
@public
def leave() -> Response:
    """Close the page, and forget it on this device."""
    with writing_db() as db:
        person = resume_own_page(db, str(OWN_PAGE.read().get("held", "")))
        if person is not None:
            leave_own_page(db, person)
    flash(Message("Your page is closed. This device keeps nothing.").within(g.language))
    return OWN_PAGE.take(redirect(url_for(".show"), 303))


def _enter(claim: Claim) -> Answer:
    if request.form.get("do") == "code":
        send_own_code(writing_db, messenger(), claim, g.language)
        flash(SENT.within(g.language))
        return _entrance(Form({"number": claim.number}), claim.token)
    with writing_db() as db:
        held = open_own_page(db, claim, form_text("secret", LONGEST), messenger().channels)
    if held is None:
        form = Form({"number": claim.number})
        form.add_fault("secret", WRONG)
        return _entrance(form, claim.token), 422
    g.own_page = held
    return redirect(url_for(".show"), 303)


def _entrance(form: Form, token: str = "") -> str:
    return render_template("own_page/entrance.html", form=form, token=token)
