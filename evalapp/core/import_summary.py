"""What an import did, or in a dry run would do."""

from __future__ import annotations

from dataclasses import dataclass

from evalapp.core.language import Message


@dataclass(frozen=True)
class ImportSummary:
    """Counts of one import.

    `rows` were read, of which `new` were written, `changed` brought a stored one up to date (a review state, a withdrawal), and
    `already_there` were found equal to what is stored.
    """

    rows: int
    new: int
    already_there: int
    notices: tuple[Message, ...] = ()
    changed: int = 0
