"""One's own name and e-mail address."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from evalapp.accounts.contact_details import LONGEST_EMAIL, LONGEST_NAME, UnusableEmail
from evalapp.accounts.credentials.links import DeadLink
from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.accounts.own.change_email import EmailChange, accept_email_change, ask_email_change, read_email_change
from evalapp.accounts.own.change_name import change_name
from evalapp.accounts.own.email_letters import changed_letter, link_letter
from evalapp.accounts.queries import get_account
from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.messages.messenger import OutgoingMessage, Undelivered
from evalapp.web.access import signed_in
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.sign_in import GONE, TOO_MANY
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("own_details", __name__, url_prefix="/account")
Answer = str | tuple[str, int] | Response
NAME = (Column("name", required=True, maximum=LONGEST_NAME),)
EMAIL = (Column("email", required=True, maximum=LONGEST_EMAIL),)


@blueprint.get("/name")
@signed_in
def ask_name() -> str:
    """Show one's name, to be changed."""
    return render_template("accounts/name.html", form=filled({"name": g.viewer.name}))


@blueprint.post("/name")
@signed_in
def change_own_name() -> Answer:
    """Change one's name."""
    form = read_form(NAME)
    if not form.refused:
        try:
            with writing_db() as db:
                change_name(db, g.viewer.code, form.values["name"])
        except AppError as refused:
            form.add_fault("name", refused.message)
    if form.refused:
        return render_template("accounts/name.html", form=form), 422
    return _done(Message("Your name is changed."))


@blueprint.get("/email")
@signed_in
def ask_email() -> str:
    """Ask for another e-mail address."""
    return _email_page(Form())


@blueprint.post("/email")
@signed_in
def send_link() -> Answer:
    """Send a link to the new address."""
    form = read_form(EMAIL)
    if not request.form.get("password"):
        form.add_fault("password", Message("Fill this in."))
    change = None if form.refused else _prepare(form)
    if change is not None:
        link = current_app.extensions["evalapp.messenger"].public_url + url_for(".confirm_email", token=change.token)
        if not _deliver(link_letter(change.email, link, g.language)):
            form.add_fault("email", Message("The message could not be sent. Check the address, or try again later."))
    if form.refused:
        return _email_page(form), TOO_MANY if "limit" in form.faults else 422
    return _done(Message("A link is on its way to the new address. The change counts once you have opened it."))


def _prepare(form: Form) -> EmailChange | None:
    try:
        with writing_db() as db:
            change = ask_email_change(db, g.viewer.code, form.values["email"], request.form["password"])
    except UnusableEmail as unusable:
        form.add_fault("email", unusable.message)
        return None
    except TooManyAttempts as refused:
        form.add_fault("limit", refused.message)
        return None
    if change is None:
        form.add_fault(
            "password", Message("This is not your password, or the account is locked for a while after ten wrong tries.")
        )
    return change


@blueprint.get("/email/<token>")
@signed_in
def confirm_email(token: str) -> Answer:
    """Show the address that a link confirms, with the button that changes to it."""
    try:
        with writing_db() as db:
            email = read_email_change(db, g.viewer.code, token)
    except DeadLink as dead:
        return _dead(dead)
    return render_template("accounts/confirm_email.html", token=token, email=email)


@blueprint.post("/email/<token>")
@signed_in
def change_own_email(token: str) -> Answer:
    """Change to the address of a link, and tell the old one."""
    try:
        with writing_db() as db:
            left = accept_email_change(db, g.viewer.code, token)
    except DeadLink as dead:
        return _dead(dead)
    except UnusableEmail as taken:
        return _dead(taken)
    told = _deliver(changed_letter(left, g.viewer.language))
    done = Message("Your e-mail address is changed. Sign in with it from now on; the old address was told.")
    untold = Message("Your e-mail address is changed. Sign in with it from now on. The old address could not be told.")
    return _done(done if told else untold)


def _dead(why: AppError) -> tuple[str, int]:
    return render_template("accounts/dead_link.html", message=why.message), GONE


def _email_page(form: Form) -> str:
    with reading_db() as db:
        present = get_account(db, g.viewer.code).email
    can_send = "email" in current_app.extensions["evalapp.messenger"].channels
    return render_template("accounts/email.html", form=form, present=present, can_send=can_send)


def _deliver(message: OutgoingMessage) -> bool:
    try:
        current_app.extensions["evalapp.messenger"].send(message)
    except Undelivered:
        return False
    return True


def _done(message: Message) -> Response:
    flash(message.within(g.language))
    return redirect(url_for("own_account.show"), 303)
