"""What a person does on their own page: withdraw a consent, go on with a survey, ask for something."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.clock import today
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.consents.queries import PurposeConsent, list_consents
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.rights.ask_request import LONGEST_DETAILS, ask_request
from evalapp.people.rights.queries import find_open_request
from evalapp.surveys.own_page.go_on_with_survey import go_on_with_survey
from evalapp.surveys.own_page.queries import list_own_programmes
from evalapp.web.access import public
from evalapp.web.answering.cookie import SURVEY
from evalapp.web.formats import date
from evalapp.web.forms import Form
from evalapp.web.own_page.place import Answer, blueprint, done, form_text, own
from evalapp.web.own_page.words import KINDS, PURPOSES
from evalapp.web.transactions import reading_db, writing_db

OF_PURPOSE = f"/withdraw/<int:own_programme>/<any({', '.join(PURPOSES)}):purpose>"
OF_KIND = f"/ask/<any({', '.join(KINDS)}):kind>"


@blueprint.get(OF_PURPOSE)
@public
def ask_withdrawal(own_programme: int, purpose: str) -> str:
    """Say what ends when a consent is withdrawn."""
    with reading_db() as db:
        _programme, consent = _standing(db, own(db), own_programme, purpose)
        return render_template("own_page/withdraw.html", programme=own_programme, consent=consent)


@blueprint.post(OF_PURPOSE)
@public
def withdraw(own_programme: int, purpose: str) -> Response:
    """End a consent at once."""
    with writing_db() as db:
        person = own(db)
        place, _consent = _standing(db, person, own_programme, purpose)
        withdraw_consent(db, place, person, today(), "not_said", {purpose})
    return done(Message("Your consent is withdrawn. It takes effect at once."))


@blueprint.post("/surveys/<int:invitation>")
@public
def answer(invitation: int) -> Response:
    """Go on to a survey that waits."""
    with writing_db() as db:
        hold = go_on_with_survey(db, own(db), invitation, today())
    return SURVEY.give(redirect(url_for("answering.begin"), 303), {"hold": hold})


@blueprint.get(OF_KIND)
@public
def ask(kind: str) -> str:
    """Say what a request leads to, and take what is to be known of it."""
    with reading_db() as db:
        return _request_page(db, own(db), kind, Form())


@blueprint.post(OF_KIND)
@public
def take_request(kind: str) -> Answer:
    """Take a request. Sent twice, it is one."""
    form = Form({"details": form_text("details", LONGEST_DETAILS)})
    with writing_db() as db:
        person = own(db)
        try:
            asked = ask_request(db, person, kind, form.given["details"], g.language)
        except AppError as refused:
            form.add_fault("details", refused.message)
            return _request_page(db, person, kind, form), 422
        due_on = date(asked.due_on)
    return done(Message("We have your request and settle it by %(date)s. This page shows what becomes of it.", date=due_on))


def _standing(db: Session, person: Any, programme: int, purpose: str) -> tuple[Any, PurposeConsent]:
    """Return a programme of the person's and their standing consent in it, or raise NotFound."""
    place = next((each for each in list_own_programmes(db, person) if each.id == programme), None)
    consents = list_consents(db, place.id, person.id) if place else []
    standing = next((each for each in consents if each.purpose == purpose and (each.is_valid or each.state == "expired")), None)
    if place is None or standing is None:
        raise NotFound(Message("There is no consent of yours to withdraw here. Perhaps it is withdrawn already."))
    return place, standing


def _request_page(db: Session, person: Any, kind: str, form: Form) -> str:
    before = find_open_request(db, person.study_id, kind)
    return render_template("own_page/ask.html", kind=kind, form=form, before=before, back=request.path)
