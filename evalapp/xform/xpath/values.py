"""Values of expressions and how one kind becomes another, as XPath 1.0 has it with ODK's dates added."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal

from evalapp.xform.faults import N_, FormError
from evalapp.xform.tree import Element, Value
from evalapp.xform.xpath.dates import day_number, iso_date

NEARLY_ZERO = 1e-12  # JavaRosa's tolerance for equality of numbers and for "is it zero"
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")


class Nodes(list[Element]):
    """The elements a path leads to."""

    __slots__ = ()

    def single(self) -> Value:
        """Return the value of the only element, "" where there is none; more than one is an error."""
        if not self:
            return ""
        if len(self) > 1:
            raise FormError(
                N_("The question %(name)s is asked more than once here. Say which answer is meant, with indexed-repeat()."),
                name=self[0].name,
            )
        return self[0].value


Result = Value | Nodes


def plain(result: Result) -> str | bool | float | dt.datetime:
    """Return a result as one value; whole numbers and decimals are the same kind in an expression."""
    value = result.single() if isinstance(result, Nodes) else result
    return float(value) if type(value) is int else value


def number(result: Result) -> float:
    """Return a result as a number; a date is whole days since 1970, text that is no number is NaN."""
    value = plain(result)
    if isinstance(value, str):
        text = value.replace(",", ".").strip()
        return float(text) if NUMBER.fullmatch(text) else math.nan
    return float(day_number(value)) if isinstance(value, dt.datetime) else float(value)


def boolean(result: Result) -> bool:
    """Return a result as true or false; a date is always true, text where it is not empty."""
    value = plain(result)
    if isinstance(value, float):
        return not math.isnan(value) and abs(value) > NEARLY_ZERO
    return True if isinstance(value, dt.datetime) else bool(value)


def text(result: Result) -> str:
    """Return a result as text: whole numbers without a decimal point, dates as 2026-09-01."""
    value = plain(result)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return number_text(value)
    return iso_date(value) if isinstance(value, dt.datetime) else value


def number_text(value: float) -> str:
    """Return a number as a person writes it, never with an exponent."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if abs(value) < NEARLY_ZERO:
        return "0"
    nearest = round(value)
    if abs(value - nearest) < NEARLY_ZERO:
        return str(nearest)
    return decimal_text(value)


def decimal_text(value: float) -> str:
    """Return a decimal number with its point, as a submission carries it: 2.0, 12345678.5."""
    shortest = repr(value)
    if "e" not in shortest:
        return shortest
    written = format(Decimal(shortest), "f")
    return written if "." in written else f"{written}.0"


def equal(left: Result, right: Result) -> bool:
    """Compare two results: as booleans where one is, else as numbers where one is, else as text."""
    one, other = plain(left), plain(right)
    if isinstance(one, bool) or isinstance(other, bool):
        return boolean(one) == boolean(other)
    if isinstance(one, float) or isinstance(other, float):
        return abs(number(one) - number(other)) < NEARLY_ZERO
    return text(one) == text(other)
