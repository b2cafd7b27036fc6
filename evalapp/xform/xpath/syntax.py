"""Expressions as trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

# `within` is what `//` stands for: an element and all below it.
Axis = Literal["child", "self", "parent", "attribute", "within"]


@dataclass(frozen=True)
class Literal_:  # noqa: N801 - `Literal` is typing's
    """A number or a quoted text."""

    value: float | str


@dataclass(frozen=True)
class Negation:
    """A minus sign before an expression."""

    operand: Expression


@dataclass(frozen=True)
class Operation:
    """Two expressions and what stands between them: or, and, =, !=, <, <=, >, >=, +, -, *, div, mod."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Call:
    """A function with its arguments; `at` is where its name begins in the text."""

    name: str
    arguments: tuple[Expression, ...]
    at: int


@dataclass(frozen=True)
class Step:
    """One step of a path; the name `*` stands for any."""

    axis: Axis
    name: str
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True)
class Path:
    """A path from the root, from here, from the node of the expression (`current`), or through another instance (its id)."""

    start: Literal["root", "here", "current", "instance"]
    steps: tuple[Step, ...]
    instance: str = ""


Expression = Literal_ | Negation | Operation | Call | Path


def parts(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and every one inside it, predicates included."""
    yield expression
    for part in inside(expression):
        yield from parts(part)


def inside(expression: Expression) -> tuple[Expression, ...]:
    """Return the expressions directly inside one."""
    if isinstance(expression, Negation):
        return (expression.operand,)
    if isinstance(expression, Operation):
        return (expression.left, expression.right)
    if isinstance(expression, Call):
        return expression.arguments
    if isinstance(expression, Path):
        return tuple(predicate for step in expression.steps for predicate in step.predicates)
    return ()


def height(expression: Expression) -> int:
    """Return how many expressions stand inside one another, without recursion: there may be thousands."""
    level, highest = [expression], 0
    while level:
        highest += 1
        level = [part for each in level for part in inside(each)]
    return highest
