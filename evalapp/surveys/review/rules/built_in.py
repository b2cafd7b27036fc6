"""The checks that are built in, each with its parameters, called in a rule's expression as speeding(share=0.33)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from evalapp.surveys.review.rules.amounts import outlier, units_slip
from evalapp.surveys.review.rules.duplicates import duplicate_answers, duplicate_registration_number
from evalapp.surveys.review.rules.form_faults import form_faults
from evalapp.surveys.review.rules.patterns import dont_know, hasty_screens, speeding, straight_lining
from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import WaveFacts
from evalapp.xform.faults import N_, FormError

CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)
PARAMETER = re.compile(r"\s*(\w+)\s*=\s*([\w. ]+?)\s*")


@dataclass(frozen=True)
class BuiltIn:
    """A check and its parameters with what they are where a rule does not say; their types are those of these values."""

    check: Callable[..., Iterator[Doubt]]
    parameters: Mapping[str, Any]


BUILT_IN: Final[Mapping[str, BuiltIn]] = {
    "speeding": BuiltIn(speeding, {"share": 0.33, "seconds_per_answer": 2.0}),
    "hasty_screens": BuiltIn(hasty_screens, {"seconds": 1.0, "share": 0.5}),
    "straight_lining": BuiltIn(straight_lining, {"items": 6}),
    "dont_know": BuiltIn(dont_know, {"share": 0.2}),
    "units_slip": BuiltIn(units_slip, {"variables": ("revenue_krw",), "factor": 10_000.0}),
    "outlier": BuiltIn(outlier, {"variables": ("revenue_krw",), "z": 3.5}),
    "duplicate_answers": BuiltIn(duplicate_answers, {"share": 0.95, "answers": 20}),
    "duplicate_registration_number": BuiltIn(duplicate_registration_number, {}),
    "form_faults": BuiltIn(form_faults, {"kinds": ("constraint", "choice")}),
}


@lru_cache(maxsize=1_000)
def find_call(expression: str) -> tuple[BuiltIn, Mapping[str, Any]] | None:
    """Return the check that an expression calls with its parameters, None for an XPath expression, or raise FormError."""
    called = CALL.fullmatch(expression)
    if not called or called[1] not in BUILT_IN:
        return None
    built_in = BUILT_IN[called[1]]
    return built_in, {**built_in.parameters, **dict(_parameters(called[1], called[2], built_in.parameters))}


def run(call: tuple[BuiltIn, Mapping[str, Any]], facts: WaveFacts, key: int) -> list[Doubt]:
    """Return what a check doubts about a submission."""
    built_in, parameters = call
    return list(built_in.check(facts, key, **parameters))


def _parameters(name: str, text: str, known: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for part in filter(str.strip, text.split(",")):
        found = PARAMETER.fullmatch(part)
        if not found or found[1] not in known:
            raise FormError(
                N_("%(name)s() does not understand “%(part)s”. Its parameters are: %(known)s."),
                name=name, part=part.strip(), known=", ".join(known) or "–",
            )  # fmt: skip
        yield found[1], _value(found[1], found[2], known[found[1]])


def _value(name: str, text: str, like: Any) -> Any:
    if isinstance(like, tuple):
        return tuple(text.split())
    try:
        return type(like)(text)
    except ValueError as error:
        raise FormError(N_("“%(text)s” is not a number for %(name)s."), text=text, name=name) from error
