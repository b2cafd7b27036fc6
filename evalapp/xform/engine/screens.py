"""What to show: the questions that are asked now, in their groups and rounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalapp.xform.engine.growth import MOST_ROUNDS
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.labels import shown
from evalapp.xform.model.form import Control
from evalapp.xform.tree import Element


@dataclass(frozen=True)
class Asked:
    """Something on the screen: a question, a group with what is in it, a repeat with its rounds, or one round.

    `kind` is the control's, or `round`; `element` is the answer, the group, the round, or for a repeat what it stands in.
    `may_grow` says of a repeat whether the person may add a round.
    """

    control: Control
    kind: str
    element: Element
    label: str
    hint: str
    guidance: str
    children: tuple[Asked, ...] = ()
    may_grow: bool = False

    @property
    def address(self) -> str:
        """The address of the element; of a repeat, that of its next round."""
        return f"{self.element.address}/{self.control.path.rpartition('/')[2]}" if self.kind == "repeat" else self.element.address

    def questions(self) -> Iterator[Asked]:
        """Yield the questions in it, in their order."""
        if self.kind not in ("group", "repeat", "round"):
            yield self
        for child in self.children:
            yield from child.questions()


def asked(instance: Instance) -> tuple[Asked, ...]:
    """Return what the form asks now, top to bottom."""
    return tuple(_controls(instance, instance.form.model.body, instance.root))


def _controls(instance: Instance, controls: Sequence[Control], within: Element) -> Iterator[Asked]:
    for control in controls:
        if control.kind == "repeat":
            yield from _repeat(instance, control, within)
        elif control.path in ("", within.path):
            children = tuple(_controls(instance, control.children, within))
            yield _asked(instance, control, within, children)
        else:
            found = instance.elements(control.path, within)
            if found and found[0].live:
                yield _asked(instance, control, found[0], tuple(_controls(instance, control.children, found[0])))


def _repeat(instance: Instance, control: Control, within: Element) -> Iterator[Asked]:
    parents = instance.elements(control.path.rpartition("/")[0], within)
    if not parents or not parents[0].live:
        return
    parent = parents[0]
    rounds = parent.children[control.path.rpartition("/")[2]]
    live = tuple(
        _asked(instance, control, each, tuple(_controls(instance, control.children, each)), "round") for each in rounds if each.live
    )
    hidden = bool(rounds) and not live
    may_grow = not control.count and not hidden and len(rounds) < MOST_ROUNDS
    yield _asked(instance, control, parent, live, may_grow=may_grow)


def _asked(
    instance: Instance, control: Control, element: Element, children: tuple[Asked, ...], kind: str = "", *, may_grow: bool = False
) -> Asked:
    words = control.labelling
    texts = [shown(instance, text, element) for text in (words.label, words.hint, words.guidance)]
    label, hint, guidance = ("" if text == "-" else text for text in texts)
    return Asked(control, kind or control.kind, element, label, hint, guidance, children, may_grow)
