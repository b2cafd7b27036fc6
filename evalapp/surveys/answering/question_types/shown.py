"""What is shown without a field of its own kind: notes, values that cannot be changed, consent ticks, what a browser cannot ask."""

from __future__ import annotations

from collections.abc import Sequence

from evalapp.surveys.answering.question_types.question import Question

AGREED = "OK"


class Note(Question):
    """Words to read."""

    drawn_as = "note"
    asks = False


class ReadOnly(Question):
    """A value that was worked out or given before, to read."""

    drawn_as = "read_only"
    asks = False


class Acknowledge(Question):
    """A single box to tick."""

    drawn_as = "acknowledge"

    def read(self, sent: Sequence[str]) -> str:
        """Return what ODK's own apps store for a tick."""
        return AGREED if any(sent) else ""

    def said(self, stored: str) -> str:
        """Return a tick."""
        return "✓" if stored else ""


class Unsupported(Question):
    """A file, a recording or a place: not asked for in the browser, on purpose."""

    drawn_as = "unsupported"
    asks = False
