"""The tree of answers while a form is filled in; expressions walk it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

# What a node holds: "" for no answer; `int` for a whole number, `float` for a decimal one, a wall-clock time in Seoul for a date.
Value = str | bool | int | float | dt.datetime


class Element:
    """One node of a tree: a group, one round of a repeat, or a question's answer.

    `relevant` is its own condition; `live` is true where every element above it is relevant too. `place` counts rounds from 0.
    `lineage` runs from the root to the element itself. `path` is that of its definition, without positions.
    """

    __slots__ = (
        "attributes",
        "children",
        "lineage",
        "live",
        "name",
        "parent",
        "path",
        "place",
        "relevant",
        "value",
        "within_count",
    )

    def __init__(self, name: str, parent: Element | None = None, value: Value = "") -> None:
        self.name = name
        self.parent = parent
        self.value = value
        self.children: dict[str, list[Element]] = {}
        self.attributes: dict[str, str] = {}
        self.place = 0
        self.relevant = True
        self.within_count = True
        self.live: bool = parent is None or parent.live
        self.lineage: tuple[Element, ...] = (self,) if parent is None else (*parent.lineage, self)
        self.path: str = f"/{name}" if parent is None else f"{parent.path}/{name}"

    def __repr__(self) -> str:
        return f"Element({self.address!r}, {self.value!r})"

    def add(self, child: Element) -> Element:
        """Put a child last among those of its name."""
        rounds = self.children.setdefault(child.name, [])
        child.place = len(rounds)
        rounds.append(child)
        return child

    def remove(self, child: Element) -> None:
        """Take a child away; those behind it move up."""
        rounds = self.children[child.name]
        rounds.remove(child)
        for place, kept in enumerate(rounds):
            kept.place = place

    @property
    def address(self) -> str:
        """The path with the position of every round after the first, as `/data/children[2]/name`."""
        return "".join(f"/{step.name}" + (f"[{step.place + 1}]" if step.place else "") for step in self.lineage)

    def walk(self) -> Iterator[Element]:
        """Yield the element and all below it, in document order."""
        yield self
        for rounds in self.children.values():
            for child in rounds:
                yield from child.walk()

    def refresh(self) -> None:
        """Work out `live` here and below, after a condition above has changed."""
        self.live = self.relevant and self.within_count and (self.parent is None or self.parent.live)
        for rounds in self.children.values():
            for child in rounds:
                child.refresh()
