"""What judging, labelling and offering choices need to know of a form being filled in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from evalapp.xform.engine.plan import Form
from evalapp.xform.faults import FormError
from evalapp.xform.tree import Element
from evalapp.xform.xpath.evaluator import compiled
from evalapp.xform.xpath.scope import Scope, Surroundings
from evalapp.xform.xpath.values import Result

T = TypeVar("T")


class Filled(Surroundings, Protocol):
    """A form being filled in."""

    form: Form
    language: str
    seed: str
    errors: dict[tuple[str, str], FormError]


def attempt(filled: Filled, what: str, text: str, here: Element, turned: Callable[[Result], T]) -> T | None:
    """Return the result of an expression turned into what is wanted, or None and a note where it cannot be worked out.

    A fault of the form must not keep a respondent from going on; `errors` tells those who can mend it.
    """
    try:
        result = turned(evaluate(filled, text, here))
    except FormError as error:
        filled.errors[here.address, what] = error
        return None
    filled.errors.pop((here.address, what), None)
    return result


def evaluate(filled: Filled, text: str, here: Element) -> Result:
    """Return the result of an expression as seen from an element."""
    return compiled(text)(Scope(filled, here))
