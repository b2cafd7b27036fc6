"""What an expression sees while it is evaluated: where it stands, and the little it may ask of the form around it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Protocol

from evalapp.xform.tree import Element


class Surroundings(Protocol):
    """The form being filled in, as expressions know it."""

    root: Element
    random: random.Random
    version: str

    def now(self) -> dt.datetime:
        """Return the wall-clock time in Seoul."""

    def table(self, name: str) -> Element:
        """Return the root of another instance, or raise FormError."""

    def choice_label(self, name: str, path: str, here: Element) -> str:
        """Return the label of a choice of the question at a path, in the language shown."""

    def property(self, name: str) -> str:
        """Return a fact about the device or the person asking, "" where it is not known."""


class Scope:
    """Where an expression stands: `here` is the element, `current` the element that the whole expression belongs to.

    Within a predicate `position` counts from 1 up to `size`; elsewhere both are 0.
    """

    __slots__ = ("around", "current", "here", "position", "size")

    def __init__(
        self, around: Surroundings, here: Element, current: Element | None = None, position: int = 0, size: int = 0
    ) -> None:
        self.around = around
        self.here = here
        self.current = current or here
        self.position = position
        self.size = size
