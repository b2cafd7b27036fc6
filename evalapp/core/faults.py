"""The faults of a file, collected until all are known, and cells quoted without showing a person."""

from __future__ import annotations

import re

from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number, holds_shortened_number
from evalapp.core.language import Message

SHOWN_FAULTS = 100
LONGEST_QUOTE = 40
LONGEST_ENTRY = 12


class FaultLog:
    """What is wrong with a file so far. The first faults are kept whole, the rest are counted, so a bad column costs no memory."""

    def __init__(self, sheet: str | None = None, most_kept: int = SHOWN_FAULTS) -> None:
        self.sheet = sheet
        self.most_kept = most_kept
        self.count = 0
        self._kept: list[Fault] = []

    def add(self, message: Message, *, row: int | None = None, column: str | None = None, sheet: str | None = None) -> None:
        """Record one fault, of this log's sheet unless another is named."""
        self.count += 1
        if len(self._kept) < self.most_kept:
            self._kept.append(Fault(message, row, column, _sheet_name(sheet or self.sheet)))

    @property
    def kept(self) -> tuple[Fault, ...]:
        """The faults that are kept whole."""
        return tuple(self._kept)

    def refuse_if_any(self) -> None:
        """Raise RefusedFile when there is a fault."""
        if not self.count:
            return
        raise RefusedFile(self._kept, unlisted=self.count - len(self._kept))


def refuse(message: Message, *, row: int | None = None, sheet: str | None = None) -> RefusedFile:
    """Return the refusal of a file for one reason that makes reading on pointless."""
    return RefusedFile([Fault(message, row, None, _sheet_name(sheet))])


def _sheet_name(name: str | None) -> str | None:
    return None if name is None else printable(name)


def shown(cell: str) -> str:
    """Return a cell as a message may quote it: whole, or with every letter and digit covered where it may point to a person."""
    if len(cell) > LONGEST_QUOTE:
        return _covered(cell)
    if "@" in cell or holds_resident_number(cell) or holds_phone_number(cell) or holds_shortened_number(cell):
        return _covered(cell)
    return printable(cell)


def shown_entry(cell: str) -> str:
    """Return a cell where a code, a number or a date was wanted: one that is long or not ASCII may be a name or an address."""
    return shown(cell) if cell.isascii() and len(cell) <= LONGEST_ENTRY else _covered(cell)


def shown_header(name: str) -> str:
    """Return a column name; one that is not ASCII may be the first person's cell in a file without column names."""
    return shown(name) if name.isascii() else _covered(name)


def printable(text: str) -> str:
    """Return a text without what could steer a terminal or turn the direction of writing."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else " " if sign.isspace() else "�" for sign in text)


def _covered(text: str) -> str:
    rest = "…" if len(text) > LONGEST_QUOTE else ""
    return printable(re.sub(r"\w", "•", text[:LONGEST_QUOTE])) + rest
