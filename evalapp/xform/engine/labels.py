"""Labels, hints and messages in the language shown, with the values put into them."""

from __future__ import annotations

from evalapp.xform.engine.filled import Filled, attempt
from evalapp.xform.model.form import Text, in_language
from evalapp.xform.tree import Element
from evalapp.xform.xpath.values import text as as_text


def shown(filled: Filled, text: Text, here: Element) -> str:
    """Return a text in the language shown; a value that cannot be worked out leaves its place empty."""
    parts = in_language(text, filled.language, filled.form.model.default_language)
    return "".join(part if at % 2 == 0 else _value(filled, part, here) for at, part in enumerate(parts))


def _value(filled: Filled, expression: str, here: Element) -> str:
    return attempt(filled, "label", expression, here, as_text) or ""
