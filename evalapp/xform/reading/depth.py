"""Groups within groups: so many that no screen and no reader can follow them."""

from __future__ import annotations

import re

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.sheets import Book

DEEPEST = 20
EDGE = re.compile(r"\s*(begin|end)[ _](?:group|repeat|loop)\b", re.IGNORECASE)
TYPES = ("type", "command")


def refuse_depth(book: Book) -> None:
    """Refuse a form whose groups stand too deep in one another, before the compiler gets lost in them."""
    depth = 0
    for row in book.sheet("survey").rows:
        for column, cell in row.cells.items():
            if column.lower() in TYPES and (edge := EDGE.match(cell)):
                depth += 1 if edge[1].lower() == "begin" else -1
                if depth > DEEPEST:
                    message = N_("There are more than %(most)s groups inside one another. Take some of them out.")
                    raise RefusedForm([FormFault(message, {"most": DEEPEST}, "survey", row.number, column)])
