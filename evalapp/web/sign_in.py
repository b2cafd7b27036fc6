"""The way in and out: password, second factor, password again, and links to join or to come back."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from evalapp.accounts.credentials.check_new_password import WeakPassword
from evalapp.accounts.credentials.links import DeadLink, get_link
from evalapp.accounts.end_sign_in import end_sign_in
from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.accounts.own.accept_link import accept_link
from evalapp.accounts.queries import count_recovery_codes, get_account
from evalapp.accounts.signing_in.confirm_password import confirm_password
from evalapp.accounts.signing_in.give_second_factor import Completed, give_second_factor
from evalapp.accounts.signing_in.sign_in import Opened
from evalapp.accounts.signing_in.sign_in import sign_in as open_sign_in
from evalapp.core.language import Message
from evalapp.web.access import public, signed_in
from evalapp.web.cookies import give_sign_in, mark_device, sign_in_cookie, take_sign_in
from evalapp.web.devices import device_of
from evalapp.web.forms import Form
from evalapp.web.redirects import safe_back
from evalapp.web.transactions import reading_db, writing_db

TOO_MANY, GONE = 429, 410
blueprint = Blueprint("sign_in", __name__)
Answer = str | tuple[str, int] | Response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    """Ask for e-mail and password."""
    back = safe_back(request.values.get("back"))
    if request.method == "GET":
        if g.viewer is not None:
            return redirect(back, 303)
        return render_template("accounts/sign_in.html", form=Form(), back=back, is_over=sign_in_cookie() in request.cookies)
    form = read_secrets("password", given={"email": request.form.get("email", "").strip()})
    opened = None if form.refused else _try(form)
    if opened is None:
        status = TOO_MANY if "limit" in form.faults else 422
        return render_template("accounts/sign_in.html", form=form, back=back, is_over=False), status
    if g.sign_in_id is not None:
        with writing_db() as db:
            end_sign_in(db, g.viewer.code, g.sign_in_id)
    session.clear()
    say_ended(opened.ended)
    endpoint = {"code": "sign_in.code", "set_up": "own_account.set_up_second_factor"}.get(opened.asks_for)
    response = give_sign_in(redirect(url_for(endpoint, back=back) if endpoint else back, 303), opened.token)
    return response if endpoint else mark_device(response, opened.code)


def _try(form: Form) -> Opened | None:
    try:
        with writing_db() as db:
            device = device_of(request.user_agent.string)
            opened = open_sign_in(db, form.given["email"], request.form["password"], device)
    except TooManyAttempts as refused:
        form.add_fault("limit", refused.message)
        return None
    if opened is None:
        form.add_fault(
            "email",
            Message("Address and password do not fit together, or the account is locked for a while after ten wrong tries."),
        )
    return opened


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@signed_in
def code() -> Answer:
    """Ask for the code of the authenticator, or a recovery code."""
    back = safe_back(request.values.get("back"))
    if not g.half_signed_in:
        return redirect(back, 303)
    if not _has_second_factor():
        return redirect(url_for("own_account.set_up_second_factor", back=back), 303)
    if request.method == "GET":
        return render_template("accounts/code.html", form=Form(), back=back)
    form = read_secrets("code")
    completed = None if form.refused else _complete(request.form["code"])
    if completed is None:
        form.add_fault("code", Message("This code is wrong or has been used. Wait for the next one and type that."))
        return render_template("accounts/code.html", form=form, back=back), 422
    return mark_device(give_sign_in(redirect(back, 303), completed.token), g.viewer.code)


def _has_second_factor() -> bool:
    with reading_db() as db:
        return get_account(db, g.viewer.code).second_factor_at is not None


def _complete(typed: str) -> Completed | None:
    with writing_db() as db:
        completed = give_second_factor(db, g.viewer.code, g.sign_in_id, typed)
        left = count_recovery_codes(db, g.viewer.code)
    if completed is not None:
        session.clear()
        say_ended(completed.ended)
        if completed.by_recovery_code:
            flash(Message("That recovery code is used up. Codes left: %(count)s.", count=left).within(g.language))
    return completed


@blueprint.post("/sign-out")
@public
def sign_out() -> Response:
    """End this sign-in."""
    if g.sign_in_id is not None:
        with writing_db() as db:
            end_sign_in(db, g.viewer.code, g.sign_in_id)
    session.clear()
    flash(Message("You are signed out.").within(g.language))
    return take_sign_in(redirect(url_for("sign_in.sign_in"), 303))


@blueprint.route("/confirm", methods=["GET", "POST"])
@signed_in
def confirm() -> Answer:
    """Ask for the password once more before a step that needs it."""
    back = safe_back(request.values.get("back"))
    if request.method == "GET":
        return _confirm_page(Form(), back)
    form = read_secrets("password")
    if not form.refused:
        with writing_db() as db:
            token = confirm_password(db, g.viewer.code, g.sign_in_id, request.form["password"])
        if token:
            flash(Message("Thank you. You can go on; the password is not asked for again for ten minutes.").within(g.language))
            return give_sign_in(redirect(back, 303), token)
        form.add_fault(
            "password", Message("This is not your password, or the account is locked for a while after ten wrong tries.")
        )
    return _confirm_page(form, back), 422


def _confirm_page(form: Form, back: str) -> str:
    return render_template("accounts/confirm.html", form=form, back=back, action=request.path, held={})


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> Answer:
    """Let somebody who was invited choose a password."""
    return _choose_password(token, "join")


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def reset(token: str) -> Answer:
    """Let somebody who cannot come in choose another password."""
    return _choose_password(token, "reset")


def _choose_password(token: str, kind: str) -> Answer:
    form = read_secrets("password", "again") if request.method == "POST" else Form()
    if request.form.get("password") != request.form.get("again"):
        form.add_fault("again", Message("The two passwords differ. Type the same one twice."))
    try:
        if request.method == "GET" or form.refused:
            with reading_db() as db:
                get_link(db, token, kind)
            return render_template("accounts/choose_password.html", form=form, kind=kind), 422 if form.refused else 200
        with writing_db() as db:
            accept_link(db, token, kind, request.form["password"])
    except DeadLink as dead:
        return render_template("accounts/dead_link.html", message=dead.message), GONE
    except WeakPassword as weak:
        form.add_fault("password", weak.message)
        return render_template("accounts/choose_password.html", form=form, kind=kind), 422
    flash(Message("Your password is set. Sign in with it now.").within(g.language))
    return redirect(url_for("sign_in.sign_in"), 303)


def read_secrets(*names: str, given: dict[str, str] | None = None) -> Form:
    """Return a form whose secrets are checked for being there and never given back to the page; `given` is."""
    form = Form(given or {})
    for name in (*form.given, *names):
        if not request.form.get(name):
            form.add_fault(name, Message("Fill this in."))
    return form


def say_ended(count: int) -> None:
    """Say on the next page that older sign-ins were ended."""
    if count:
        text = Message("You were signed in elsewhere; that has been ended. If it was not you, change your password now.")
        flash(text.within(g.language))
