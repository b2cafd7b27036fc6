"""Repeats: counting rounds, and answers of a round other than this one."""

from __future__ import annotations

import math
from collections.abc import Callable

from evalapp.xform.faults import N_, FormError
from evalapp.xform.tree import Element
from evalapp.xform.xpath.functions.numbers import whole
from evalapp.xform.xpath.functions.registry import Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Nodes, Result

MOST_ARGUMENTS_OF_INDEXED_REPEAT = 11


def _nodes(name: str, result: Result) -> Nodes:
    if not isinstance(result, Nodes):
        raise FormError(N_("The function %(name)s() needs questions, given as ${name}, not a value."), name=name)
    return result


def _count_non_empty(_scope: Scope, result: Result) -> float:
    nodes = _nodes("count-non-empty", result)
    return float(sum(1 for node in nodes if node.children or node.value != ""))


def _position(scope: Scope, *given: Result) -> float:
    if given:
        nodes = _nodes("position", given[0])
        return float(nodes[0].place + 1) if nodes else 0.0
    return float(scope.position or scope.here.place + 1)


def _last(scope: Scope) -> float:
    if scope.size or scope.here.parent is None:
        return float(scope.size or 1)
    return float(len(scope.here.parent.children[scope.here.name]))


def _indexed_repeat(scope: Scope, target: Callable[[Scope], Result], *rest: Callable[[Scope], Result]) -> Nodes:
    """Return an answer in a chosen round: each repeat with the number of its round, then the target seen from inside it."""
    if len(rest) % 2:
        raise FormError(N_("indexed-repeat() needs a repeat and a number for every level."))
    here = scope.here
    for repeat, index in zip(rest[::2], rest[1::2], strict=True):
        number = whole(scope, index(scope))
        place = 1 if math.isnan(number) or number <= 0 else int(min(number, 2**31))
        rounds = _all_rounds(_nodes("indexed-repeat", repeat(Scope(scope.around, here, scope.current))))
        if place > len(rounds):
            return Nodes()
        here = rounds[place - 1]
    return _nodes("indexed-repeat", target(Scope(scope.around, here, scope.current)))


def _all_rounds(nodes: Nodes) -> list[Element]:
    """Return every round beside the first one found; a path within a repeat leads only to the round it stands in."""
    if not nodes or nodes[0].parent is None:
        return list(nodes)
    return nodes[0].parent.children[nodes[0].name]


FUNCTIONS = {
    "count": Function(lambda _, nodes: float(len(_nodes("count", nodes))), 1, 1),
    "count-non-empty": Function(_count_non_empty, 1, 1),
    "position": Function(_position, 0, 1),
    "last": Function(_last, 0, 0),
    "indexed-repeat": Function(_indexed_repeat, 3, MOST_ARGUMENTS_OF_INDEXED_REPEAT),
}
