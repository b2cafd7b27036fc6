"""Days and times of day."""

from __future__ import annotations

from collections.abc import Sequence

from evalapp.surveys.answering.question_types.question import Question
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked

MINUTE = len("2026-09-01T09:30")
GRAINS = {"month-year": ("month", "2026-09", 2), "year": ("text", "2026", 1)}


class DateQuestion(Question):
    """A day; by its appearance only a month or a year, kept as the first day of it."""

    drawn_as = "moment"

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        self.grain = next((grain for grain in GRAINS if grain in self.appearance), "")
        # A browser that does not know a type shows a field for text; the example says what to write there.
        self.input_type, self.example, self.parts = GRAINS.get(self.grain, ("date", "2026-09-01", 3))
        self.input_mode = "numeric"

    @property
    def given(self) -> Sequence[str]:
        """The day, month or year as its field writes it."""
        return (self.said(self.stored),) if self.stored else ()

    def cleaned(self, text: str) -> str:
        """Take points and slashes between the parts, and complete a month or a year."""
        parts = [part.strip() for part in text.strip().rstrip(".").replace(".", "-").replace("/", "-").split("-")]
        return "-".join(parts + ["01"] * (3 - self.parts)) if len(parts) == self.parts and all(parts) else text.strip()

    def said(self, stored: str) -> str:
        """Return as much of the day as was asked."""
        return stored[: len(self.example)]


class TimeQuestion(Question):
    """A time of day, to the minute."""

    drawn_as = "moment"
    input_type = "time"
    example = "09:30"

    @property
    def given(self) -> Sequence[str]:
        """Hours and minutes."""
        return (self.said(self.stored),) if self.stored else ()

    def said(self, stored: str) -> str:
        """Return hours and minutes."""
        return stored[:5]


class DateTimeQuestion(Question):
    """A day with a time, in Seoul."""

    drawn_as = "moment"
    input_type = "datetime-local"
    example = "2026-09-01 09:30"

    @property
    def given(self) -> Sequence[str]:
        """Day, hours and minutes."""
        return (self.stored[:MINUTE],) if self.stored else ()

    def cleaned(self, text: str) -> str:
        """Take a blank between day and time."""
        return "T".join(text.split())

    def said(self, stored: str) -> str:
        """Return day, hours and minutes."""
        return stored[:MINUTE].replace("T", " ")
