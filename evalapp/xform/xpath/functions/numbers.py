"""Arithmetic."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.dates import DAY, EPOCH
from evalapp.xform.xpath.functions.registry import ANY_NUMBER, Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Nodes, Result, number

MOST_PLACES = 30


def real(result: Result) -> float:
    """Return a result as a number; a date keeps its time of day as a fraction, unless a path leads to it."""
    return (result - EPOCH) / DAY if isinstance(result, dt.datetime) else number(result)


def _guarded(work: Callable[..., float]) -> Callable[..., float]:
    """Return a function of numbers that gives NaN or infinity, as IEEE has it, where Python raises."""

    def guarded(_scope: Scope, *results: Result) -> float:
        try:
            return work(*map(real, results))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return guarded


def _logarithm(work: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else work(value)


def _power(base: float, exponent: float) -> float:
    if base == 0 and exponent < 0:
        return math.inf
    if abs(base) == 1 and (math.isnan(exponent) or math.isinf(exponent)):
        return math.nan
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf


def whole(_scope: Scope, result: Result) -> float:
    """Return a number without its fraction; it keeps its sign even where nothing else is left."""
    value = number(result)
    return value if math.isnan(value) or math.isinf(value) else math.copysign(math.trunc(abs(value)), value)


def rounded(_scope: Scope, result: Result, places: Result = 0.0) -> float:
    """Round half up, as XPath has it; negative places round to tens, hundreds and so on."""
    value, digits = number(result), number(places)
    if math.isnan(value) or math.isinf(value):
        return value
    digits = 0 if math.isnan(digits) else math.trunc(max(min(digits, 2 * MOST_PLACES), -2 * MOST_PLACES))
    if abs(digits) > MOST_PLACES:
        return math.nan
    if digits < 0:
        scale = 10.0**-digits
        return float(math.trunc(value / scale + 0.5)) * scale
    step = Decimal(1).scaleb(-digits)
    exact = Decimal(repr(value))
    if exact.adjusted() + digits > 25:  # noqa: PLR2004 - more digits than a double has: nothing is left to round
        return value
    return float(exact.quantize(step, ROUND_HALF_DOWN if value < 0 else ROUND_HALF_UP))


def _extreme(pick: Callable[[list[float]], float]) -> Callable[..., float]:
    def extreme(_scope: Scope, *results: Result) -> float:
        if len(results) == 1 and isinstance(results[0], Nodes):
            results = tuple(node.value for node in results[0])
        values = [value for value in map(number, results) if not math.isnan(value)]
        return pick(values) if values else math.nan

    return extreme


def _sum(_scope: Scope, nodes: Result) -> float:
    if not isinstance(nodes, Nodes):
        raise FormError(N_("The function %(name)s() needs questions, given as ${name}, not a value."), name="sum")
    return sum((value for node in nodes if not math.isnan(value := number(node.value))), 0.0)


FUNCTIONS = {
    "number": Function(lambda _, value: number(value), 1, 1),
    "int": Function(whole, 1, 1),
    "round": Function(rounded, 1, 2),
    "floor": Function(_guarded(lambda value: value if math.isinf(value) else float(math.floor(value))), 1, 1),
    "ceiling": Function(_guarded(lambda value: value if math.isinf(value) else float(math.ceil(value))), 1, 1),
    "abs": Function(_guarded(abs), 1, 1),
    "sqrt": Function(_guarded(math.sqrt), 1, 1),
    "pow": Function(_guarded(_power), 2, 2),
    "exp": Function(_guarded(math.exp), 1, 1),
    "exp10": Function(_guarded(lambda value: _power(10.0, value)), 1, 1),
    "log": Function(_guarded(_logarithm(math.log)), 1, 1),
    "log10": Function(_guarded(_logarithm(math.log10)), 1, 1),
    "sin": Function(_guarded(math.sin), 1, 1),
    "cos": Function(_guarded(math.cos), 1, 1),
    "tan": Function(_guarded(math.tan), 1, 1),
    "asin": Function(_guarded(math.asin), 1, 1),
    "acos": Function(_guarded(math.acos), 1, 1),
    "atan": Function(_guarded(math.atan), 1, 1),
    "atan2": Function(_guarded(math.atan2), 2, 2),
    "pi": Function(lambda _: math.pi, 0, 0),
    "max": Function(_extreme(max), 0, ANY_NUMBER),
    "min": Function(_extreme(min), 0, ANY_NUMBER),
    "sum": Function(_sum, 1, 1),
}
