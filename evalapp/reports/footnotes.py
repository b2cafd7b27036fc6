"""Warnings beside the numbers they concern: a letter at the number, the sentence under the table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evalapp.core.language import Message
from evalapp.panel.variables import VARIABLES
from evalapp.reports import formats
from evalapp.reports.labels import SCORES, variable_label
from evalapp.reports.row_index import Warnings
from evalapp.stats.warnings import CAUTIONS

WHOLE_FROM = 1_000
NOT_FINITE = ("nan", "inf", "-inf")  # how a run writes such a fact down
HYPHEN_MINUS = re.compile(r"(?<![\w.])-(?=\.?\d)")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def officer_sentence(code: str, facts: Mapping[str, Any], language: str) -> str:
    """Say a warning to a programme officer."""
    return _spoken(CAUTIONS[code].officer, facts, language)


def econometrician_sentence(code: str, facts: Mapping[str, Any], language: str) -> str:
    """Say a warning to an econometrician."""
    return _spoken(CAUTIONS[code].econometrician, facts, language)


class _Fact(float):
    """A number inside a sentence. `%(x).2f` sees the number; `%(x)s` sees it as a reader would write it, to three digits."""

    def __str__(self) -> str:
        if not math.isfinite(self):
            return formats.ABSENT
        return f"{float(self):,.0f}" if self.is_integer() or abs(self) >= WHOLE_FROM else f"{float(self):.3g}"


def _spoken(text: str, facts: Mapping[str, Any], language: str) -> str:
    sentence = Message(text, **{name: _fact(value, language) for name, value in facts.items()}).within(language)
    return HYPHEN_MINUS.sub("−", sentence)


def _fact(value: Any, language: str) -> object:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(_fact(v, language)) for v in value)
    if isinstance(value, (int, float)) or value in NOT_FINITE:
        return _Fact(value)
    text = str(value)
    return variable_label(text, language) if text in VARIABLES or text in SCORES else text


@dataclass
class Footnotes:
    """The lettered notes of one table."""

    language: str
    found: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def mark(self, warnings: Warnings) -> str:
        """Return the letters of a number's warnings, adding those not met before."""
        self.found.extend(w for w in warnings if w not in self.found)
        return ",".join(_letter(self.found.index(w)) for w in warnings)

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences, each with its letter, for the foot of the table."""
        return tuple(f"{_letter(i)}  {officer_sentence(*w, self.language)}" for i, w in enumerate(self.found))


def _letter(position: int) -> str:
    again, place = divmod(position, len(LETTERS))
    return LETTERS[place] * (again + 1)
