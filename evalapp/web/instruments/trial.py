"""A form tried out before anyone is asked: every screen at once, in either language, as the answers chosen make it."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request

from evalapp.core.clock import now
from evalapp.core.language import LANGUAGES, Message
from evalapp.surveys.answering.question_types.question import Question
from evalapp.surveys.answering.screens import blocks_of, questions_of, screens_of
from evalapp.surveys.instruments.languages import form_language
from evalapp.surveys.instruments.queries import definition_of, get_draft, get_instrument, model_of
from evalapp.web.access import allows
from evalapp.web.forms import Form
from evalapp.web.instruments.place import blueprint
from evalapp.web.transactions import reading_db
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form as Plan
from evalapp.xform.faults import FormError

SEED = "preview"  # the same order of shuffled choices each time


@blueprint.route("/instruments/<code>/<version>/preview", methods=["GET", "POST"])
@allows("instrument.view")
def preview_version(code: str, version: str) -> str:
    """Show a published version as respondents see it. Nothing of what is typed is kept."""
    with reading_db() as db:
        form = get_instrument(db, code, version)
        return _page(form, None)


@blueprint.route("/instrument-drafts/<int:draft>/preview", methods=["GET", "POST"])
@allows("instrument.manage")
def preview_draft(draft: int) -> str:
    """Show a draft as respondents would see it."""
    with reading_db() as db:
        found = get_draft(db, draft)
        return _page(found, found)


def _page(kept: Any, draft: Any) -> str:
    model = model_of(kept)
    wanted = request.form.get("shown_in", g.language)
    language = wanted if wanted in LANGUAGES else g.language
    instance = Instance.start(Plan(model), now, language=form_language(model, language), seed=SEED)
    grown = _grow(instance)
    faults = _answer(instance)
    screens = [(screen, blocks_of(instance, screen)) for screen in screens_of(instance)]
    questions = [question for _, blocks in screens for question in questions_of(blocks)]
    return render_template(
        "instruments/preview.html",
        screens=screens,
        form=Form(faults=faults),
        given={q.name: request.form.getlist(q.name) if q.name in faults else q.given for q in questions},
        earlier={},
        grown=grown,
        shown_in=language,
        title=definition_of(kept).title[g.language],
        kept=kept,
        draft=draft,
    )


def _grow(instance: Instance) -> list[str]:
    """Add the rounds of repeats that were asked for, and return those that could be added."""
    grown = []
    for address in request.form.getlist("grown"):
        try:
            instance.add_round(address)
        except FormError:
            continue
        grown.append(address)
    return grown


def _answer(instance: Instance) -> dict[str, Any]:
    """Give the answers that were sent, in the order in which they make one another be asked; return what is wrong by field."""
    faults: dict[str, Message | str] = {}
    done: set[str] = set()
    while todo := [q for q in _questions(instance) if q.name not in done and q.name in request.form]:
        for question in todo:
            done.add(question.name)
            try:
                instance.set(question.address, question.read(request.form.getlist(question.name)))
            except FormError as bad:
                faults[question.name] = Message(bad.text, **bad.facts)
    wrong = {verdict.address: verdict for verdict in instance.verdicts() if verdict.kind != "required"}
    for question in _questions(instance):
        if verdict := wrong.get(question.address):
            faults.setdefault(question.name, verdict.own or Message(verdict.text, **verdict.facts))
    return faults


def _questions(instance: Instance) -> list[Question]:
    return [question for screen in screens_of(instance) for question in questions_of(blocks_of(instance, screen))]
