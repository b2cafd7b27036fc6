"""Which answers an expression reads, found by looking at it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from evalapp.xform.model.form import Node
from evalapp.xform.xpath.syntax import Call, Expression, Negation, Operation, Path, Step


@dataclass(frozen=True)
class Reading:
    """A node that an expression reads. The first `shared` steps of its path are the very elements the reader stands in."""

    path: str
    shared: int


def readings(expression: Expression, context: str, nodes: Mapping[str, Node]) -> set[Reading]:
    """Return what an expression reads that belongs to the node at `context`. Paths that lead nowhere are left out."""
    return set(_inside(expression, _steps(context), _steps(context), nodes, anywhere=False))


def missing(expression: Expression, context: str, nodes: Mapping[str, Node]) -> set[str]:
    """Return the paths of the answers an expression reads that the form does not have."""
    wanted = _inside(expression, _steps(context), _steps(context), None, anywhere=False)
    return {reading.path for reading in wanted if reading.path not in nodes and "*" not in reading.path}


def _steps(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


Place = tuple[str, ...] | None  # None is a place in a table
Nodes = Mapping[str, Node] | None  # None asks for every path, whether the form has it or not


def _inside(expression: Expression, here: Place, current: Place, nodes: Nodes, *, anywhere: bool) -> Iterator[Reading]:
    """Yield the readings; `anywhere` is set where rounds other than the reader's own are meant."""
    if isinstance(expression, Path):
        yield from _path(expression, here, current, nodes, anywhere=anywhere)
    elif isinstance(expression, Negation):
        yield from _inside(expression.operand, here, current, nodes, anywhere=anywhere)
    elif isinstance(expression, Operation):
        yield from _inside(expression.left, here, current, nodes, anywhere=anywhere)
        yield from _inside(expression.right, here, current, nodes, anywhere=anywhere)
    elif isinstance(expression, Call):
        for argument in expression.arguments:
            yield from _inside(argument, here, current, nodes, anywhere=anywhere or expression.name == "indexed-repeat")


def _path(path: Path, here: Place, current: Place, nodes: Nodes, *, anywhere: bool) -> Iterator[Reading]:
    places: list[tuple[Place, int]] = [_begin(path, here, current)]
    # An absolute path follows the elements the reader stands in as far as the names agree.
    followed = (here or ()) if path.start == "root" else ()
    for step in path.steps:
        for place, _ in places:
            for predicate in step.predicates:
                yield from _inside(predicate, _stepped(place, step), current, nodes, anywhere=True)
        places = [reached for place, shared in places for reached in _reach(place, shared, step, followed, nodes)]
    for place, shared in places:
        if place and (nodes is None or "/" + "/".join(place) in nodes):
            yield Reading("/" + "/".join(place), 0 if anywhere else shared)


def _begin(path: Path, here: Place, current: Place) -> tuple[Place, int]:
    if path.start == "instance":
        return None, 0
    if path.start == "root":
        return (), 0
    start = here if path.start == "here" else current
    return start, len(start or ())


def _stepped(place: Place, step: Step) -> Place:
    if place is None:
        return None
    return place[:-1] if step.axis == "parent" else place if step.axis == "self" else (*place, step.name)


def _reach(place: Place, shared: int, step: Step, followed: tuple[str, ...], nodes: Nodes) -> list[tuple[Place, int]]:
    if place is not None and step.axis == "within":
        return _below(place, shared, nodes)
    reached = _stepped(place, step)
    if reached is None:
        return [(None, 0)]
    if step.axis == "attribute":
        return []
    if step.axis != "child":
        return [(reached, min(shared, len(reached)))]
    if step.name == "*" and nodes is not None:
        above = "/" + "/".join(reached[:-1])
        return [(_steps(path), shared) for path in nodes if path.rpartition("/")[0] == above]
    follows = shared == len(reached) - 1 and not step.predicates and reached == followed[: len(reached)]
    return [(reached, shared + 1 if follows else shared)]


def _below(place: tuple[str, ...], shared: int, nodes: Nodes) -> list[tuple[Place, int]]:
    if nodes is None:
        return [((*place, "*"), 0)]
    start = "".join(f"/{step}" for step in place)
    return [(_steps(path), shared) for path in nodes if path == start or path.startswith(f"{start}/")]
