"""Two entries of one paper form, field by field: where they agree, and where they do not."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from evalapp.surveys.answering.question_types.question_of import class_of
from evalapp.surveys.answering.question_types.shown import Note, Unsupported
from evalapp.surveys.answering.question_types.texts import IdentifierQuestion
from evalapp.xform.engine.answers import written
from evalapp.xform.engine.instance import Instance
from evalapp.xform.model.form import Node
from evalapp.xform.tree import Element

Round = Element | None
NEVER_TYPED = (IdentifierQuestion, Note, Unsupported)


@dataclass(frozen=True)
class Field:
    """One field in both entries. `place` tells it from all others of the form: `trade[2]/goods`; "" is a field left empty."""

    place: str
    node: Node
    first_at: Element | None
    second_at: Element | None
    first: str
    second: str
    agrees: bool

    @property
    def variable(self) -> str:
        """The name of the question."""
        return self.node.name

    @property
    def rounds(self) -> str:
        """The rounds that the field stands in, like trade[2]; empty outside of any."""
        return "/".join(step for step in self.place.split("/")[:-1] if step.endswith("]"))


def compare_entries(first: Instance, second: Instance) -> list[Field]:
    """Return the fields that somebody filled in, in the order of the form. Rounds of repeats are matched by what they hold."""
    return list(_fields(first, second, first.form.model.root, first.root, second.root, ""))


def same(instance: Instance, path: str, one: str, other: str) -> bool:
    """Say whether two answers mean the same: choices in any order, texts without regard to spaces and width."""
    return _plain(instance, path, one) == _plain(instance, path, other)


def match_rounds(instance: Instance, first: Sequence[Element], second: Sequence[Element]) -> list[tuple[Round, Round]]:
    """Return the rounds of both entries side by side, so that the fewest fields differ: one that was left out shifts no other."""
    ours, theirs = [_answers(instance, each) for each in first], [_answers(instance, each) for each in second]
    costs = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for one in range(len(ours), -1, -1):
        for other in range(len(theirs), -1, -1):
            ways = _ways(costs, ours, theirs, one, other)
            costs[one][other] = min(cost for cost, _, _ in ways) if ways else 0
    matched: list[tuple[Round, Round]] = []
    one = other = 0
    while one < len(ours) or other < len(theirs):
        _, next_one, next_other = min(_ways(costs, ours, theirs, one, other), key=lambda way: way[0])
        matched.append((first[one] if next_one > one else None, second[other] if next_other > other else None))
        one, other = next_one, next_other
    return matched


def _ways(
    costs: Sequence[Sequence[int]],
    ours: Sequence[Mapping[str, object]],
    theirs: Sequence[Mapping[str, object]],
    one: int,
    other: int,
) -> list[tuple[int, int, int]]:
    """Return how matching can go on from here, each with its cost and where it leads; the first of equals is to pair two rounds."""
    ways = []
    if one < len(ours) and other < len(theirs):
        names = ours[one].keys() | theirs[other].keys()
        apart = sum(ours[one].get(name) != theirs[other].get(name) for name in names)
        ways.append((apart + costs[one + 1][other + 1], one + 1, other + 1))
    if one < len(ours):
        ways.append((len(ours[one]) + 1 + costs[one + 1][other], one + 1, other))
    if other < len(theirs):
        ways.append((len(theirs[other]) + 1 + costs[one][other + 1], one, other + 1))
    return ways


def rounds_of(parent: Element | None, name: str) -> list[Element]:
    """Return the rounds of a repeat that are asked."""
    return [each for each in parent.children.get(name, ()) if each.live] if parent is not None else []


def is_typed(instance: Instance, node: Node) -> bool:
    """Say whether a question is copied from the paper: not what the form works out, shows or notes by itself."""
    control = instance.form.control(node.path)
    if control is None or node.calculate or node.preload or node.readonly == "true()":
        return False
    return not issubclass(class_of(instance.form.model, control), NEVER_TYPED)


def _fields(first: Instance, second: Instance, node: Node, one: Round, other: Round, place: str) -> Iterator[Field]:
    for child in node.children:
        if child.repeat:
            matched = match_rounds(first, rounds_of(one, child.name), rounds_of(other, child.name))
            for number, (ours, theirs) in enumerate(matched, start=1):
                yield from _fields(first, second, child, ours, theirs, f"{place}{child.name}[{number}]/")
            continue
        ours, theirs = _only(one, child.name), _only(other, child.name)
        if child.children:
            yield from _fields(first, second, child, ours, theirs, f"{place}{child.name}/")
        elif is_typed(first, child):
            texts = [_text(instance, each) for instance, each in ((first, ours), (second, theirs))]
            if any(texts):
                agrees = same(first, child.path, texts[0], texts[1])
                yield Field(f"{place}{child.name}", child, ours, theirs, texts[0], texts[1], agrees)


def _only(parent: Element | None, name: str) -> Element | None:
    return parent.children[name][0] if parent is not None and parent.children.get(name) else None


def _text(instance: Instance, element: Element | None) -> str:
    return written(element.value, instance.form.kind(element.path)) if element is not None and element.live else ""


def _answers(instance: Instance, top: Element) -> dict[str, object]:
    """Return what is typed in a round, by its place within it."""
    answers = {}
    for element in top.walk():
        node = instance.node(element)
        if element.live and not node.children and element.value != "" and is_typed(instance, node):
            answers[element.address.removeprefix(top.address)] = _plain(instance, element.path, _text(instance, element))
    return answers


def _plain(instance: Instance, path: str, text: str) -> object:
    kind = instance.form.kind(path)
    if kind == "select":
        return frozenset(text.split())
    return " ".join(unicodedata.normalize("NFKC", text).split()) if kind == "string" else text
