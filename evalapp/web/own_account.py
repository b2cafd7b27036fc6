"""One's own account: language, password, second factor, recovery codes, and where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from evalapp.accounts.credentials.check_new_password import WeakPassword
from evalapp.accounts.end_sign_in import end_other_sign_ins, end_sign_in
from evalapp.accounts.own.change_language import change_language
from evalapp.accounts.own.change_password import change_password
from evalapp.accounts.own.renew_recovery_codes import renew_recovery_codes
from evalapp.accounts.own.set_up_second_factor import propose_secret, read_proposal
from evalapp.accounts.own.set_up_second_factor import set_up_second_factor as keep_second_factor
from evalapp.accounts.queries import count_recovery_codes, get_account, list_sign_ins
from evalapp.core.language import LANGUAGES, Message
from evalapp.web.access import confirmed, signed_in
from evalapp.web.account_words import ROLE_NAMES
from evalapp.web.cookies import give_sign_in, mark_device, remember
from evalapp.web.forms import Form
from evalapp.web.installation import LANGUAGE_COOKIE
from evalapp.web.shown_once import keep_once, take_once
from evalapp.web.sign_in import read_secrets, say_ended
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("own_account", __name__, url_prefix="/account")
Answer = str | tuple[str, int] | Response


@blueprint.get("")
@signed_in
def show() -> str:
    """Show who one is here and how one comes in."""
    with reading_db() as db:
        account = get_account(db, g.viewer.code)
        sign_ins = list_sign_ins(db, g.viewer.code)
        left = count_recovery_codes(db, g.viewer.code)
        return render_template("accounts/own.html", account=account, sign_ins=sign_ins, codes_left=left, role_names=ROLE_NAMES)


@blueprint.post("/language")
@signed_in
def language() -> Response:
    """Keep the language of one's pages, here and wherever one signs in."""
    wanted = request.form.get("language", "")
    response = redirect(url_for("own_account.show"), 303)
    if wanted in LANGUAGES:
        with writing_db() as db:
            change_language(db, g.viewer.code, wanted)
        remember(response, LANGUAGE_COOKIE, wanted)
    return response


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> Answer:
    """Change the password."""
    if request.method == "GET":
        return render_template("accounts/change_password.html", form=Form())
    form = read_secrets("present", "password", "again")
    if request.form.get("password") != request.form.get("again"):
        form.add_fault("again", Message("The two passwords differ. Type the same one twice."))
    if not form.refused:
        _change_password(form)
    if form.refused:
        return render_template("accounts/change_password.html", form=form), 422
    flash(Message("Your password is changed. Other sign-ins have been ended.").within(g.language))
    return redirect(url_for("own_account.show"), 303)


def _change_password(form: Form) -> None:
    try:
        with writing_db() as db:
            changed = change_password(db, g.viewer.code, g.sign_in_id, request.form["present"], request.form["password"])
    except WeakPassword as weak:
        form.add_fault("password", weak.message)
        return
    if not changed:
        form.add_fault("present", Message("This is not your password, or the account is locked for a while after ten wrong tries."))


@blueprint.route("/second-factor", methods=["GET", "POST"])
@signed_in
def set_up_second_factor() -> Answer:
    """Set up the authenticator that a role demands, before anything else can be reached."""
    if not g.half_signed_in:
        return redirect(url_for("own_account.replace_second_factor"), 303)
    with reading_db() as db:
        owes_code = get_account(db, g.viewer.code).second_factor_at is not None
    return redirect(url_for("sign_in.code"), 303) if owes_code else _set_up()


@blueprint.route("/second-factor/replace", methods=["GET", "POST"])
@signed_in
@confirmed
def replace_second_factor() -> Answer:
    """Set up an authenticator by choice, or another in place of the present one."""
    return _set_up()


def _set_up() -> Answer:
    form = read_secrets("code") if request.method == "POST" else Form()
    with writing_db() as db:
        sealed = request.form.get("proposal") or propose_secret(db, g.viewer.code, g.sign_in_id)
        label = get_account(db, g.viewer.code).email
        shown = read_proposal(db, g.viewer.code, g.sign_in_id, sealed, label)
        done = None
        if request.method == "POST" and not form.refused:
            done = keep_second_factor(db, g.viewer.code, g.sign_in_id, sealed, request.form["code"])
    if done is None:
        if request.method == "POST":
            form.add_fault(
                "code", Message("This code does not fit. Check that the phone sets its clock by itself, then type the next one.")
            )
        page = render_template("accounts/set_up_second_factor.html", form=form, sealed=sealed, shown=shown, action=request.path)
        return page, 422 if form.refused else 200
    session.clear()
    say_ended(done.ended)
    keep_once("recovery_codes", "\n".join(done.recovery_codes))
    response = give_sign_in(redirect(url_for("own_account.recovery_codes"), 303), done.token)
    return mark_device(response, g.viewer.code)


@blueprint.get("/recovery-codes")
@signed_in
def recovery_codes() -> str:
    """Show new recovery codes once, and afterwards how many are left."""
    codes = (take_once("recovery_codes") or "").split()
    with reading_db() as db:
        account = get_account(db, g.viewer.code)
        left = count_recovery_codes(db, g.viewer.code)
    return render_template("accounts/recovery_codes.html", codes=codes, left=left, account=account)


@blueprint.post("/recovery-codes")
@signed_in
@confirmed
def renew_codes() -> Response:
    """Make new recovery codes."""
    with writing_db() as db:
        codes = renew_recovery_codes(db, g.viewer.code)
    keep_once("recovery_codes", "\n".join(codes))
    return redirect(url_for("own_account.recovery_codes"), 303)


@blueprint.post("/sign-ins/<int:key>/end")
@signed_in
def end_one(key: int) -> Response:
    """End one sign-in of one's own."""
    with writing_db() as db:
        end_sign_in(db, g.viewer.code, key)
    flash(Message("That sign-in has been ended.").within(g.language))
    return redirect(url_for("own_account.show"), 303)


@blueprint.post("/sign-ins/end-others")
@signed_in
def end_others() -> Response:
    """End every sign-in of one's own but this."""
    with writing_db() as db:
        end_other_sign_ins(db, g.viewer.code, g.sign_in_id)
    flash(Message("You are signed in here only.").within(g.language))
    return redirect(url_for("own_account.show"), 303)
