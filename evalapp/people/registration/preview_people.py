"""Look at a pasted list of people before anyone is registered: which rows are good, which fail and why, who may be known already."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.language import Message
from evalapp.people.registration.pasted_table import PastedRow, as_text, read_pasted_table
from evalapp.people.registration.person_details import PersonDetails, read_person
from evalapp.people.registration.possible_duplicates import PossibleDuplicate, find_possible_duplicates
from evalapp.people.tables import Programme

WHOLE_ROW = "row"


@dataclass(frozen=True)
class PreviewRow:
    """One row: its cells by column as they were pasted, the person they make, and who may be the same.

    `faults` are by column; what is wrong with the row as a whole stands under WHOLE_ROW.
    """

    number: int
    cells: Mapping[str, str]
    record: tuple[str, ...]
    details: PersonDetails
    duplicates: tuple[PossibleDuplicate, ...]

    @property
    def faults(self) -> Mapping[str, Message]:
        """What keeps the row from being registered, by column."""
        return self.details.faults


@dataclass(frozen=True)
class Preview:
    """A pasted list, row by row."""

    header: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    notices: tuple[Message, ...]

    @property
    def good(self) -> list[PreviewRow]:
        """The rows without a fault whose person does not seem to be known."""
        return [row for row in self.rows if not row.faults and not row.duplicates]

    @property
    def doubtful(self) -> list[PreviewRow]:
        """The rows without a fault whose person may be known already."""
        return [row for row in self.rows if not row.faults and row.duplicates]

    @property
    def failing(self) -> list[PreviewRow]:
        """The rows that cannot be registered as they are."""
        return [row for row in self.rows if row.faults]

    def without(self, numbers: Collection[int]) -> str:
        """Return the text of the other rows, to be mended and pasted again; empty when none is left."""
        left = [row.record for row in self.rows if row.number not in numbers]
        width = len(self.header)
        return as_text(self.header, [(*record, *[""] * (width - len(record))) for record in left]) if left else ""


def preview_people(db: Session, programme: Programme, text: str) -> Preview:
    """Read a pasted list. It tells who is known, so the audit log keeps that someone looked: this needs a session that writes."""
    table = read_pasted_table(text)
    details = {row.number: _details(row, len(table.header)) for row in table.rows}
    duplicates = find_possible_duplicates(db, programme.id, details)
    rows = tuple(
        PreviewRow(row.number, row.cells, row.record, details[row.number], duplicates.get(row.number, ())) for row in table.rows
    )
    record_entry(db, "people_previewed", "programme", programme.code, after={"rows": len(rows), "known": len(duplicates)})
    return Preview(table.header, rows, table.notices)


def _details(row: PastedRow, columns: int) -> PersonDetails:
    details = read_person(row.cells)
    if len(row.record) <= columns:
        return details
    message = Message(
        "The row has %(cells)s cells, but there are %(columns)s column names. Check for a missing or spare separator.",
        cells=len(row.record),
        columns=columns,
    )
    return PersonDetails(details.values, {**details.faults, WHOLE_ROW: message})
