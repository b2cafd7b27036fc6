"""What an import did, or in a dry run would do."""

from __future__ import annotations

from dataclasses import dataclass

from evalapp.core.language import Message


@dataclass(frozen=True)
class ImportSummary:
    """Counts of one import: `rows` read, of which `new` were written and `already_there` were found equal to what is stored."""

    rows: int
    new: int
    already_there: int
    notices: tuple[Message, ...] = ()
