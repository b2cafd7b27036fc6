"""Answers that are choices, and tables the form brings along."""

from __future__ import annotations

import math

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.functions.numbers import whole
from evalapp.xform.xpath.functions.registry import Function
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.shuffle import seed_of, shuffled
from evalapp.xform.xpath.values import Nodes, Result, text


def _selected(_scope: Scope, answer: Result, choice: Result) -> bool:
    return f" {text(choice).strip()} " in f" {text(answer)} "


def _selected_at(scope: Scope, answer: Result, place: Result) -> str:
    names, at = text(answer).split(), whole(scope, place)
    return names[int(at)] if not math.isnan(at) and 0 <= at < len(names) else ""


def _pulldata(scope: Scope, table: Result, wanted: Result, key: Result, value: Result) -> str:
    """Return one cell of a table that came with the form: the first row whose `key` column holds the value."""
    root, column, name, sought = scope.around.table(text(table)), text(wanted), text(key), text(value)
    for row in root.children.get("item", []):
        cells = row.children
        if name in cells and text(cells[name][0].value) == sought:
            return text(cells[column][0].value) if column in cells else ""
    return ""


def _randomize(scope: Scope, nodes: Result, seed: Result | None = None) -> Nodes:
    if not isinstance(nodes, Nodes):
        raise FormError(N_("The function %(name)s() needs questions, given as ${name}, not a value."), name="randomize")
    if seed is None:
        mixed = list(nodes)
        scope.around.random.shuffle(mixed)
        return Nodes(mixed)
    return Nodes(shuffled(nodes, seed_of(seed)))


FUNCTIONS = {
    "selected": Function(_selected, 2, 2),
    "is-selected": Function(_selected, 2, 2),
    "count-selected": Function(lambda _, answer: float(len(text(answer).split())), 1, 1),
    "selected-at": Function(_selected_at, 2, 2),
    "jr:choice-name": Function(
        lambda scope, name, path: scope.around.choice_label(text(name), text(path).strip(), scope.here), 2, 2
    ),
    "pulldata": Function(_pulldata, 4, 4),
    "randomize": Function(_randomize, 1, 2),
}
