"""Survey forms: listed, uploaded, looked at, compared, published, fetched as files."""

from __future__ import annotations

from evalapp.web.instruments import comparison, drafts, files, listing, trial, versions
from evalapp.web.instruments.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (listing, drafts, versions, comparison, trial, files)

__all__ = ["PAGES", "blueprint"]
