"""Elements of a form that is begun, and of a new round of a repeat."""

from __future__ import annotations

from evalapp.xform.engine.answers import BadAnswer, typed
from evalapp.xform.engine.plan import Form
from evalapp.xform.model.form import Node
from evalapp.xform.tree import Element

MOST_ROUNDS = 50  # a count mistyped as 1,000 would stall the form of anyone


def begin(form: Form) -> Element:
    """Return the tree of a new form, with its defaults."""
    return _fill(form, Element(form.model.root.name), form.model.root, first=True)


def new_round(form: Form, parent: Element, path: str) -> Element:
    """Add a round to a repeat, with its defaults. Repeats inside it begin with none."""
    added = parent.add(Element(path.rpartition("/")[2], parent))
    return _fill(form, added, form.nodes[path], first=False)


def bare(form: Form, parent: Element | None, node: Node) -> Element:
    """Return an element with its groups but without answers and rounds, to be filled from what was stored."""
    element = Element(node.name, parent)
    for child in node.children:
        element.children[child.name] = []
        if not child.repeat:
            element.add(bare(form, element, child))
    return element


def _fill(form: Form, element: Element, node: Node, *, first: bool) -> Element:
    if not node.children:
        try:
            element.value = typed(node.default, form.kind(node.path))
        except BadAnswer:
            element.value = ""
    for child in node.children:
        element.children[child.name] = []
        rounds = 1 if not child.repeat else min(child.rounds, MOST_ROUNDS) if first else 0
        for _ in range(rounds):
            _fill(form, element.add(Element(child.name, element)), child, first=first)
    return element
