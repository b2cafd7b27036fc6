"""Whether an answer can stay: needed and given, among the choices, within its constraint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from evalapp.xform.engine.choices import offered_names
from evalapp.xform.engine.filled import Filled, attempt
from evalapp.xform.engine.labels import shown
from evalapp.xform.faults import N_
from evalapp.xform.model.form import Node, Text
from evalapp.xform.tree import Element
from evalapp.xform.xpath.values import boolean, text

NEEDED = N_("Please answer this question.")
NOT_OFFERED = N_("“%(choice)s” is not among the choices any more. Choose again.")
NOT_ALLOWED = N_("This answer is not possible here. Please check it.")


@dataclass(frozen=True)
class Verdict:
    """What is wrong with an answer. `own` is the form's message in the language shown; without one, `text` with its facts."""

    element: Element
    kind: Literal["required", "choice", "constraint"]
    own: str = ""
    text: str = ""
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The address of the answer."""
        return self.element.address

    def __str__(self) -> str:
        return self.own or (self.text % self.facts if self.facts else self.text)


def is_required(filled: Filled, element: Element) -> bool:
    """Say whether an answer is needed here now."""
    return _holds(filled, filled.form.nodes[element.path].required, element)


def is_readonly(filled: Filled, element: Element) -> bool:
    """Say whether the answer cannot be changed here now."""
    return _holds(filled, filled.form.nodes[element.path].readonly, element)


def _holds(filled: Filled, condition: str, element: Element) -> bool:
    return bool(condition) and bool(attempt(filled, "condition", condition, element, boolean))


def verdict(filled: Filled, element: Element) -> Verdict | None:
    """Return what is wrong with an answer, or None. What is not asked is never wrong."""
    node = filled.form.nodes[element.path]
    if not element.live or node.children:
        return None
    return _of_none(filled, element, node) if element.value == "" else _of_answer(filled, element, node)


def _of_none(filled: Filled, element: Element, node: Node) -> Verdict | None:
    if not is_required(filled, element):
        return None
    return _said(filled, Verdict(element, "required", text=NEEDED), node.required_message)


def _of_answer(filled: Filled, element: Element, node: Node) -> Verdict | None:
    if (choice := _not_offered(filled, element)) is not None:
        return Verdict(element, "choice", text=NOT_OFFERED, facts={"choice": choice})
    if not node.constraint or attempt(filled, "constraint", node.constraint, element, boolean) is not False:
        return None
    return _said(filled, Verdict(element, "constraint", text=NOT_ALLOWED), node.constraint_message)


def _said(filled: Filled, found: Verdict, message: Text) -> Verdict:
    own = shown(filled, message, found.element)
    # "-" is what the form compiler writes for a translation that is not there.
    return found if own in ("", "-") else Verdict(found.element, found.kind, own, found.text, found.facts)


def _not_offered(filled: Filled, element: Element) -> str | None:
    control = filled.form.control(element.path)
    if control is None or control.choices is None:
        return None
    names = offered_names(filled, element)
    answer = text(element.value)
    given = [answer] if control.kind == "select1" else answer.split()
    return next((name for name in given if name not in names), None)
