"""The waves of a programme: planned, sent, followed up, watched."""

from __future__ import annotations

from evalapp.web.waves import editing, listing, monitor, sending
from evalapp.web.waves.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (listing, editing, sending, monitor)

__all__ = ["PAGES", "blueprint"]
