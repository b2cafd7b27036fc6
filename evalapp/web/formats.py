"""Dates, numbers and money as the reader's language writes them."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from babel.dates import format_date, format_datetime
from flask import g

from evalapp.core.clock import SEOUL
from evalapp.core.language import Message

EOK, MAN = 100_000_000, 10_000
NOTHING, MINUS = "–", "−"


def date(value: dt.date | None) -> str:
    """Write a calendar day: 2026년 11월 22일, 22 Nov 2026."""
    return NOTHING if value is None else format_date(value, "long" if g.language == "ko" else "d MMM y", locale=g.language)


def instant(value: dt.datetime | None) -> str:
    """Write a moment in Seoul's time, to the minute."""
    if value is None:
        return NOTHING
    pattern = "y년 M월 d일 HH:mm" if g.language == "ko" else "d MMM y, HH:mm"
    text: str = format_datetime(value.astimezone(SEOUL), pattern, locale=g.language)
    return text


def clock(value: dt.datetime | None) -> str:
    """Write the time of day of a moment in Seoul: 19:00."""
    return NOTHING if value is None else value.astimezone(SEOUL).strftime("%H:%M")


def number(value: float | None, digits: int = 0) -> str:
    """Write a number with separators, a fixed count of decimals and a true minus sign."""
    if value is None or math.isnan(value):
        return NOTHING
    rounded = round(value, digits) or 0  # never minus zero
    return f"{rounded:,.{digits}f}".replace("-", MINUS)


def share(value: float | None, digits: int = 0) -> str:
    """Write a share of 0 to 1 as a percentage."""
    return NOTHING if value is None or math.isnan(value) else f"{number(100 * value, digits)}%"


def won(value: float | None) -> str:
    """Write an amount of won in full: ₩1,250,000, in Korean 125만 원 or 1억 2,500만 원 where that loses nothing, else 1,234,567원."""
    if value is None or math.isnan(value):
        return NOTHING
    amount = round(value)
    sign, size = MINUS if amount < 0 else "", abs(amount)
    if g.language != "ko":
        return f"{sign}₩{size:,}"
    if not size or size % MAN:
        return f"{sign}{size:,}원"
    eok, man = divmod(size // MAN, EOK // MAN)
    return sign + " ".join([f"{part:,}{unit}" for part, unit in ((eok, "억"), (man, "만")) if part] + ["원"])


def said(message: Message | str) -> str:
    """Say a message in the reader's language; a text stays as it is."""
    return message.within(g.language) if isinstance(message, Message) else message


def own(thing: object, word: str) -> str:
    """Return a text that is kept in both languages as `<word>_ko` and `<word>_en`, in the reader's."""
    return str(getattr(thing, f"{word}_{g.language}"))


def kind(block: object) -> str:
    """Name the class of a report's block, by which templates choose how to show it."""
    return type(block).__name__


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "date": date, "instant": instant, "clock": clock, "number": number, "share": share, "won": won, "said": said, "kind": kind,
    "own": own,
}  # fmt: skip
