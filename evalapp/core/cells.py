"""A cell of text turned into a number, a date or a choice, or the reason it cannot be."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping

from evalapp.core.faults import shown, shown_entry
from evalapp.core.korean_formats import holds_phone_number, holds_shortened_number
from evalapp.core.language import Message

WHOLE = re.compile(r"[+-]?(?:\d{1,15}|\d{1,3}(?:,\d{3}){1,4})(?:\.0+)?")
DECIMAL = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
DATE = re.compile(r"(\d{4})(?:-|\.\s?|/)(\d{1,2})(?:-|\.\s?|/)(\d{1,2})\.?(?:[ T]00:00(?::00)?)?")
YEARS = range(1900, 2101)


CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


class BadCell(Exception):  # noqa: N818 - it names the thing, and is always caught
    """A cell that cannot be read, with the message that says why."""

    def __init__(self, message: Message) -> None:
        self.message = message


def whole_number(cell: str) -> int:
    """Read a whole number of at most 15 digits; separators of thousands and a spare `.0` are allowed."""
    if not WHOLE.fullmatch(cell):
        raise BadCell(Message("“%(cell)s” is not a whole number. Write digits only, for example 3.", cell=shown_entry(cell)))
    return int(cell.partition(".")[0].replace(",", ""))


def decimal_number(cell: str) -> float:
    """Read a finite number with a decimal point; separators of thousands and an exponent are allowed."""
    text = cell.replace(",", "")
    value = float(text) if DECIMAL.fullmatch(cell) and any(map(str.isdigit, text)) and text[0] not in "eE" else math.nan
    if not math.isfinite(value):
        raise BadCell(
            Message("“%(cell)s” is not a number. Write digits and a decimal point, for example 2.5.", cell=shown_entry(cell))
        )
    return value


def calendar_date(cell: str) -> dt.date:
    """Read a date written year first: 2026-03-02, 2026.3.2 or 2026/3/2."""
    found = DATE.fullmatch(cell)
    try:
        year, month, day = map(int, found.groups()) if found else (0, 0, 0)
        date = dt.date(year, month, day)
    except ValueError:
        date = dt.date.min
    if date.year not in YEARS:
        raise BadCell(
            Message("“%(cell)s” is not a date. Write year, month and day, for example 2026-03-02.", cell=shown_entry(cell))
        )
    return date


def code(cell: str) -> str:
    """Read a code, which cannot be a person's name or telephone number by its looks."""
    if not CODE.fullmatch(cell) or holds_phone_number(cell):
        raise BadCell(
            Message("“%(cell)s” is not a code. Use Latin letters, digits and hyphens, and nobody's name.", cell=shown_entry(cell))
        )
    return plain_text(cell)


def plain_text(cell: str) -> str:
    """Read a text, which must hold no telephone number and no number that lost its leading zero in a spreadsheet."""
    if holds_phone_number(cell) or holds_shortened_number(cell):
        raise BadCell(
            Message("The cell seems to hold a telephone or resident registration number, which must not be kept here. Remove it.")
        )
    return cell


def choice_key(text: str) -> str:
    """Return the form in which names of choices are compared: `North Hamgyong`, `north-hamgyong` and `north_hamgyong` are one."""
    bare = re.sub(r"\.0+$", "", text.casefold().replace("'", "").replace("’", ""))
    return re.sub(r"[\W_]+", "_", bare).strip("_")


def keyed_choices(names: Iterable[str]) -> dict[str, str]:
    """Return choices by the key they are found under."""
    return {choice_key(name): name for name in names}


def choice(cell: str, choices: Mapping[str, str]) -> str:
    """Read one of some choices, given by their keys."""
    found = choices.get(choice_key(cell))
    if found is None:
        allowed = ", ".join(dict.fromkeys(choices.values()))
        raise BadCell(
            Message("“%(cell)s” is not one of the choices. Write one of: %(allowed)s.", cell=shown(cell), allowed=allowed)
        )
    return found


def check_range(value: float, minimum: float | None, maximum: float | None) -> None:
    """Refuse a number outside its range; None leaves an end open."""
    if minimum is not None and value < minimum:
        raise BadCell(
            Message(
                "%(value)s is too small. The least allowed is %(minimum)s.",
                value=shown_entry(_plain(value)),
                minimum=_plain(minimum),
            )
        )
    if maximum is not None and value > maximum:
        raise BadCell(
            Message(
                "%(value)s is too large. The most allowed is %(maximum)s.",
                value=shown_entry(_plain(value)),
                maximum=_plain(maximum),
            )
        )


def _plain(value: float) -> str:
    return f"{value:.15g}"
