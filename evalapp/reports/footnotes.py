"""Warnings beside the numbers they concern: a letter at the number, the sentence under the table."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evalapp.core.language import Message
from evalapp.reports import formats
from evalapp.reports.row_index import Warnings
from evalapp.reports.source import Source
from evalapp.stats.warnings import CAUTIONS

NOT_FINITE = ("nan", "inf", "-inf")  # how a run writes such a fact down
PLACEHOLDER = re.compile(r"%(?:\((\w+)\)(?:\.(\d+))?([sdfg])|%)")
LETTERS = "abcdefghijklmnopqrstuvwxyz"
SIGNIFICANT_DIGITS = 3

# Codes that say what a number is rather than what is wrong with it: a note under the table, no warning.
EXPLANATIONS = frozenset({"base_period", "everyone_answered", "nobody_missing"})


def officer_sentence(code: str, facts: Mapping[str, Any], source: Source) -> str:
    """Say a warning to a programme officer."""
    return _spoken(CAUTIONS[code].officer, facts, source)


def econometrician_sentence(code: str, facts: Mapping[str, Any], source: Source) -> str:
    """Say a warning to an econometrician."""
    return _spoken(CAUTIONS[code].econometrician, facts, source)


def _spoken(text: str, facts: Mapping[str, Any], source: Source) -> str:
    """Fill a sentence in, its numbers and names as readers write them rather than as a program would."""

    def fill(found: re.Match[str]) -> str:
        name, digits, kind = found.groups()
        return "%" if name is None else _fact(name, facts[name], source, int(digits) if digits and kind == "f" else None)

    return PLACEHOLDER.sub(fill, Message(text).within(source.language))


def _fact(name: str, value: Any, source: Source, digits: int | None) -> str:
    if isinstance(value, Mapping):
        return Message(value["text"], **value["facts"]).within(source.language)
    if isinstance(value, (list, tuple)):
        return ", ".join(_fact(name, v, source, digits) for v in value)
    if name in ("cohort", "cohorts", "last_period"):
        return ", ".join(source.period(part) for part in str(value).split(", "))
    if isinstance(value, str):
        return formats.ABSENT if value in NOT_FINITE else ", ".join(source.name(part) for part in value.split(", "))
    if name.startswith("p_") and value is not None:
        return formats.p_value(value)
    return formats.number(value, source.language, _digits(value) if digits is None else digits)


def _digits(value: float) -> int:
    if value == round(value):
        return 0
    return max(0, SIGNIFICANT_DIGITS - 1 - math.floor(math.log10(abs(value))))


@dataclass
class Footnotes:
    """The lettered notes of one table; warnings that read alike share a letter."""

    source: Source
    sentences: list[str] = field(default_factory=list)

    def mark(self, warnings: Warnings) -> str:
        """Return the letters of a number's warnings, adding those not met before."""
        spoken = dict.fromkeys(officer_sentence(code, facts, self.source) for code, facts in warnings)
        self.sentences.extend(s for s in spoken if s not in self.sentences)
        return ",".join(_letter(self.sentences.index(s)) for s in spoken)

    @property
    def notes(self) -> tuple[str, ...]:
        """The sentences, each with its letter, for the foot of the table."""
        return tuple(f"{_letter(i)}  {sentence}" for i, sentence in enumerate(self.sentences))


def _letter(position: int) -> str:
    again, place = divmod(position, len(LETTERS))
    return LETTERS[place] * (again + 1)
