"""The pages of a survey, whoever answers: consent, one screen after the other, the last look, handing in, saying no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import islice
from typing import Any

from flask import current_app, flash, g, redirect, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.clock import now
from evalapp.core.language import LANGUAGES, Message
from evalapp.surveys.answering.begin_draft import begin_draft
from evalapp.surveys.answering.change_rounds import add_round, remove_round
from evalapp.surveys.answering.earlier_answers import is_dependent
from evalapp.surveys.answering.hand_in import HandedIn, NotComplete, hand_in
from evalapp.surveys.answering.queries import OpenForm, has_languages, list_open_questions
from evalapp.surveys.answering.question_types.question import Question
from evalapp.surveys.answering.question_types.question_of import question_of
from evalapp.surveys.answering.save_screen import Saved, Sent, Way, save_screen, words_of
from evalapp.surveys.answering.screens import Screen, is_live, questions_of
from evalapp.surveys.answering.taking_part.survey_consent import answer_survey_consent, get_consent_question, has_consent
from evalapp.surveys.review.check_quality import check_quality
from evalapp.web.answering.desk import Desk
from evalapp.web.answering.words import plain
from evalapp.web.forms import Form, row_number
from evalapp.web.transactions import reading_db, writing_db
from evalapp.xform.engine.screens import Asked
from evalapp.xform.faults import FormError

Answer = str | tuple[str, int] | Response
WAYS: dict[str, Way] = {"next": "next", "as_written": "as_written", "back": "back", "keep": "keep"}
ANSWERS_OF_A_ROUND = 2
CONSENT_ANSWERS = ("yes", "no")


def show_screen(desk: Desk, number: int) -> Answer:
    """Show one screen; behind the last one stands the last look."""
    with reading_db() as db:
        answering = desk.open_form(db)
        if answering is None:
            return redirect(desk.url("begin"), 303)
        speak(desk, answering)
        if not 1 <= number <= len(answering.screens):
            return redirect(desk.url("check"), 303)
        return _screen_page(desk, answering, answering.screens[number - 1], Form())


def take_screen(desk: Desk) -> Answer:
    """Take in what was answered on a screen, and go where its button leads."""
    what, _, detail = request.form.get("do", "next").partition(":")
    with writing_db() as db:
        answering = desk.open_form(db, to_write=True)
        if answering is None:
            return redirect(desk.url("begin"), 303)
        speak(desk, answering)
        sent = _sent()
        saved = save_screen(db, answering, sent, WAYS.get(what, "stay"))
        if what in ("add", "remove"):
            _change_rounds(db, answering, sent.screen, detail if what == "remove" else "")
        if what == "language" and detail in LANGUAGES:
            answering.draft.language = detail
        screen = next((each for each in answering.screens if each.key == sent.screen), None)
        if screen and (saved.faults or what == "keep"):
            return _screen_page(desk, answering, screen, _refused(saved), sent), 422 if saved.faults else 200
        number, is_last = answering.number, answering.number > len(answering.screens)
    if saved.overtaken:
        _say(
            Message("This survey was changed on another page or device meanwhile. All answers are kept; what you sent last counts.")
        )
    if what == "leave":
        return redirect(desk.url("leave"), 303)
    return redirect(desk.url("check") if is_last else desk.url("screen", number=number), 303)


def show_check(desk: Desk) -> Answer:
    """Show what is still open, and what was answered, before it is handed in."""
    with reading_db() as db:
        answering = desk.open_form(db)
        if answering is None:
            return redirect(desk.url("begin"), 303)
        speak(desk, answering)
        open_questions = [(each, words_of(each.verdict)) for each in list_open_questions(answering)]
        return render_template(
            "answering/check.html", desk=desk, open_questions=open_questions, summary=summary_of(answering), **frame_of(answering)
        )


def show_beginning(desk: Desk, form: Form | None = None, **more: object) -> Answer:
    """Show the consent text where consent does not hold, else a button to begin or go on."""
    with reading_db() as db:
        invitation = desk.invitation(db)
        question = None if has_consent(db, invitation) else get_consent_question(db, invitation, g.language)
        page = render_template("answering/begin.html", desk=desk, question=question, form=form or Form(), **more)
        return (page, 422) if form and form.refused else page


def begin(desk: Desk, mode: str, account: str | None) -> Answer:
    """Record what was said to the consent text, and begin or go on with the survey."""
    agreed = request.form.get("consent")
    with writing_db() as db:
        invitation = desk.invitation(db)
        if not has_consent(db, invitation):
            question = get_consent_question(db, invitation, g.language)
            if agreed not in CONSENT_ANSWERS:
                return redirect(desk.url("begin"), 303)
            # What was agreed to is the text that stood on the page, which may have a newer version by now.
            version, language = request.form.get("version", question.version), request.form.get("text_language", question.language)
            answer_survey_consent(db, invitation, version, language, agreed=agreed == "yes")
            if agreed == "no":
                return redirect(desk.url("declined"), 303)
        answering = begin_draft(db, invitation, g.language, mode, account)
        number, is_last = answering.number, answering.number > len(answering.screens)
    return redirect(desk.url("check") if is_last else desk.url("screen", number=number), 303)


def submit(desk: Desk) -> HandedIn | None:
    """Hand the answers in; None, with words on the next page, where questions are open. Then the rules of quality are asked."""
    try:
        with writing_db() as db:
            handed_in = hand_in(db, desk.handed_in(db))
    except NotComplete as not_complete:
        _say(not_complete.message)
        return None
    if handed_in.is_new:
        ask_rules(handed_in.submission)
    return handed_in


def ask_rules(submission: Any) -> None:
    """Ask the rules of quality about a submission that was committed."""
    try:
        with writing_db() as db:
            check_quality(db, submission)
    except Exception as error:  # noqa: BLE001 - the answers are safe, and the rules are asked again at night
        current_app.logger.warning("quality was not checked: %s", type(error).__name__)


def speak(desk: Desk, answering: OpenForm) -> None:
    """Give a respondent's page the language of the answers; an interviewer's keeps that of its reader."""
    if not desk.is_staff:
        g.language = answering.draft.language


def _say(message: Message) -> None:
    flash(message.within(g.language))


def _sent() -> Sent:
    since = row_number(request.form.get("entered", ""))
    return Sent(
        screen=request.form.get("screen", ""),
        fields={name: request.form.getlist(name) for name in request.form},
        shown=frozenset(request.form.getlist("shown")),
        version=row_number(request.form.get("version", "")) or 0,
        entered_at=now() if since is None else min(dt.datetime.fromtimestamp(since, dt.UTC), now()),
    )


def _change_rounds(db: Session, answering: OpenForm, key: str, place: str) -> None:
    try:
        if place:
            remove_round(db, answering, key, row_number(place) or 0)
        else:
            add_round(db, answering, key)
    except FormError as full:
        _say(Message(full.text, **full.facts))


def _refused(saved: Saved) -> Form:
    # A form's own words are texts, which pages say as they are.
    return Form(faults=saved.faults)  # type: ignore[arg-type]


def _screen_page(desk: Desk, answering: OpenForm, screen: Screen, form: Form, sent: Sent | None = None) -> str:
    blocks = [] if screen.rounds else answering.blocks(screen)
    questions = questions_of(blocks)
    typed = sent.fields if sent else {}
    form.labels.update({question.name: plain(question.label).rstrip(" ?.:") for question in questions})
    given = {q.name: typed.get(q.name, ()) if sent and q.name in sent.shown and form.refused else q.given for q in questions}
    return render_template(
        "answering/screen.html",
        desk=desk,
        screen=screen,
        blocks=blocks,
        rounds=[_round_words(answering, each) for each in screen.rounds.children] if screen.rounds else [],
        given=given,
        earlier=_earlier(answering, questions),
        form=form,
        number=answering.screens.index(screen) + 1,
        live=is_live(answering.instance, screen),
        entered=int(now().timestamp()),
        **frame_of(answering),
    )


def _round_words(answering: OpenForm, each: Asked) -> str:
    """Return what tells one round from another: the first of its answers."""
    said = (q.said(q.stored) for q in (question_of(answering.instance, asked) for asked in each.questions()) if q.stored)
    return ", ".join(islice(said, ANSWERS_OF_A_ROUND))


def frame_of(answering: OpenForm) -> dict[str, object]:
    """Return what the frame around every screen shows."""
    return {
        "count": len(answering.screens),
        "version": answering.draft.version,
        "language": answering.draft.language,
        "other_languages": [code for code in LANGUAGES if code != answering.draft.language] if has_languages(answering) else [],
    }


def _earlier(answering: OpenForm, questions: Sequence[Question]) -> dict[str, str]:
    """Return, for questions that build on an earlier wave and are not answered yet, what was answered then."""
    model = answering.instance.form.model
    dependent = [q for q in questions if is_dependent(model, q.element.name) and not q.stored]
    return {q.name: q.said(answering.earlier[q.element.name]) for q in dependent if q.element.name in answering.earlier}


def summary_of(answering: OpenForm) -> list[tuple[int, Question]]:
    """Return the questions that were answered, with the numbers of their screens."""
    return [
        (number, question)
        for number, screen in enumerate(answering.screens, start=1)
        if screen.rounds is None
        for question in questions_of(answering.blocks(screen))
        if question.stored
    ]
