"""Numbers, money, probabilities and dates as the readers of each language write them. The minus sign is U+2212 throughout."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass

from babel.dates import format_date, format_datetime, get_timezone
from babel.numbers import format_decimal

from evalapp.core.language import Message

ABSENT = "–"
MAN = 10_000
EOK = 10_000
LARGE_SUM = 100_000
SMALLEST_P = 0.001
DAY = {"ko": "y년 M월 d일", "en": "d MMMM y"}
SEOUL = "Asia/Seoul"


@dataclass(frozen=True)
class Scale:
    """How a unit is printed in tables and axes: divided by `divisor`, with `digits` decimals, under the heading `label`."""

    divisor: float
    digits: int
    label: Message


WON = {"ko": Scale(MAN, 1, Message("KRW thousand")), "en": Scale(1_000, 0, Message("KRW thousand"))}
SCALES = {
    "points": Scale(1, 2, Message("points")),
    "sd": Scale(1, 2, Message("baseline SD")),
    "share": Scale(0.01, 1, Message("%")),
    "percent": Scale(1, 1, Message("%")),
    "years": Scale(1, 1, Message("years")),
    "log": Scale(1, 3, Message("log points")),
    "count": Scale(1, 2, Message("number")),
}
PLAIN = Scale(1, 2, Message("value"))
DIFFERENCE_LABELS = {"share": Message("percentage points")}
AMOUNTS = {
    "points": Message("%(number)s points"),
    "sd": Message("%(number)s baseline SD"),
    "share": Message("%(number)s percentage points"),
    "percent": Message("%(number)s percent"),
    "years": Message("%(number)s years"),
    "log": Message("%(number)s log points"),
}


def scale_of(unit: str, language: str) -> Scale:
    """Return how a unit is printed in a language."""
    return WON[language] if unit == "krw" else SCALES.get(unit, PLAIN)


def unit_label(unit: str, language: str, *, difference: bool = False) -> str:
    """Name a unit over a column or an axis; a difference of shares is in percentage points."""
    if difference and unit in DIFFERENCE_LABELS:
        return DIFFERENCE_LABELS[unit].within(language)
    return scale_of(unit, language).label.within(language)


def number(value: float | None, language: str, digits: int = 2) -> str:
    """Write a number with grouped thousands and a fixed count of decimals."""
    if value is None or not math.isfinite(value):
        return ABSENT
    rounded = round(value, digits) + 0.0
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(rounded, format=pattern, locale=language)).replace("-", "−")


def scaled(value: float | None, unit: str, language: str) -> str:
    """Write a value in its unit's printed scale, without the unit's name."""
    scale = scale_of(unit, language)
    return number(None if value is None else value / scale.divisor, language, scale.digits)


def whole(value: float | None, language: str) -> str:
    """Write a count."""
    return number(value, language, 0)


def percent(share: float | None, language: str, digits: int = 0) -> str:
    """Write a share of 0 to 1 as a percentage."""
    if share is None:
        return ABSENT
    return Message("%(number)s %%", number=number(100 * share, language, digits)).within(language)


def p_value(p: float | None) -> str:
    """Write a probability without its leading zero: `.031`, `< .001`."""
    if p is None or not math.isfinite(p):
        return ABSENT
    if p < SMALLEST_P:
        return "< .001"
    return f"{p:.3f}".removeprefix("0") if p < 1 - SMALLEST_P / 2 else "1.000"


def p_equals(p: float | None) -> str:
    """Write a probability as an equation: `p = .031`, `p < .001`."""
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def amount(value: float | None, unit: str, language: str) -> str:
    """Write a value with its unit, as in a sentence: `KRW 350,000`, `35만 원`, `0.42 points`."""
    if value is None or not math.isfinite(value):
        return ABSENT
    if unit == "krw":
        return _korean_money(value) if language == "ko" else f"KRW {whole(_to_thousands(value), language)}"
    text = scaled(value, unit, language)
    return Message(AMOUNTS[unit].text, number=text).within(language) if unit in AMOUNTS else text


def _to_thousands(value: float) -> float:
    """Round large sums to thousands of won in prose: nobody's profit is estimated to the won."""
    return round(value, -3) if abs(value) >= LARGE_SUM else value


def _korean_money(value: float) -> str:
    man = round(abs(value) / MAN, 1)
    sign = "−" if value < 0 and man else ""
    if man < EOK:
        return f"{sign}{number(man, 'ko', 0 if man == int(man) else 1)}만 원"
    eok, rest = divmod(round(man), EOK)
    return f"{sign}{eok:,}억 원" if not rest else f"{sign}{eok:,}억 {rest:,}만 원"


def signed(text: str, value: float | None) -> str:
    """Put a plus sign before a written change upwards; downwards it has its minus sign already."""
    return f"+{text}" if value is not None and value > 0 else text


def interval(low: float | None, high: float | None, unit: str, language: str) -> str:
    """Write an interval in the unit's printed scale; a dash where there is none."""
    if low is None or high is None:
        return ABSENT
    return span(scaled(low, unit, language), scaled(high, unit, language), language)


def amount_interval(low: float | None, high: float | None, unit: str, language: str) -> str:
    """Write an interval with its unit, as in a sentence."""
    if unit == "krw":
        return span(amount(low, unit, language), amount(high, unit, language), language)
    return span(scaled(low, unit, language), amount(high, unit, language), language)


def span(low: str, high: str, language: str) -> str:
    """Join two texts as the ends of an interval."""
    return Message("%(low)s to %(high)s", low=low, high=high).within(language)


def date(value: dt.date, language: str) -> str:
    """Write a day."""
    return str(format_date(value, DAY[language], locale=language))


def instant(value: dt.datetime, language: str) -> str:
    """Write a moment in Seoul's time, to the minute."""
    return f"{format_datetime(value, f'{DAY[language]} HH:mm', tzinfo=get_timezone(SEOUL), locale=language)} KST"
