"""Paper forms: typed by two people, compared, decided, looked back at."""

from __future__ import annotations

from evalapp.web.paper import deciding, entering, evidence, listing
from evalapp.web.paper.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (listing, entering, deciding, evidence)

__all__ = ["PAGES", "blueprint"]
