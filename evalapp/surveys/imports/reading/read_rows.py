"""The rows of a file as answered forms: what each says of itself, its answers, and everything wrong with its cells."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from evalapp.core.cells import BadCell
from evalapp.core.clock import SEOUL
from evalapp.core.columns import Column, read_columns
from evalapp.core.faults import FaultLog, shown_header
from evalapp.core.sheets import Sheet, SheetRow
from evalapp.surveys.check_answers import REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID, Reading, read_registration_number
from evalapp.surveys.imports.reading.file_mapping import FileMapping
from evalapp.surveys.imports.reading.form_variables import FormVariables
from evalapp.surveys.imports.reading.match_columns import ColumnUse, Target
from evalapp.surveys.imports.reading.read_cells import CellReader, read_tick
from evalapp.surveys.imports.reading.read_moments import read_date, read_moment
from evalapp.surveys.imports.reading.review_states import STATES_WITH_REASON, state_of_tool
from evalapp.surveys.imports.reading.rounds import Round
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.tables import MODES, SUBMISSION_STATES

FACT_COLUMNS = {
    "study_id": Column("study_id", "code", required=True, maximum=60),
    "answered_on": Column("answered_on", maximum=40),
    "mode": Column("mode", "choice", choices=MODES),
    "state": Column("state", "choice", choices=tuple(state for state in SUBMISSION_STATES if state != "draft")),
    "reason": Column("reason", maximum=200),
}
MOMENTS = ("received_at", "started_at", "ended_at")
NOTED = (*MOMENTS, "today", "tool_state", "tool_reason", "key", "form_version")
LONGEST_REASON = 200


@dataclass(frozen=True)
class AnsweredRow:
    """One person's row: what is said about the submission, the answers by place, and the variables that could not be read."""

    number: int
    identifier: str | None
    facts: Mapping[str, Any]
    answers: Mapping[Place, Reading]
    unread: frozenset[str]

    @property
    def once(self) -> dict[str, Reading]:
        """The answers outside of repeated groups, by variable."""
        return {place.variable: reading for place, reading in self.answers.items() if not place.repeat_path}


class _Cell(NamedTuple):
    """A column that holds answers: its position, what it holds and how it is read. `is_whole` is false for one that needs more."""

    position: int
    column: str
    target: Target
    place: Place
    reader: CellReader
    is_whole: bool


class RowReader:
    """Reads the rows of a file, a chunk at a time."""

    def __init__(
        self,
        export: ExportFile,
        variables: FormVariables,
        mapping: FileMapping,
        uses: Mapping[str | None, Sequence[ColumnUse]],
        state: str,
    ) -> None:
        self.export = export
        self.variables = variables
        self.mapping = mapping
        self.state = state
        self._cells = {sheet: self._cells_of(columns) for sheet, columns in uses.items()}
        self._facts = {use.fact: use.column for use in uses[export.main.name] if use.use == "fact"}

    @property
    def variables_read(self) -> frozenset[str]:
        """The variables that the file has a column for."""
        return frozenset(_stored_name(cell.target.variable) for cells in self._cells.values() for cell in cells)

    def chunks(self, size: int, rounds: Mapping[int, Sequence[Round]], faults: FaultLog) -> Iterator[list[AnsweredRow]]:
        """Yield the rows, `size` at a time."""
        rest = iter(self.export.main.rows)
        while some := tuple(islice(rest, size)):
            yield self._read(some, rounds, faults)

    def _cells_of(self, columns: Sequence[ColumnUse]) -> list[_Cell]:
        readers: dict[str, CellReader] = {}
        cells = []
        for position, use in enumerate(columns):
            if use.use != "answer" or use.target is None:
                continue
            question = self.variables.by_name[use.target.variable].question
            labels = self.export.code_labels.get(use.column)
            reader = readers.get(question.name) if not labels else None
            if reader is None:
                reader = CellReader(question, self.mapping, labels)
            if not labels:
                readers[question.name] = reader
            is_whole = not use.target.choice and use.target.variable != REGISTRATION_NUMBER
            place = Place(use.target.variable, use.target.repeat_path)
            cells.append(_Cell(position, use.column, use.target, place, reader, is_whole))
        return cells

    def _read(self, rows: tuple[SheetRow, ...], rounds: Mapping[int, Sequence[Round]], faults: FaultLog) -> list[AnsweredRow]:
        sheet = replace(self.export.main, rows=rows)
        columns = [replace(FACT_COLUMNS[fact], name=name) for fact, name in self._facts.items() if fact in FACT_COLUMNS]
        said = read_columns(sheet, columns, faults)
        read = []
        for row, values in zip(rows, said, strict=True):
            facts = self._facts_of(sheet, row, values.values, faults)
            reading = _RowReading(row, facts, strict=facts["state"] not in STATES_WITH_REASON, faults=faults)
            reading.take(self._cells[sheet.name], row, "", sheet)
            for each in rounds.get(row.number, ()):
                reading.take(self._cells[each.sheet.name], each.row, each.repeat_path, each.sheet)
            read.append(reading.done())
        return read

    def _facts_of(self, sheet: Sheet, row: SheetRow, values: Mapping[str, Any], faults: FaultLog) -> dict[str, Any]:
        facts = {fact: values[name] if (name := self._facts.get(fact)) else None for fact in FACT_COLUMNS}
        noted: dict[str, Any] = {name: row.cells[sheet.header.index(self._facts[name])] for name in NOTED if name in self._facts}
        for name in (*MOMENTS, "today", "answered_on"):
            written = facts["answered_on"] if name == "answered_on" else noted.get(name)
            noted[name] = self._moment(name, written, row, faults) if written else None
        facts["answered_on"] = noted["answered_on"] or noted["today"] or _day(noted["ended_at"] or noted["received_at"])
        facts |= {"received_at": noted["received_at"], "started_at": noted["started_at"]}
        facts |= {"key": noted.get("key", ""), "form_version": noted.get("form_version", "")}
        return facts | self._state(facts, noted)

    def _moment(self, name: str, cell: str, row: SheetRow, faults: FaultLog) -> Any:
        order = self.mapping.date_order
        # KoboToolbox writes when a form was received in UTC, without saying so.
        zone = dt.UTC if name == "received_at" and self.export.source == "kobo" else SEOUL
        try:
            return read_date(cell, order) if name in ("today", "answered_on") else read_moment(cell, order, zone)
        except BadCell as bad:
            faults.add(bad.message, row=row.number, column=shown_header(self._facts[name]))
            return None

    def _state(self, facts: Mapping[str, Any], noted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the review state: the row's own, the tool's where it counts, or that of the whole file."""
        said, reason = facts["state"], facts["reason"]
        if not said and self.mapping.states and noted.get("tool_state"):
            said = state_of_tool(noted["tool_state"])
            if said in STATES_WITH_REASON:
                # The tools keep no reason beside their verdict, or only a remark: the verdict itself then says why.
                reason = reason or noted.get("tool_reason") or f"{self.export.source}: {noted['tool_state']}"
        return {"state": said or self.state, "state_said": bool(said), "reason": reason[:LONGEST_REASON] if reason else None}


class _RowReading:
    """The answers of one person's row while its cells are read."""

    def __init__(self, row: SheetRow, facts: dict[str, Any], *, strict: bool, faults: FaultLog) -> None:
        self.row = row
        self.facts = facts
        self.strict = strict
        self.faults = faults
        self.answers: dict[Place, Reading] = {}
        self.unread: set[str] = set()
        self.ticked: defaultdict[Target, set[str]] = defaultdict(set)
        self.readers: dict[Target, CellReader] = {}

    def take(self, cells: Sequence[_Cell], row: SheetRow, repeat_path: str, sheet: Sheet) -> None:
        """Read the cells of one row of a table; those of a repeated group stand in its round."""
        for cell in cells:
            text = row.cells[cell.position]
            if not text:
                continue
            try:
                if cell.is_whole:
                    place = Place(cell.place.variable, repeat_path) if repeat_path else cell.place
                    self.answers[place] = cell.reader.read(text)
                else:
                    self._take_part(cell, text, repeat_path or cell.target.repeat_path)
            except BadCell as bad:
                self.unread.add(cell.target.variable)
                self.faults.add(bad.message, row=row.number, column=shown_header(cell.column), sheet=sheet.name)

    def _take_part(self, cell: _Cell, text: str, repeat_path: str) -> None:
        """Take a tick of one choice, or the verdict on a registration number."""
        if not cell.target.choice:
            self.answers[Place(REGISTRATION_NUMBER_VALID, repeat_path)] = read_registration_number(text, strict=self.strict)
            return
        whole = Target(cell.target.variable, repeat_path)
        self.readers[whole] = cell.reader
        if read_tick(text):
            self.ticked[whole].add(cell.target.choice)

    def done(self) -> AnsweredRow:
        """Return the row with its choices put together."""
        for whole, chosen in self.ticked.items():
            self.answers[Place(whole.variable, whole.repeat_path)] = self.readers[whole].chosen(chosen)
        return AnsweredRow(self.row.number, self.facts["study_id"], self.facts, self.answers, frozenset(self.unread))


def _stored_name(variable: str) -> str:
    return REGISTRATION_NUMBER_VALID if variable == REGISTRATION_NUMBER else variable


def _day(moment: dt.datetime | None) -> dt.date | None:
    return moment.astimezone(SEOUL).date() if moment else None
