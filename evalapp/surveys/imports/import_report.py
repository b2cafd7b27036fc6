"""What an import did, or would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.import_summary import ImportSummary
from evalapp.surveys.imports.reading.match_columns import ColumnUse

LISTED_FAULTS = 10_000


@dataclass(frozen=True)
class ImportReport(ImportSummary):
    """Counts of one import of answers, and what became of each column.

    `changed` are rows that bring a review state up to date, `revised` those with other answers than are stored: they wait as
    corrections for a second person.
    """

    revised: int = 0
    columns: tuple[ColumnUse, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a file would do. With any fault nothing of it is taken in; `unlisted` faults are counted beyond those listed."""

    report: ImportReport
    faults: Sequence[Fault] = ()
    unlisted: int = 0

    def refuse_if_any(self) -> None:
        """Raise RefusedFile when there is a fault."""
        if self.faults:
            raise RefusedFile(self.faults, self.unlisted)
