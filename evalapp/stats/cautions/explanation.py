"""The two sentences of a warning, marked for translation."""

from __future__ import annotations

from dataclasses import dataclass


def sentence(text: str) -> str:
    """Mark a text for the translation catalogue and return it unchanged."""
    return text


@dataclass(frozen=True)
class Explanation:
    """The two sentences of a code, each a %-format over the caution's facts."""

    officer: str
    econometrician: str
