"""A respondent's own page: what they agreed to, what comes next, what they handed in, what they may ask for."""

from __future__ import annotations

from evalapp.web.own_page import acts, entrance, overview
from evalapp.web.own_page.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (entrance, overview, acts)

__all__ = ["PAGES", "blueprint"]
