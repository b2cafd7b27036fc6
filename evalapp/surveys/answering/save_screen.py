"""Take in what was answered on one screen, each screen in a transaction of its own.

Whoever saves last counts: answers of other screens are never touched, so two devices lose nothing but a first answer to a question
that both answered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.language import Message
from evalapp.surveys.answering.queries import CHECK, Answering, OpenForm
from evalapp.surveys.answering.question_types.question import Question
from evalapp.surveys.answering.screens import Screen, questions_of
from evalapp.surveys.answering.tables import ScreenVisit
from evalapp.xform.engine.drafts import draft_json
from evalapp.xform.engine.verdicts import Verdict
from evalapp.xform.faults import FormError

LONGEST_VISIT_SECONDS = 3600
SAME = ".same"
STEPS = {"next": 1, "as_written": 1, "back": -1}
Way = Literal["next", "as_written", "back", "stay", "keep"]


@dataclass(frozen=True)
class Sent:
    """What a browser sent: the screen, its fields, which questions it showed, the draft's version then, and since when."""

    screen: str
    fields: Mapping[str, Sequence[str]]
    shown: frozenset[str]
    version: int
    entered_at: dt.datetime


@dataclass
class Saved:
    """What became of it. With `faults` (by field) nothing was stored; `grew` says that the same screen asks more now.

    `overtaken` says that the draft was changed elsewhere since the screen was shown.
    """

    faults: dict[str, Message | str] = field(default_factory=dict)
    grew: bool = False
    overtaken: bool = False


def save_screen(db: Session, answering: OpenForm, sent: Sent, way: Way) -> Saved:
    """Store a screen's answers and move on. Only on the way to the next screen must they be complete and possible.

    What is copied from paper may go on `as_written`: incomplete or impossible, but never unreadable. `stay` ends the visit, to show
    the screen anew or to leave; `keep` saves in the midst of it.
    """
    screen = _find(answering, sent.screen)
    if screen is None or screen.rounds:
        move(answering, screen, way)
        return Saved()
    saved = Saved()
    changed = _put_all(answering, screen, sent, saved)
    after = _find(answering, sent.screen)
    if way in ("next", "as_written"):
        left = _questions(answering, after) if after else []
        saved.grew = any(question.name not in sent.shown for question in left)
        if way == "next" or not answering.on_paper:
            _judge([question for question in left if question.name in sent.shown], saved)
        if saved.faults:
            return saved
    saved.faults.clear()
    saved.overtaken = bool(changed) and sent.version != answering.draft.version
    move(answering, after or screen, "stay" if saved.grew else way)
    store(db, answering, changed=bool(changed))
    if way != "keep" and isinstance(answering, Answering):
        _note_visit(db, answering, sent, changed)
    return saved


def move(answering: OpenForm, screen: Screen | None, way: Way) -> None:
    """Let the draft stand at the screen after or before another, as the answers are now."""
    keys = [each.key for each in answering.screens]
    at = keys.index(screen.key) if screen and screen.key in keys else answering.number - 1
    to = at + STEPS.get(way, 0)
    answering.draft.screen = keys[max(to, 0)] if to < len(keys) else CHECK


def store(db: Session, answering: OpenForm, *, changed: bool = True) -> None:
    """Seal the answers as they stand."""
    draft = answering.draft
    if changed:
        draft.answers_sealed = keys_of(db).seal(draft_json(answering.instance), answering.context)
        draft.version += 1
    draft.saved_at = now()
    db.flush()


def _find(answering: OpenForm, key: str) -> Screen | None:
    return next((screen for screen in answering.screens if screen.key == key), None)


def _questions(answering: OpenForm, screen: Screen) -> list[Question]:
    return questions_of(answering.blocks(screen))


def _put_all(answering: OpenForm, screen: Screen, sent: Sent, saved: Saved) -> int:
    """Set the answers of a screen, those too that only an answer above makes asked; return how many changed."""
    changed, done = 0, set[str]()
    while fresh := [question for question in _questions(answering, screen) if question.name in sent.shown - done]:
        changed += sum(_put(answering, question, sent, saved) for question in fresh)
        done.update(question.name for question in fresh)
        answering.moved()
        screen = _find(answering, sent.screen) or screen
    return changed


def _put(answering: OpenForm, question: Question, sent: Sent, saved: Saved) -> bool:
    """Set one answer; say whether that changed it."""
    before = question.stored
    try:
        text = question.read(sent.fields.get(question.name, ()))
        if not text and sent.fields.get(question.name + SAME):
            text = answering.earlier.get(question.element.name, "")
        answering.instance.set(question.address, text)
    except FormError as bad:
        saved.faults[question.name] = Message(bad.text, **bad.facts)
    return question.stored != before


def _judge(questions: Sequence[Question], saved: Saved) -> None:
    for question in questions:
        verdict = None if question.name in saved.faults else question.instance.verdict(question.element)
        if verdict:
            saved.faults[question.name] = words_of(verdict)


def words_of(verdict: Verdict) -> Message | str:
    """Return what is wrong with an answer: in the form's own words, or in ours."""
    return verdict.own or Message(verdict.text, **verdict.facts)


def _note_visit(db: Session, answering: Answering, sent: Sent, changed: int) -> None:
    seconds = min(max((now() - sent.entered_at).total_seconds(), 0), LONGEST_VISIT_SECONDS)
    db.add(
        ScreenVisit(
            invitation_id=answering.invitation.id, screen=sent.screen, entered_at=sent.entered_at, seconds=seconds, changed=changed
        )
    )
    db.flush()
