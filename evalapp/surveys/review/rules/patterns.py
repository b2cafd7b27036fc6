"""Checks of how a survey was answered: too fast, the same all along, too often without knowing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from evalapp.surveys.check_answers import MISSING_CODES
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import WaveFacts

EVASIONS = frozenset({*MISSING_CODES, "dont_know", "do_not_know", "refused", "no_answer"})
NOT_APPLICABLE = ".n"
MINUTE = 60
SCREENS = 4
LEAST_CHOICES = 4


def speeding(facts: WaveFacts, key: int, *, share: float, seconds_per_answer: float) -> Iterator[Doubt]:
    """Doubt a submission answered within a share of the wave's median duration, or faster than its questions can be read."""
    seconds, usual = facts.lines[key].seconds, facts.usual_seconds
    if seconds is None:
        return
    readable = seconds_per_answer * len(facts.answers[key])
    if seconds < readable or (usual is not None and seconds < share * usual):
        yield Doubt(facts={"minutes": round(seconds / MINUTE, 1), "usual": "–" if usual is None else round(usual / MINUTE, 1)})


def hasty_screens(facts: WaveFacts, key: int, *, seconds: float, share: float) -> Iterator[Doubt]:
    """Doubt a submission many of whose screens were left almost at once."""
    screens = facts.screens.get(key, [])
    hasty = sum(shown <= seconds for shown in screens)
    if len(screens) >= SCREENS and hasty >= share * len(screens):
        yield Doubt(facts={"percent": round(100 * hasty / len(screens))})


def straight_lining(facts: WaveFacts, key: int, *, items: int) -> Iterator[Doubt]:
    """Doubt a row of scale questions that were all answered alike; the doubt stands at the first of them."""
    answers = facts.answers[key]
    form = facts.lines[key].instrument
    for battery in facts.once(("batteries", form), lambda: list(batteries(facts.definition(key)))):
        given = [text for name in battery if (text := answers.get(Place(name), "")) and text not in EVASIONS]
        if len(given) >= items and len(set(given)) == 1:
            yield Doubt(battery[0], {"count": len(given), "answer": given[0]})


def batteries(definition: InstrumentDefinition) -> Iterator[list[str]]:
    """Yield the names of questions that follow one another and offer the same scale of numbers."""
    for choices, questions in groupby(definition.questions, key=lambda question: question.choices):
        names = [question.name for question in questions if question.type == "select_one"]
        if len(choices) >= LEAST_CHOICES and all(choice.name.isdecimal() for choice in choices):
            yield names


def dont_know(facts: WaveFacts, key: int, *, share: float) -> Iterator[Doubt]:
    """Doubt a submission with many answers that are “don't know” or refusals."""
    given = [text for text in facts.answers[key].values() if text != NOT_APPLICABLE]
    evaded = sum(text in EVASIONS for text in given)
    if given and evaded >= share * len(given):
        yield Doubt(facts={"percent": round(100 * evaded / len(given))})
