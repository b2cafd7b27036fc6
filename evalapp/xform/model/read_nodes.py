"""The tree of answers of an XForm with the conditions its binds give."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from evalapp.xform.model.form import Labelling, Node
from evalapp.xform.model.read_texts import message
from evalapp.xform.model.tags import JR, local, namespace

# Facts that have a field of their own; the others are kept as the bind's attributes.
KNOWN = {"nodeset", "type", "relevant", "required", "constraint", "calculate", "readonly"}
CONDITIONS = ("relevant", "required", "constraint", "calculate", "readonly")


def read_nodes(
    element: Any, binds: Mapping[str, Mapping[str, str]], repeats: AbstractSet[str], texts: Mapping[str, Labelling]
) -> Node:
    """Return the node of the primary instance's root."""
    return _node(element, "", 1, _Facts(binds, repeats, texts))


class _Facts:
    def __init__(self, binds: Mapping[str, Mapping[str, str]], repeats: AbstractSet[str], texts: Mapping[str, Labelling]) -> None:
        self.binds = binds
        self.repeats = repeats
        self.texts = texts


def _node(element: Any, above: str, rounds: int, facts: _Facts) -> Node:
    path = f"{above}/{local(element)}"
    bind = facts.binds.get(path, {})
    children = _children(element, path, facts)
    return Node(
        name=local(element),
        path=path,
        type="" if children else _type(bind),
        repeat=path in facts.repeats,
        rounds=rounds,
        default="" if children else element.text or "",
        **{name: bind.get(name, "").strip() for name in CONDITIONS},
        constraint_message=message(bind.get(f"{JR}constraintMsg", ""), facts.texts),
        required_message=message(bind.get(f"{JR}requiredMsg", ""), facts.texts),
        preload=bind.get(f"{JR}preload", ""),
        preload_parameters=bind.get(f"{JR}preloadParams", ""),
        namespace=namespace(element),
        attributes={name: value for name, value in bind.items() if name not in KNOWN and not name.startswith(JR)},
        marks={name: value for name, value in element.attrib.items() if not name.startswith(JR)},
        children=children,
    )


def _type(bind: Mapping[str, str]) -> str:
    return bind.get("type", "string").rpartition(":")[2] or "string"


def _children(element: Any, path: str, facts: _Facts) -> tuple[Node, ...]:
    """Return a node for every name, with the number of rounds written out beside the template."""
    named: dict[str, list[Any]] = {}
    for child in element:
        if local(child):
            named.setdefault(local(child), []).append(child)
    found = []
    for children in named.values():
        rounds = [child for child in children if f"{JR}template" not in child.attrib]
        node = _node((rounds or children)[0], path, len(rounds), facts)
        found.append(replace(node, repeat=node.repeat or len(rounds) < len(children)))
    return tuple(found)
