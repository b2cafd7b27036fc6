"""What is wrong with a form: where it stands in the workbook, what it is, and how to mend it.

Templates are English and message ids of the application's catalogues; `facts` are what they quote, as %(name)s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


def N_(text: str) -> str:  # noqa: N802 - the name by which the catalogues find message ids
    """Mark a text as a message id that is translated where it is shown."""
    return text


@dataclass(frozen=True)
class FormFault:
    """One fault of a form. `row` is the number a spreadsheet shows beside it; an error keeps the form from being published."""

    text: str
    facts: Mapping[str, object] = field(default_factory=dict)
    sheet: str | None = None
    row: int | None = None
    column: str | None = None
    severity: Severity = "error"

    def __str__(self) -> str:
        place = ", ".join(f"{name} {value}" for name, value in self._place() if value is not None)
        said = self.text % self.facts if self.facts else self.text
        return f"{place}: {said}" if place else said

    def _place(self) -> tuple[tuple[str, object], ...]:
        return ("sheet", self.sheet), ("row", self.row), ("column", self.column)


class RefusedForm(ValueError):  # noqa: N818 - what it is, in words
    """A form that was read and refused; `faults` holds every reason found, errors before warnings."""

    def __init__(self, faults: Sequence[FormFault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.severity != "error"))
        super().__init__("\n".join(map(str, self.faults)))


class FormError(ValueError):
    """An expression that cannot be read or evaluated, or a path that is not in the form: a sentence with its facts."""

    def __init__(self, text: str, /, **facts: object) -> None:
        super().__init__(text % facts if facts else text)
        self.text = text
        self.facts = facts
