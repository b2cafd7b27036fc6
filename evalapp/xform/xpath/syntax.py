"""Expressions as trees."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Axis = Literal["child", "self", "parent", "attribute"]


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
    inside: tuple[Expression, ...] = ()
    if isinstance(expression, Negation):
        inside = (expression.operand,)
    elif isinstance(expression, Operation):
        inside = (expression.left, expression.right)
    elif isinstance(expression, Call):
        inside = expression.arguments
    elif isinstance(expression, Path):
        inside = tuple(predicate for step in expression.steps for predicate in step.predicates)
    for part in inside:
        yield from parts(part)
