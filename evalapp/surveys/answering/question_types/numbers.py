"""Numbers: counted, measured, or on a scale between two ends."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from evalapp.surveys.answering.question_types.question import Question
from evalapp.xform.engine.answers import INTEGER_RANGE, WHOLE, BadAnswer
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked
from evalapp.xform.faults import N_

MOST_STEPS = 11  # of a scale that is shown as buttons: 0 to 10
SIGNS = str.maketrans({"−": "-", ",": None, " ": None, "_": None})  # what people put into numbers


class NumberQuestion(Question):
    """What whole numbers and numbers with decimals have in common."""

    drawn_as = "number"
    input_mode = "decimal"  # not the type number: such a field drops what it cannot read without a word

    def cleaned(self, text: str) -> str:
        """Take full-width digits and separators of thousands."""
        return unicodedata.normalize("NFKC", text).strip().translate(SIGNS)

    def said(self, stored: str) -> str:
        """Return the number with separators of thousands."""
        whole, point, rest = stored.removesuffix(".0").partition(".")
        return (f"{int(whole):,}" if whole.lstrip("-").isdecimal() else whole) + point + rest


class IntegerQuestion(NumberQuestion):
    """A whole number."""

    input_mode = "numeric"

    def cleaned(self, text: str) -> str:
        """Say it where a number is too large, which for the form's engine is no number at all."""
        digits = super().cleaned(text)
        sign = digits.lstrip("-+")
        if sign.isdecimal() and not (WHOLE.fullmatch(digits) and int(digits) <= INTEGER_RANGE[1]):
            raise BadAnswer(N_("This number is too large here; at most %(most)s."), most=f"{INTEGER_RANGE[1]:,}")
        return digits


class DecimalQuestion(NumberQuestion):
    """A number that may have decimals."""

    @property
    def given(self) -> Sequence[str]:
        """The number as it was typed: without a spare decimal."""
        return (self.stored.removesuffix(".0"),) if self.stored else ()


class RangeQuestion(NumberQuestion):
    """A number from `start` to `end`: as buttons where there are few, else typed."""

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        numbers = {name: float(value) for name, value in asked.control.parameters.items() if name in ("start", "end", "step")}
        self.start, self.end, self.step = numbers.get("start", 1.0), numbers.get("end", 10.0), abs(numbers.get("step", 1.0)) or 1.0
        self.least, self.most = (_plain(end(self.start, self.end)) for end in (min, max))
        self.is_group = bool(self.steps)
        self.drawn_as = "scale" if self.steps else "number"

    @property
    def steps(self) -> list[str]:
        """The numbers to choose from, as the form stores them; none where they are too many."""
        count = round(abs(self.end - self.start) / self.step) + 1
        direction = self.step if self.end >= self.start else -self.step
        return [_plain(self.start + direction * at) for at in range(count)] if count <= MOST_STEPS else []

    @property
    def given(self) -> Sequence[str]:
        """The number as the steps write it."""
        return (_plain(float(self.stored)),) if self.stored else ()

    def read(self, sent: Sequence[str]) -> str:
        """Hold the number to its ends and steps."""
        text = super().read(sent)
        if not text:
            return text
        value = float(text)
        away = (value - min(self.start, self.end)) / self.step
        if not float(self.least) <= value <= float(self.most) or abs(away - round(away)) > 1e-6:  # noqa: PLR2004 - binary fractions
            raise BadAnswer(N_("Write a number from %(least)s to %(most)s."), least=self.least, most=self.most)
        return text


def _plain(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")
