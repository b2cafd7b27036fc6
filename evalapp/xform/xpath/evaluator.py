"""Expressions made into functions of a scope, once, so that evaluating them is cheap."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from evalapp.xform.faults import N_, FormError
from evalapp.xform.tree import Element
from evalapp.xform.xpath.functions import FUNCTIONS, LAZY
from evalapp.xform.xpath.parser import WITHIN, parse
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.syntax import Call, Expression, Literal_, Negation, Operation, Path, Step
from evalapp.xform.xpath.values import Nodes, Result, boolean, equal, number

Evaluator = Callable[[Scope], Result]


def _divided(a: float, b: float) -> float:
    if b:
        return a / b
    return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a) * math.copysign(1, b)


def _remainder(a: float, b: float) -> float:
    return math.nan if math.isinf(a) or b == 0 or math.isnan(b) else math.fmod(a, b)


ARITHMETIC: dict[str, Callable[[float, float], float | bool]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "div": _divided,
    "mod": _remainder,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@lru_cache(maxsize=20_000)
def compiled(text: str) -> Evaluator:
    """Return the function that evaluates an expression; a FormError says why it cannot be read."""
    return evaluator(parse(text))


def evaluator(expression: Expression) -> Evaluator:
    """Return the function that evaluates a tree."""
    if isinstance(expression, Literal_):
        value = expression.value
        return lambda _scope: value
    if isinstance(expression, Negation):
        operand = evaluator(expression.operand)
        return lambda scope: -number(operand(scope))
    if isinstance(expression, Operation):
        return _operation(expression)
    return _call(expression) if isinstance(expression, Call) else _path(expression)


def _operation(expression: Operation) -> Evaluator:
    left, right = evaluator(expression.left), evaluator(expression.right)
    match expression.operator:
        case "or":
            return lambda scope: boolean(left(scope)) or boolean(right(scope))
        case "and":
            return lambda scope: boolean(left(scope)) and boolean(right(scope))
        case "=":
            return lambda scope: equal(left(scope), right(scope))
        case "!=":
            return lambda scope: not equal(left(scope), right(scope))
    reckon = ARITHMETIC[expression.operator]
    return lambda scope: reckon(number(left(scope)), number(right(scope)))


def _call(call: Call) -> Evaluator:
    if call.name not in FUNCTIONS:
        raise FormError(
            N_("There is no function %(name)s() here. Look up its name; the handbook of forms lists all."), name=call.name
        )
    function = FUNCTIONS[call.name]
    if not function.least <= len(call.arguments) <= function.most:
        raise FormError(
            N_("The function %(name)s() takes %(takes)s arguments, but %(given)s are given."),
            name=call.name, takes=function.takes, given=len(call.arguments),
        )  # fmt: skip
    arguments = [evaluator(argument) for argument in call.arguments]
    work = function.work
    if call.name in LAZY:
        return lambda scope: work(scope, *arguments)
    if len(arguments) == 1:
        only = arguments[0]
        return lambda scope: work(scope, only(scope))
    return lambda scope: work(scope, *[argument(scope) for argument in arguments])


def _path(path: Path) -> Evaluator:
    """Return the walk along a path. Only what is live is found at its end."""
    walks = [_walk(step) for step in path.steps]
    names = _names_to_follow(path)

    def evaluate(scope: Scope) -> Nodes:
        nodes, done = _start(path, names, scope)
        for walk in walks[done:]:
            if not nodes:
                break
            nodes = walk(nodes, scope)
        return Nodes([node for node in nodes if node.live])

    return evaluate


def _names_to_follow(path: Path) -> tuple[str, ...]:
    """Return the leading steps of an absolute path that follow the rounds the context stands in."""
    names: list[str] = []
    for step in path.steps:
        if path.start != "root" or step.axis != "child" or step.predicates or step.name == "*":
            break
        names.append(step.name)
    return tuple(names)


def _start(path: Path, names: tuple[str, ...], scope: Scope) -> tuple[list[Element], int]:
    """Return the elements to walk from and how many steps they answer already."""
    if path.start in ("here", "current"):
        return [scope.here if path.start == "here" else scope.current], 0
    if path.start == "instance":
        table = scope.around.table(path.instance)
        if path.steps[:1] == (WITHIN,):
            return [table], 0
        return ([table], 1) if path.steps and path.steps[0].name in (table.name, "*") else ([], 0)
    root = scope.around.root
    if path.steps[0] == WITHIN:
        return [root], 0
    lineage = scope.here.lineage if scope.here.lineage[0] is root else (root,)
    shared = 0
    for name, element in zip(names, lineage, strict=False):
        if name != element.name:
            break
        shared += 1
    if shared:
        return [lineage[shared - 1]], shared
    return ([root], 1) if path.steps[0].name == "*" else ([], 0)


def _walk(step: Step) -> Callable[[list[Element], Scope], list[Element]]:
    reach = _reach(step)
    tests = [evaluator(predicate) for predicate in step.predicates]

    def walk(nodes: list[Element], scope: Scope) -> list[Element]:
        found: list[Element] = []
        for node in nodes:
            reached = reach(node)
            for test in tests:
                size = len(reached)
                reached = [each for at, each in enumerate(reached, 1) if _passes(test, scope, each, at, size)]
            found += reached
        return found

    return walk


def _reach(step: Step) -> Callable[[Element], list[Element]]:
    name = step.name
    if step.axis == "self":
        return lambda node: [node]
    if step.axis == "within":
        return lambda node: list(node.walk())
    if step.axis == "parent":
        return lambda node: [] if node.parent is None else [node.parent]
    if step.axis == "attribute":
        return lambda node: [Element(name, node, node.attributes[name])] if name in node.attributes else []
    if name == "*":
        return lambda node: [child for rounds in node.children.values() for child in rounds]
    return lambda node: node.children.get(name, [])


def _passes(test: Evaluator, scope: Scope, node: Element, at: int, size: int) -> bool:
    result = test(Scope(scope.around, node, scope.current, at, size))
    return result == at if isinstance(result, float) else boolean(result)
