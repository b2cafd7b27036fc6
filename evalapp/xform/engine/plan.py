"""A form made ready to be filled in: its expressions compiled, in the order in which they depend on one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from evalapp.xform.engine.dependencies import Reading, readings
from evalapp.xform.faults import N_, FormError
from evalapp.xform.model.form import Action, Branch, Control, FormModel
from evalapp.xform.tree import Element
from evalapp.xform.xpath.evaluator import Evaluator, compiled
from evalapp.xform.xpath.parser import parse

Kind = Literal["relevant", "calculate", "count"]
FIRST_LOAD = ("odk-instance-first-load", "xforms-ready")
EVERY_LOAD = "odk-instance-load"
NEW_ROUND = "odk-new-repeat"
CHANGED = "xforms-value-changed"
SHOWN_IN_A_RING = 10


@dataclass(frozen=True)
class Rule:
    """An expression that decides about a node: whether it is relevant, its value, or how many rounds a repeat has."""

    kind: Kind
    path: str
    evaluate: Evaluator
    reads: frozenset[Reading]


class Cycle(FormError):  # noqa: N818 - what it is, in words
    """Questions that depend on one another in a ring; `paths` names them in order."""

    def __init__(self, paths: tuple[str, ...]) -> None:
        names = " → ".join(path.rpartition("/")[2] for path in paths[:SHOWN_IN_A_RING]) + (
            " → …" if len(paths) > SHOWN_IN_A_RING else ""
        )
        super().__init__(N_("These questions depend on one another in a ring: %(names)s. Break it at one of them."), names=names)
        self.paths = paths


class Form:
    """A form that can be filled in. Building one costs some milliseconds; it is shared by all its instances and never changes."""

    def __init__(self, model: FormModel) -> None:
        self.model = model
        self.nodes = dict(model.nodes)
        self.controls = dict(model.controls)
        self.counts = {path: control.count for path, control in self.controls.items() if control.count}
        self.rules = _ordered(tuple(self._rules()))
        self.rules_by_path: dict[str, list[Rule]] = {}
        for rule in self.rules:
            self.rules_by_path.setdefault(rule.path, []).append(rule)

    def _rules(self) -> Iterator[Rule]:
        for path, node in self.nodes.items():
            if node.relevant:
                yield self._rule("relevant", path, node.relevant)
            if node.calculate:
                yield self._rule("calculate", path, node.calculate)
            if path in self.counts:
                yield self._rule("count", path, self.counts[path])

    def _rule(self, kind: Kind, path: str, text: str) -> Rule:
        return Rule(kind, path, compiled(text), frozenset(readings(parse(text), path, self.nodes)))

    @cached_property
    def tables(self) -> Mapping[str, Element]:
        """The roots of the form's tables."""
        return {name: _grown(branch, None) for name, branch in self.model.tables.items()}

    def actions(self, *events: str) -> Iterator[Action]:
        """Yield the actions of any of these events whose target is in the form."""
        for action in self.model.actions:
            if action.target in self.nodes and any(event in action.events for event in events):
                yield action

    def kind(self, path: str) -> str:
        """Return the type of an answer; several choices and ranks are types of their own."""
        control = self.controls.get(path)
        if control and control.kind in ("select", "rank"):
            return control.kind
        return self.nodes[path].type

    def control(self, path: str) -> Control | None:
        """Return the control that asks a node, or None."""
        return self.controls.get(path)


def _grown(branch: Branch, parent: Element | None) -> Element:
    element = Element(branch.name, parent, branch.text)
    element.attributes = dict(branch.attributes)
    for child in branch.children:
        element.add(_grown(child, element))
    return element


def _ordered(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """Return the rules so that each comes after all it reads, or raise Cycle."""
    deciding: dict[str, list[Rule]] = {}
    for rule in rules:
        deciding.setdefault(rule.path, []).append(rule)
    before = {rule: {other for reading in rule.reads for other in _deciders(reading.path, rule, deciding)} for rule in rules}
    try:
        return tuple(TopologicalSorter(before).static_order())
    except CycleError as error:
        ring: list[Rule] = error.args[1]
        raise Cycle(tuple(dict.fromkeys(rule.path for rule in reversed(ring)))) from error


def _deciders(path: str, reader: Rule, deciding: Mapping[str, list[Rule]]) -> Iterator[Rule]:
    """Yield the rules that what stands at a path depends on: its value, and the relevance and number of all above it."""
    steps = path.split("/")
    for end in range(2, len(steps) + 1):
        above = "/".join(steps[:end])
        for rule in deciding.get(above, ()):
            if rule.kind == "calculate" and (above != path or rule is reader):
                continue  # a calculation may read its own last value, as once() does
            yield rule
