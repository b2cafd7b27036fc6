"""What can go wrong, said so that the person who caused it can mend it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalapp.core.language import Message


class AppError(Exception):
    """A refusal with a message for the person at the edge."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


class NotFound(AppError):  # noqa: N818 - the words of the house: one, or NotFound
    """What was asked for is not there."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a file: where (1-based row as a spreadsheet shows it, column name) and what to do about it."""

    message: Message
    row: int | None = None
    column: str | None = None
    sheet: str | None = None


class RefusedFile(AppError):  # noqa: N818 - what it is, in words
    """A file that was read and refused as a whole; nothing of it was written.

    `faults` name row and column; `unlisted` counts those beyond them.
    """

    def __init__(self, faults: Sequence[Fault], unlisted: int = 0) -> None:
        self.faults = tuple(faults)
        self.unlisted = unlisted
        count = len(self.faults) + unlisted
        super().__init__(Message("The file was refused, nothing was written. Faults: %(count)s.", count=count))
