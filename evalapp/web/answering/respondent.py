"""The public pages of a survey: a secret link, a second secret, then one screen at a time, and nothing that says who answers."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.answering.begin_draft import begin_draft
from evalapp.surveys.answering.taking_part.decline_survey import decline_survey
from evalapp.surveys.answering.taking_part.survey_consent import has_consent
from evalapp.surveys.invitations.open_invitation import find_invitation, hold_of, open_invitation
from evalapp.surveys.invitations.send_code import send_code
from evalapp.web.access import public
from evalapp.web.answering import pages
from evalapp.web.answering.cookie import give_cookie, read_cookie, take_cookie
from evalapp.web.answering.desk import Ended, RespondentDesk
from evalapp.web.answering.pages import Answer
from evalapp.web.answering.words import marked_up, plain
from evalapp.web.cookies import cookie, remember
from evalapp.web.forms import Form
from evalapp.web.installation import LANGUAGE_COOKIE
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("answering", __name__, url_prefix="/s")
blueprint.add_app_template_filter(marked_up, "marked_up")
blueprint.add_app_template_filter(plain, "plain")
DESK = RespondentDesk()
TOO_MANY = 429
WRONG_SECRET = Message("This does not fit. Check the digits; after several wrong tries the link rests for a quarter of an hour.")


@blueprint.after_request
def hold_on(response: Response) -> Response:
    """Let the browser keep its survey as long as someone answers."""
    if g.get("answering"):
        give_cookie(response, g.answering)
    if g.get("answering") or g.get("keeps_language"):
        remember(response, LANGUAGE_COOKIE, g.language)  # whatever goes wrong next is said in the same one
    return response


@blueprint.errorhandler(AppError)
@blueprint.errorhandler(CSRFError)
def turn_away(error: AppError | CSRFError) -> tuple[str, int]:
    """Say in a page without a name on it why there is nothing to answer."""
    if not isinstance(error, AppError):
        error = Ended(
            Message("This page was open too long. Open the link from your message again; what you have answered is kept.")
        )
    code = TOO_MANY if isinstance(error, TooManyAttempts) else 422
    return render_template("answering/closed.html", message=error.message, desk=DESK), code


@blueprint.get("/<token>")
@public
def ask_secret(token: str) -> str:
    """Ask for the second secret. An unknown link looks like any other."""
    with reading_db() as db:
        invitation = find_invitation(db, token)
        kind = invitation.second_secret if invitation else "birth_year"
        if cookie(LANGUAGE_COOKIE) not in request.cookies:
            g.language, g.keeps_language = invitation.language if invitation else g.language, True
    return _secret_page(token, kind, Form())


@blueprint.post("/<token>")
@public
def open_link(token: str) -> Answer:
    """Open the survey when the second secret fits, and lead away from the address that holds the link."""
    form = Form()
    with writing_db() as db:
        found = find_invitation(db, token)
        kind = found.second_secret if found else "birth_year"
        invitation = open_invitation(db, token, request.form.get("secret", "").strip())
        if invitation is not None:
            g.answering = {"hold": hold_of(invitation)}
            if not has_consent(db, invitation):
                return redirect(url_for(".begin"), 303)
            answering = begin_draft(db, invitation, g.language)
            is_last = answering.number > len(answering.screens)
            return redirect(url_for(".check") if is_last else url_for(".screen", number=answering.number), 303)
    form.add_fault("secret", WRONG_SECRET)
    return _secret_page(token, kind, form), 422


@blueprint.post("/<token>/code")
@public
def ask_code(token: str) -> Response:
    """Send a one-time code. What the page says next is the same whether there was anybody to send it to."""
    send_code(writing_db, current_app.extensions["evalapp.messenger"], token)
    flash(Message("A code is on its way to the number or address we have. It is good for a quarter of an hour.").within(g.language))
    return redirect(url_for(".ask_secret", token=token), 303)


@blueprint.get("/begin")
@public
def begin() -> Answer:
    """Show the consent text, or a button to go on."""
    return pages.show_beginning(DESK)


@blueprint.post("/begin")
@public
def take_beginning() -> Answer:
    """Record the consent and show the first screen."""
    return pages.begin(DESK, "web", None)


@blueprint.get("/answer/<int:number>")
@public
def screen(number: int) -> Answer:
    """Show one screen."""
    return pages.show_screen(DESK, number)


@blueprint.post("/answer")
@public
def take() -> Answer:
    """Take in one screen."""
    return pages.take_screen(DESK)


@blueprint.get("/check")
@public
def check() -> Answer:
    """Show the last look."""
    return pages.show_check(DESK)


@blueprint.post("/hand-in")
@public
def submit() -> Answer:
    """Hand the answers in. Pressed twice, it counts once."""
    handed_in = pages.submit(DESK)
    if handed_in is None:
        return redirect(url_for(".check"), 303)
    g.answering = {**read_cookie(), "receipt": handed_in.submission.receipt}
    return redirect(url_for(".thanks"), 303)


@blueprint.get("/thanks")
@public
def thanks() -> str:
    """Say thank you, with the receipt."""
    held = read_cookie()
    if "receipt" not in held:
        raise Ended(Message("There is nothing to show here any more."))
    return render_template("answering/thanks.html", receipt=held["receipt"], desk=DESK)


@blueprint.get("/leave")
@public
def leave() -> Response | str:
    """Say that all is kept, and forget the survey on this device."""
    if not read_cookie():
        return render_template("answering/left.html", desk=DESK)
    return take_cookie(redirect(url_for(".leave"), 303))


@blueprint.get("/decline")
@public
def ask_decline() -> str:
    """Ask whether someone does not want to take part."""
    with reading_db() as db:
        invitation = DESK.invitation(db)
        return render_template("answering/decline.html", consents=has_consent(db, invitation), desk=DESK)


@blueprint.post("/decline")
@public
def decline() -> Response:
    """Take the no, for this survey or for all."""
    with writing_db() as db:
        decline_survey(db, DESK.invitation(db), withdraw=request.form.get("all") == "yes")
    g.answering = None
    return take_cookie(redirect(url_for(".declined"), 303))


@blueprint.get("/declined")
@public
def declined() -> str:
    """Confirm the no."""
    return render_template("answering/declined.html", desk=DESK)


def _secret_page(token: str, kind: str, form: Form) -> str:
    return render_template("answering/secret.html", token=token, kind=kind, form=form, desk=DESK)
