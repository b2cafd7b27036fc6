"""Every action that any part of the program writes into the audit log has words."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from evalapp.web.action_words import ACTION_NAMES

SOURCE = Path(__file__).parent.parent.parent / "evalapp"
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCE.rglob("*.py")}
ACTION = "action"


def recorded_actions() -> Iterator[tuple[str, str]]:
    """Yield every action given to `record_entry`, with where that is."""
    for path, tree in TREES.items():
        for function, call in calls_in(tree, "record_entry"):
            given = call.args[1] if len(call.args) > 1 else next(each.value for each in call.keywords if each.arg == ACTION)
            for action in texts_of(given, function, tree):
                yield action, f"{path.relative_to(SOURCE)}:{call.lineno}"


def calls_in(tree: ast.AST, name: str) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    """Yield the calls of a function, each with the function it stands in."""
    return ((function, call) for called, function, call in all_calls(tree) if called == name)


@cache
def all_calls(tree: ast.AST) -> list[tuple[str, ast.FunctionDef | None, ast.Call]]:
    inside = {
        id(node): function for function in ast.walk(tree) if isinstance(function, ast.FunctionDef) for node in ast.walk(function)
    }
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [(getattr(call.func, "id", getattr(call.func, "attr", "")), inside.get(id(call)), call) for call in calls]


def texts_of(given: ast.expr, function: ast.FunctionDef | None, tree: ast.AST) -> Iterator[str]:
    """Yield the texts that an expression can be; one that cannot be read from the source is a fault."""
    if isinstance(given, ast.Constant):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from texts_of(given.body, function, tree)
        yield from texts_of(given.orelse, function, tree)
    elif isinstance(given, ast.Subscript):  # of a table of actions
        yield from texts_of(given.value, function, tree)
    elif isinstance(given, ast.Dict):
        for value in given.values:
            yield from texts_of(value, function, tree)
    elif isinstance(given, ast.Name):
        yield from texts_of_name(given.id, function, tree)
    else:
        pytest.fail(f"what is recorded cannot be read: {ast.unparse(given)}")


def texts_of_name(name: str, function: ast.FunctionDef | None, tree: ast.AST) -> Iterator[str]:
    names = [argument.arg for argument in function.args.args] if function else []
    if name in names:
        for other in (tree,) if function.name.startswith("_") else TREES.values():
            for outer, call in calls_in(other, function.name):
                named = {each.arg: each.value for each in call.keywords}
                given = named[name] if name in named else call.args[names.index(name)]
                yield from texts_of(given, outer, other)
        return
    for place in filter(None, (function, tree, *(TREES.values() if name.isupper() else ()))):
        found = [
            node.value
            for node in ast.walk(place)
            if isinstance(node, ast.Assign | ast.AnnAssign)
            and node.value is not None
            and any(getattr(target, "id", "") == name for target in getattr(node, "targets", [getattr(node, "target", None)]))
        ]
        if found:
            for value in found:
                yield from texts_of(value, function, tree)
            return
    pytest.fail(f"what is recorded cannot be read: {name}")


def test_every_action_has_words():
    recorded = dict(recorded_actions())
    assert len(recorded) > 80, "they are found"
    assert {action: place for action, place in recorded.items() if action not in ACTION_NAMES} == {}


def test_no_two_actions_are_said_in_the_same_words():
    said = [str(name) for name in ACTION_NAMES.values()]
    assert len(set(said)) == len(said)
