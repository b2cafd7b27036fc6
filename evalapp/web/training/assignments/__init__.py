"""Assignments: who can be chosen, how places are drawn or decided, the draw, and its record."""

from __future__ import annotations

from evalapp.web.training.assignments import design, listing, locking, pool
from evalapp.web.training.assignments.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (listing, pool, design, locking)

__all__ = ["PAGES", "blueprint"]
