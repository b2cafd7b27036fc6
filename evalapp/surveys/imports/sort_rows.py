"""The rows of a file sorted by what they would do: new people, new review states, other answers, nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import refuse_resident_numbers
from evalapp.core.faults import SHOWN_FAULTS, FaultLog, shown, shown_header
from evalapp.core.language import Message
from evalapp.people.queries import list_registered, resolve_people
from evalapp.surveys.check_answers import contradictions, odd_profits, unasked_and_unanswered
from evalapp.surveys.imports.import_report import ImportReport
from evalapp.surveys.imports.judge_rows import row_judge
from evalapp.surveys.imports.reading.file_mapping import FileMapping
from evalapp.surveys.imports.reading.form_variables import FormVariables
from evalapp.surveys.imports.reading.match_columns import match_columns, missing_columns
from evalapp.surveys.imports.reading.read_rows import AnsweredRow, RowReader
from evalapp.surveys.imports.reading.review_states import STATES_WITH_REASON
from evalapp.surveys.imports.reading.rounds import rounds_by_row
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.imports.stored_answers import Stored, list_taken_keys, stored_answers
from evalapp.surveys.queries import find_survey_import
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.tables import Wave

ROWS_AT_ONCE = 1_000
MOST_JUDGED_AT_ONCE = 1_000  # rules compare submissions with each other: seconds for a thousand, minutes for ten thousand
LONGEST_KEY = 64
SHOWN_ROWS = 20

Differences = Mapping[Place, tuple[str | None, str | None]]


@dataclass
class SortedRows:
    """Some rows by what they do, with the key of the person or of the stored submission. A row may both move and revise."""

    new: list[tuple[int, AnsweredRow]] = field(default_factory=list)
    moved: list[tuple[Stored, AnsweredRow]] = field(default_factory=list)
    revised: list[tuple[Stored, Differences, AnsweredRow]] = field(default_factory=list)


class FileSorter:
    """Reads, checks and sorts a whole file, a chunk of rows at a time, so that memory does not grow with what they hold."""

    def __init__(
        self,
        db: Session,
        wave: Wave,
        variables: FormVariables,
        export: ExportFile,
        mapping: FileMapping,
        state: str,
        *,
        revise: bool,
        most_faults: int = SHOWN_FAULTS,
    ) -> None:
        self.db = db
        self.wave = wave
        self.definition = variables.definition
        self.export = export
        self.approves = state == "approved"
        self.revise = revise
        self.faults = FaultLog(export.main.name, most_faults)
        self.uses = match_columns(export, variables, mapping, self.faults)
        self.reader = RowReader(export, variables, mapping, self.uses, state)
        self.judge = row_judge(db, wave.instrument_id, variables.definition, self.reader.variables_read)
        self.against_form: list[int] = []
        self.rounds = rounds_by_row(export, variables, self.uses, self.faults)
        self.person_column = shown_header(
            next((use.column for use in self.uses[export.main.name] if use.fact == "study_id"), "study_id")
        )
        self.counts = dict.fromkeys(("new", "changed", "revised", "same"), 0)
        self.odd: list[AnsweredRow] = []
        self.other_versions = 0
        self.has_repeats = variables.has_repeats
        self.registered = list_registered(db, wave.programme_id)
        self._first_rows: dict[object, int] = {}
        # Named once as columns that are missing, not again in every row.
        self._absent = frozenset(missing_columns(variables, self.uses[export.main.name]))

    def chunks(self) -> Iterator[SortedRows]:
        """Yield the rows, sorted; what is wrong with any of them is among `faults`."""
        for sheet in (self.export.main, *self.export.repeats):
            found = FaultLog(sheet.name, self.faults.most_kept)
            refuse_resident_numbers(sheet, found)
            for fault in found.kept:
                self.faults.add(fault.message, row=fault.row, column=fault.column, sheet=fault.sheet)
        for rows in self.reader.chunks(ROWS_AT_ONCE, self.rounds, self.faults):
            for row in rows:
                self._check(row)
            yield self._sorted(rows)

    def report(self) -> ImportReport:
        """Return what the rows read so far came to."""
        columns = tuple(use for each in self.uses.values() for use in each)
        counts = self.counts
        notices = tuple(self._notices())
        rows = len(self.export.main.rows)
        return ImportReport(rows, counts["new"], counts["same"], notices, counts["changed"], counts["revised"], columns)

    def _notices(self) -> Iterator[Message]:
        yield from self.export.notices
        counts = self.counts
        earlier = find_survey_import(self.db, self.wave.id, self.export.sha256)
        if earlier and not earlier.undone_at and not (counts["new"] or counts["changed"] or counts["revised"]):
            yield Message("This file was taken in on %(date)s already.", date=earlier.imported_at.date())
        if odd := odd_profits((row.number, row.once) for row in self.odd):
            yield odd
        if self.has_repeats and not self.export.repeats and self.export.source in ("kobo", "odk"):
            yield Message(
                "The form repeats groups, but the file holds none of their rounds. Export it as XLSX (KoboToolbox) or zip (ODK)."
            )
        if self.against_form:
            yield Message(
                "Rows with answers that the form would not have let pass: %(count)s (%(rows)s). They are taken in and flagged for review.",
                count=len(self.against_form),
                rows=", ".join(map(str, self.against_form[:SHOWN_ROWS])) + (" …" if len(self.against_form) > SHOWN_ROWS else ""),
            )
        if counts["new"] > MOST_JUDGED_AT_ONCE:
            yield Message("The new submissions are many: the rules of quality are asked about them by the next nightly check.")
        if self.other_versions:
            yield Message("%(count)s rows were answered with another version of the form.", count=self.other_versions)

    def _check(self, row: AnsweredRow) -> None:
        facts = row.facts
        if facts["state"] in STATES_WITH_REASON:
            if not facts["reason"]:
                message = Message("A submission with state “%(state)s” needs a reason.", state=facts["state"])
                self.faults.add(message, row=row.number, column="reason")
        else:
            unread = row.unread | self._absent
            for column, message in (
                *unasked_and_unanswered(self.definition, row.once),
                *contradictions(row.once, self.wave.survey_year),
            ):
                if column not in unread:
                    self.faults.add(message, row=row.number, column=column)
        if facts["answered_on"] and facts["answered_on"] > today():
            self.faults.add(
                Message("%(date)s lies in the future.", date=facts["answered_on"]), row=row.number, column="answered_on"
            )
        self.other_versions += facts["form_version"] not in ("", self.definition.version)

    def _sorted(self, rows: Sequence[AnsweredRow]) -> SortedRows:
        people = resolve_people(self.db, self.wave.programme_id, {row.identifier for row in rows if row.identifier})
        stored = stored_answers(self.db, self.wave.id, set(people.values()))
        self._check_keys(rows)
        found = SortedRows()
        for row in rows:
            person = people.get(row.identifier or "")
            if self._is_one_person(row, person):
                self._place(row, person or 0, stored.get(person or 0), found)
        return found

    def _is_one_person(self, row: AnsweredRow, person: int | None) -> bool:
        known = not row.identifier or person in self.registered
        if row.identifier and not known:
            message = Message(
                "Nobody in this programme has the study ID “%(id)s”. Register the person first.", id=shown(row.identifier)
            )
            self.faults.add(message, row=row.number, column=self.person_column)
        key = person or row.identifier
        first = self._first_rows.setdefault(key, row.number) if key else row.number
        if first != row.number:
            message = Message("The same entry stands in row %(first)s already. Keep one of the two.", first=first)
            self.faults.add(message, row=row.number, column=self.person_column)
        return bool(row.identifier) and known and first == row.number

    def _check_keys(self, rows: Sequence[AnsweredRow]) -> None:
        """Refuse answers that were taken into another wave: a form that is answered once belongs to one wave."""
        taken = list_taken_keys(self.db, self.wave.id, {key for row in rows if (key := instance_key(self.export, row))})
        for row in rows:
            if instance_key(self.export, row) in taken:
                self.faults.add(
                    Message("These answers stand in another wave already. Choose the right wave, or undo that import."),
                    row=row.number,
                )

    def _place(self, row: AnsweredRow, person: int, stored: Stored | None, found: SortedRows) -> None:
        if stored is None:
            found.new.append((person, row))
            self.counts["new"] += 1
            if self.counts["new"] <= MOST_JUDGED_AT_ONCE and self.judge.faults(row):
                self.against_form.append(row.number)
            if _is_odd(row):
                self.odd.append(row)
            return
        differences = stored.differences(row, self.reader.variables_read)
        if differences and not self.revise:
            self._refuse_difference(row, differences)
            return
        if differences and stored.waiting & differences.keys():
            message = Message("A correction of the same answer waits for a second person. Approve or drop it first.")
            self.faults.add(message, row=row.number, column=self.person_column)
            return
        if differences:
            found.revised.append((stored, differences, row))
        moves = (row.facts["state_said"] or self.approves) and stored.state != row.facts["state"]
        if moves:
            found.moved.append((stored, row))
        self.counts["revised" if differences else "changed" if moves else "same"] += 1

    def _refuse_difference(self, row: AnsweredRow, differences: Differences) -> None:
        message = Message(
            "The person has answered this wave already, with other answers to: %(names)s. Leave the "
            "row out, or correct the submission.",
            names=", ".join(sorted({place.variable for place in differences})),
        )
        self.faults.add(message, row=row.number, column=self.person_column)


def instance_key(export: ExportFile, row: AnsweredRow) -> str:
    """Return the key by which the tool knows a filled form, or "" where it has none."""
    key = row.facts["key"].removeprefix("uuid:")
    return f"{export.source}:{key}"[:LONGEST_KEY] if key else ""


def _is_odd(row: AnsweredRow) -> bool:
    return odd_profits([(row.number, row.once)]) is not None
