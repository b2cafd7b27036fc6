"""The faults of a file, collected until all are known, and cells quoted without showing a person."""

from __future__ import annotations

import re

from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message

SHOWN_FAULTS = 100
LONGEST_QUOTE = 40


class FaultLog:
    """What is wrong with a file so far. The first faults are kept whole, the rest are counted, so a bad column costs no memory."""

    def __init__(self, sheet: str | None = None) -> None:
        self.sheet = sheet
        self.count = 0
        self._kept: list[Fault] = []

    def add(self, message: Message, *, row: int | None = None, column: str | None = None, sheet: str | None = None) -> None:
        """Record one fault, of this log's sheet unless another is named."""
        self.count += 1
        if len(self._kept) < SHOWN_FAULTS:
            self._kept.append(Fault(message, row, column, sheet or self.sheet))

    def refuse_if_any(self) -> None:
        """Raise RefusedFile when there is a fault."""
        if not self.count:
            return
        raise RefusedFile(self._kept, unlisted=self.count - len(self._kept))


def refuse(message: Message, *, row: int | None = None, sheet: str | None = None) -> RefusedFile:
    """Return the refusal of a file for one reason that makes reading on pointless."""
    return RefusedFile([Fault(message, row, None, sheet)])


def shown(cell: str) -> str:
    """Return a cell as a message may quote it: whole, or with every letter and digit covered where it may point to a person."""
    if len(cell) > LONGEST_QUOTE:
        return re.sub(r"\w", "•", cell[:LONGEST_QUOTE]) + "…"
    if "@" in cell or holds_resident_number(cell) or holds_phone_number(cell):
        return re.sub(r"\w", "•", cell)
    return cell
