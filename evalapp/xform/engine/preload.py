"""Facts that a form notes by itself: when it was begun and finished, on which day, by whom, and its own number."""

from __future__ import annotations

from evalapp.xform.engine.filled import Filled
from evalapp.xform.tree import Element, Value
from evalapp.xform.xpath.dates import midnight


def preloaded(filled: Filled, element: Element) -> Value | None:
    """Return what an element notes when it comes to be, or None."""
    node = filled.form.nodes[element.path]
    match node.preload, node.preload_parameters:
        case "timestamp", "start":
            return filled.now()
        case "date", "today":
            return midnight(filled.now())
        case "uid", _:
            return f"uuid:{filled.seed}" if element.name == "instanceID" else f"uuid:{filled.seed}-{element.name}"
        case (("property" | "context"), name):
            return filled.property(name) or None
    return None


def preloaded_at_end(filled: Filled, element: Element) -> Value | None:
    """Return what an element notes when the form is finished, or None."""
    node = filled.form.nodes[element.path]
    return filled.now() if (node.preload, node.preload_parameters) == ("timestamp", "end") else None
