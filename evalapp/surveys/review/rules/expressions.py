"""Expressions of rules: XPath as in survey forms, over the answers of one submission and those of earlier waves.

`${name}` is the answer to a question, `${prev_name}` the last one from an earlier wave. What was not answered, not known or refused is
empty; of a question that was asked in several rounds there are several answers, as in sum(${name}).
"""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from evalapp.core.clock import now
from evalapp.surveys.check_answers import MISSING_CODES
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.review.corrections.apply_corrections import Answers
from evalapp.xform.engine.answers import BadAnswer, typed
from evalapp.xform.faults import N_, FormError
from evalapp.xform.tree import Element
from evalapp.xform.xpath.dates import in_seoul
from evalapp.xform.xpath.evaluator import Evaluator, compiled
from evalapp.xform.xpath.parser import parse
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.syntax import Path, parts
from evalapp.xform.xpath.values import boolean

REFERENCE = re.compile(r"\$\{\s*(\w+)\s*\}")
EARLIER = "prev_"
TYPES = {"integer": "int", "decimal": "decimal", "date": "date"}


class AnswerSheet:
    """The answers of a submission as expressions see them (evalapp.xform.xpath.scope.Surroundings)."""

    version = ""

    def __init__(self, answers: Answers, earlier: Mapping[str, str], definition: InstrumentDefinition) -> None:
        self.random = random.Random(0)  # noqa: S311 - nothing is drawn
        self.root = Element("data")
        types = {name: TYPES.get(question.type, "string") for name, question in definition.by_name.items()}
        for place in sorted(answers):
            self._add(place.variable, answers[place], types.get(place.variable, "string"))
        for variable, text in earlier.items():
            self._add(f"{EARLIER}{variable}", text, types.get(variable, "string"))

    def _add(self, name: str, text: str, kind: str) -> None:
        if text in MISSING_CODES:
            return
        try:
            value = typed(text, kind)
        except BadAnswer:
            value = text
        self.root.add(Element(name, self.root, value))

    def now(self) -> dt.datetime:
        """Return the wall-clock time in Seoul."""
        return in_seoul(now())

    def table(self, name: str) -> Element:
        """Refuse: rules bring no tables."""
        raise FormError(N_("The form brings no table “%(name)s”."), name=name)

    def choice_label(self, name: str, path: str, here: Element) -> str:  # noqa: ARG002 - the interface of expressions
        """Return the choice's name: rules do not depend on a language."""
        return name

    def property(self, name: str) -> str:  # noqa: ARG002 - the interface of expressions
        """Return nothing: rules know no device."""
        return ""


def condition(expression: str) -> Evaluator:
    """Return the function that evaluates a rule's expression, or say in a FormError why it cannot be read."""
    return compiled(_plain(expression))


def holds(expression: str, sheet: AnswerSheet) -> bool:
    """Say whether an expression is true of a submission."""
    return boolean(condition(expression)(Scope(sheet, sheet.root)))


def variables_of(expression: str) -> tuple[str, ...]:
    """Return the names of the answers that an expression reads, in their order."""
    return tuple(dict.fromkeys(_names(expression)))


def _names(expression: str) -> Iterator[str]:
    for part in parts(parse(_plain(expression))):
        if isinstance(part, Path) and part.start == "root" and len(part.steps) > 1:
            yield part.steps[1].name


@lru_cache(maxsize=1_000)
def _plain(expression: str) -> str:
    return REFERENCE.sub(r"/data/\1", expression)
