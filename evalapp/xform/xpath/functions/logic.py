"""Truth, choice between values, and what depends on the form around."""

from __future__ import annotations

import math
from collections.abc import Callable

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.functions.registry import ANY_NUMBER, Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Nodes, Result, boolean, number, plain, text

TEXT_LENGTH_OF_AN_ID = 100
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Argument = Callable[[Scope], Result]


def is_empty(result: Result) -> bool:
    """Say whether a value counts as none: empty text or no number."""
    value = plain(result)
    return value == "" or (isinstance(value, float) and math.isnan(value))


def _if(scope: Scope, condition: Argument, yes: Argument, no: Argument) -> Result:
    return yes(scope) if boolean(condition(scope)) else no(scope)


def _coalesce(scope: Scope, first: Argument, second: Argument) -> Result:
    value = first(scope)
    return second(scope) if is_empty(value) else value


def _values(results: tuple[Result, ...]) -> list[Result]:
    """Return the values of a single path, or the arguments themselves."""
    if len(results) == 1 and isinstance(results[0], Nodes):
        return [node.value for node in results[0]]
    return list(results)


def _checklist(_scope: Scope, least: Result, most: Result, *factors: Result) -> bool:
    lowest, highest = _whole(least), _whole(most)
    count = sum(map(boolean, _values(factors)))
    return (lowest < 0 or count >= lowest) and (highest < 0 or count <= highest)


def _weighted_checklist(_scope: Scope, least: Result, most: Result, *rest: Result) -> bool:
    if len(rest) % 2:
        raise FormError(N_("weighted-checklist() needs a weight after every condition."))
    flags, weights = rest[::2], rest[1::2]
    if len(rest) == 2 and isinstance(flags[0], Nodes) and isinstance(weights[0], Nodes):  # noqa: PLR2004 - a pair
        flags, weights = tuple(_values(flags)), tuple(_values(weights))
    if len(flags) != len(weights):
        raise FormError(N_("weighted-checklist() needs a weight after every condition."))
    total = sum(number(weight) for flag, weight in zip(flags, weights, strict=True) if boolean(flag))
    return number(least) <= total <= number(most)


def _whole(result: Result) -> int:
    value = number(result)
    return 0 if math.isnan(value) else int(max(min(value, 2**31), -(2**31)))


def _once(scope: Scope, value: Result) -> Result:
    return value if text(scope.here.value) == "" else scope.here.value


def _uuid(scope: Scope, length: Result | None = None) -> str:
    source = scope.around.random
    if length is not None:
        return "".join(source.choice(ALPHABET) for _ in range(max(0, min(_whole(length), TEXT_LENGTH_OF_AN_ID))))
    digits = f"{source.getrandbits(128):032x}"
    variant = "89ab"[int(digits[16], 16) % 4]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


FUNCTIONS = {
    "true": Function(lambda _: True, 0, 0),
    "false": Function(lambda _: False, 0, 0),
    "boolean": Function(lambda _, value: boolean(value), 1, 1),
    "not": Function(lambda _, value: not boolean(value), 1, 1),
    "boolean-from-string": Function(lambda _, value: text(value).lower() == "true" or text(value) == "1", 1, 1),
    "if": Function(_if, 3, 3),
    "coalesce": Function(_coalesce, 2, 2),
    "checklist": Function(_checklist, 2, ANY_NUMBER),
    "weighted-checklist": Function(_weighted_checklist, 2, ANY_NUMBER),
    "once": Function(_once, 1, 1),
    "depend": Function(lambda _, value, *_rest: value, 1, ANY_NUMBER),
    "random": Function(lambda scope: scope.around.random.random(), 0, 0),
    "uuid": Function(_uuid, 0, 1),
    "version": Function(lambda scope: scope.around.version, 0, 0),
    "property": Function(lambda scope, name: scope.around.property(text(name)), 1, 1),
}
