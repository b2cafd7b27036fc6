"""Interviews on the telephone or face to face: who is to be asked, the same screens as a respondent's, and what came of the call."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL, now, today
from evalapp.core.columns import Column
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.queries import get_programme_for
from evalapp.people.words import CHANNELS, OUTCOMES
from evalapp.surveys.answering.queries import find_answering
from evalapp.surveys.answering.taking_part.decline_survey import decline_survey
from evalapp.surveys.interviews.queries import list_due_interviews
from evalapp.web.access import allows
from evalapp.web.answering import pages
from evalapp.web.answering.desk import InterviewDesk
from evalapp.web.answering.pages import Answer
from evalapp.web.forms import Form, read_form
from evalapp.web.transactions import reading_db, writing_db

blueprint = Blueprint("interviews", __name__, url_prefix="/programmes/<code>/interviews")
MODES = {"phone": Message("On the telephone"), "face_to_face": Message("Face to face")}
CHANNEL_OF = {"phone": "phone", "face_to_face": "visit"}
MODE = (Column("mode", "choice", required=True, choices=tuple(MODES)),)
OUTCOME = (
    Column("channel", "choice", required=True, choices=tuple(CHANNELS)),
    Column("outcome", "choice", required=True, choices=tuple(OUTCOMES)),
    Column("next_on", "date"),
)


@blueprint.get("")
@allows("interview.hold")
def list_interviews(code: str) -> str:
    """List whose answers are awaited."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        due = list_due_interviews(db, programme, today())
        return render_template("answering/interviews.html", programme=programme, due=due, today=today(), outcomes=OUTCOMES)


@blueprint.get("/<int:invitation>")
@allows("interview.hold")
def begin(code: str, invitation: int) -> Answer:
    """Ask how the interview is held, and show the consent text to be read out where consent does not hold."""
    return pages.show_beginning(InterviewDesk(code, invitation), modes=MODES)


@blueprint.post("/<int:invitation>")
@allows("interview.hold")
def take_beginning(code: str, invitation: int) -> Answer:
    """Begin the interview, or go on with it."""
    desk, form = InterviewDesk(code, invitation), read_form(MODE)
    if form.refused and request.form.get("consent") != "no":
        return pages.show_beginning(desk, form, modes=MODES)
    return pages.begin(desk, form.values["mode"] or "phone", g.viewer.code)


@blueprint.get("/<int:invitation>/answer/<int:number>")
@allows("interview.hold")
def screen(code: str, invitation: int, number: int) -> Answer:
    """Show one screen."""
    return pages.show_screen(InterviewDesk(code, invitation), number)


@blueprint.post("/<int:invitation>/answer")
@allows("interview.hold")
def take(code: str, invitation: int) -> Answer:
    """Take in one screen."""
    return pages.take_screen(InterviewDesk(code, invitation))


@blueprint.get("/<int:invitation>/check")
@allows("interview.hold")
def check(code: str, invitation: int) -> Answer:
    """Show the last look."""
    return pages.show_check(InterviewDesk(code, invitation))


@blueprint.post("/<int:invitation>/hand-in")
@allows("interview.hold")
def submit(code: str, invitation: int) -> Answer:
    """Hand the answers in, and ask what is to be noted of the contact."""
    desk = InterviewDesk(code, invitation)
    handed_in = pages.submit(desk)
    if handed_in is None:
        return redirect(desk.url("check"), 303)
    mode, receipt = handed_in.submission.mode, handed_in.submission.receipt
    flash(Message("The interview is handed in. Receipt: %(receipt)s.", receipt=receipt).within(g.language))
    return redirect(desk.url("ask_outcome", outcome="complete", channel=CHANNEL_OF.get(mode or "", "phone")), 303)


@blueprint.get("/<int:invitation>/leave")
@allows("interview.hold")
def leave(code: str, invitation: int) -> Answer:
    """Lead from an interview that is not over to what came of the contact."""
    desk = InterviewDesk(code, invitation)
    with reading_db() as db:
        answering = find_answering(db, desk.invitation(db))
        mode = answering.draft.mode if answering else ""
    return redirect(desk.url("ask_outcome", outcome="partial_cut_off", channel=CHANNEL_OF.get(mode, "phone")), 303)


@blueprint.get("/<int:invitation>/decline")
@allows("interview.hold")
def ask_decline(code: str, invitation: int) -> str:
    """Ask whether the person does not want to take part."""
    desk = InterviewDesk(code, invitation)
    with reading_db() as db:
        desk.invitation(db)
        return render_template("answering/decline.html", consents=True, desk=desk)


@blueprint.post("/<int:invitation>/decline")
@allows("interview.hold")
def decline(code: str, invitation: int) -> Answer:
    """Take the person's no, for this survey or for all."""
    desk = InterviewDesk(code, invitation)
    with writing_db() as db:
        decline_survey(db, desk.invitation(db), withdraw=request.form.get("all") == "yes")
    return redirect(desk.url("declined"), 303)


@blueprint.get("/<int:invitation>/declined")
@allows("interview.hold")
def declined(code: str, invitation: int) -> Answer:
    """Lead from a refusal to what is noted of the contact."""
    desk = InterviewDesk(code, invitation)
    with reading_db() as db:
        desk.invitation(db)
    return redirect(desk.url("ask_outcome", outcome="refused", channel="phone"), 303)


@blueprint.get("/<int:invitation>/outcome")
@allows("interview.hold")
def ask_outcome(code: str, invitation: int) -> str:
    """Ask what came of the contact; what is known is filled in."""
    known = {name: text for name in ("channel", "outcome") if (text := request.args.get(name, "")) in {**CHANNELS, **OUTCOMES}}
    with reading_db() as db:
        return _outcome_page(db, InterviewDesk(code, invitation), Form(known))


@blueprint.post("/<int:invitation>/outcome")
@allows("interview.hold")
def record_outcome(code: str, invitation: int) -> Answer:
    """Record the contact. The same form sent twice counts once."""
    desk, form = InterviewDesk(code, invitation), read_form(OUTCOME)
    form.given = {**form.given, "note": request.form.get("note", "").strip()}
    with writing_db() as db:
        desk.invitation(db)
        if not form.refused:
            said = form.values
            attempt = Attempt(now(), said["channel"], said["outcome"], said["next_on"], form.given["note"])
            try:
                with db.begin_nested():
                    record_contact(db, desk.programme, desk.person, request.form.get("key", ""), attempt)
            except AppError as refused:
                form.add_fault("note", refused.message)
        if form.refused:
            return _outcome_page(db, desk, form), 422
    flash(Message("The contact is recorded.").within(g.language))
    return redirect(url_for(".list_interviews", code=code), 303)


def _outcome_page(db: Session, desk: InterviewDesk, form: Form) -> str:
    desk.invitation(db)
    at: dt.datetime = now().astimezone(SEOUL)
    return render_template(
        "answering/outcome.html", desk=desk, programme=desk.programme, person=desk.person, form=form, at=at,
        channels=CHANNELS, outcomes=OUTCOMES,
    )  # fmt: skip
