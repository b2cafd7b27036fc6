"""Answers from text to typed values and back, by the type that the form gives a question."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable

from evalapp.xform.faults import N_, FormError
from evalapp.xform.tree import Value
from evalapp.xform.xpath.dates import EPOCH, iso_date, iso_datetime, iso_time, midnight, parse_moment, parse_time
from evalapp.xform.xpath.functions.logic import is_empty
from evalapp.xform.xpath.values import Result, decimal_text, number_text, plain

INTEGER_RANGE = (-(2**31), 2**31 - 1)
NEARLY_WHOLE = 1e-9  # JavaRosa's tolerance for storing a calculated number as a whole one
WHOLE = re.compile(r"[+-]?\d{1,10}")
DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)")
PLACES = {"geopoint", "geotrace", "geoshape"}
NUMBERS_OF_A_PLACE = (2, 3, 4)


class BadAnswer(FormError):  # noqa: N818 - what it is, in words
    """An answer that its question cannot take."""


def typed(text: str, kind: str) -> Value:
    """Read an answer as a person or a submission writes it, or raise BadAnswer."""
    text = text.strip() if kind != "string" else text
    if not text:
        return ""
    if kind in ("date", "dateTime", "time"):
        return _moment(text, kind)
    return READERS[kind](text) if kind in READERS else text


def _whole(text: str) -> int:
    if not WHOLE.fullmatch(text) or not INTEGER_RANGE[0] <= int(text) <= INTEGER_RANGE[1]:
        raise BadAnswer(N_("“%(text)s” is not a whole number. Write digits only."), text=text)
    return int(text)


def _decimal(text: str) -> float:
    if not DECIMAL.fullmatch(text):
        raise BadAnswer(N_("“%(text)s” is not a number. Write digits, with a point before decimals."), text=text)
    return float(text)


def _moment(text: str, kind: str) -> dt.datetime:
    try:
        if kind == "time":
            return parse_time(text, EPOCH)
        moment = parse_moment(text)
    except ValueError:
        pass
    else:
        return midnight(moment) if kind == "date" else moment
    wanted = {"date": "2026-09-01", "dateTime": "2026-09-01T09:30", "time": "09:30"}[kind]
    raise BadAnswer(N_("“%(text)s” is not a date or time. Write it like %(wanted)s."), text=text, wanted=wanted)


def _places(text: str) -> str:
    """Return places with four numbers each: latitude, longitude, altitude, accuracy."""
    written = []
    for place in filter(None, (part.strip() for part in text.split(";"))):
        numbers = place.split()
        if len(numbers) not in NUMBERS_OF_A_PLACE or not all(DECIMAL.fullmatch(each) for each in numbers):
            raise BadAnswer(N_("This is not a place: write latitude and longitude, for example 37.57 126.98."))
        written.append(" ".join(decimal_text(float(each)) for each in [*numbers, "0", "0"][:4]))
    return "; ".join(written)


READERS: dict[str, Callable[[str], Value]] = {
    **dict.fromkeys(("int", "integer", "long"), _whole),
    **dict.fromkeys(("decimal", "double", "float"), _decimal),
    **dict.fromkeys(PLACES, _places),
    **dict.fromkeys(("select", "rank"), lambda text: " ".join(text.split())),
    "boolean": lambda text: text in ("1", "true"),
}


def written(value: Value, kind: str) -> str:
    """Return a value as a submission carries it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, dt.datetime):
        return {"date": iso_date, "time": iso_time}.get(kind, iso_datetime)(value)
    if isinstance(value, float):
        return decimal_text(value) if math.isfinite(value) else number_text(value)
    return str(value)


def calculated(result: Result, kind: str) -> Value:
    """Return the result of a calculation as it is stored: it keeps its own type, whole numbers without decimals."""
    value = plain(result)
    if is_empty(value):
        return ""
    if kind == "boolean" or isinstance(value, bool):
        return bool(value)
    if isinstance(value, float):
        return _calculated_number(value, kind)
    if isinstance(value, str) and kind in PLACES:
        return _places(value)
    return value


def _calculated_number(value: float, kind: str) -> Value:
    if math.isinf(value):
        return value if kind not in ("int", "integer") else INTEGER_RANGE[value > 0]
    whole = math.trunc(value)
    if kind in ("int", "integer"):
        return max(INTEGER_RANGE[0], min(whole, INTEGER_RANGE[1]))
    return whole if abs(value - whole) < NEARLY_WHOLE else value
