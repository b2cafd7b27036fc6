"""What is known of a function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ANY_NUMBER = 1_000


@dataclass(frozen=True)
class Function:
    """A function: what it does with a scope and its arguments, and how many of these it takes."""

    work: Callable[..., Any]
    least: int
    most: int

    @property
    def takes(self) -> str:
        """How many arguments, for a message."""
        if self.most == ANY_NUMBER:
            return f"{self.least}+"
        return str(self.least) if self.least == self.most else f"{self.least}–{self.most}"
