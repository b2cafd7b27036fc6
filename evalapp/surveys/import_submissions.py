"""Take in a file of answers to one wave, all of it or none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from evalapp.core.cells import BadCell
from evalapp.core.clock import now, today
from evalapp.core.columns import Column, TypedRow, add_duplicates, check_header, read_columns, refuse_resident_numbers
from evalapp.core.faults import FaultLog, shown
from evalapp.core.fingerprint import sha256_of
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.core.sheets import Sheet
from evalapp.people.queries import list_registered, resolve_people
from evalapp.surveys.check_answers import (
    REGISTRATION_NUMBER,
    REGISTRATION_NUMBER_VALID,
    AnswerReader,
    Reading,
    contradictions,
    odd_profits,
    read_registration_number,
    unasked_and_unanswered,
)
from evalapp.surveys.instruments import InstrumentDefinition
from evalapp.surveys.queries import find_survey_import, get_instrument_definition, get_wave, list_answers, list_states
from evalapp.surveys.tables import MODES, SUBMISSION_STATES, Answer, Submission, SurveyImport, Wave

STATES_WITH_REASON = ("has_issues", "rejected")
ROWS_A_STATEMENT = 10_000
COLUMNS = (
    Column("study_id", "code", required=True, maximum=60),
    Column("answered_on", "date"),
    Column("mode", "choice", choices=MODES),
    Column("state", "choice", choices=tuple(state for state in SUBMISSION_STATES if state != "draft")),
    Column("reason", maximum=200),
)


@dataclass(frozen=True)
class _Row:
    """One person's row: what is said about the submission, the answers by variable, and the questions that could not be read."""

    number: int
    identifier: str | None
    facts: Mapping[str, Any]
    answers: Mapping[str, Reading]
    unread: Collection[str]


def import_submissions(
    db: Session,
    programme_code: str,
    wave_code: str,
    path: Path,
    *,
    state: Literal["received", "approved"] = "received",
    dry_run: bool = False,
) -> ImportSummary:
    """Take in the answers of a file, one row a person, or with any fault none of them.

    `state` is that of rows which do not say their own. Rows marked as rejected or as having issues may contradict themselves and
    may leave questions open. People whose submission is stored already are counted when the file gives the same answers, and are a
    fault when it does not; a review state that the file names, or approval of the whole file, is brought up to date.
    """
    wave = get_wave(db, programme_code, wave_code)
    sheet = read_one_table(path)
    sha256 = sha256_of(path.read_bytes())
    earlier = find_survey_import(db, wave.id, sha256)
    faults = FaultLog(sheet.name)
    definition = get_instrument_definition(db, wave.instrument_id)
    rows = _read_rows(sheet, definition, state, faults)
    for row in rows:
        _check_row(row, definition, wave.survey_year, faults)
    people = resolve_people(db, wave.programme_id, {row.identifier for row in rows if row.identifier})
    _check_people(rows, people, list_registered(db, wave.programme_id), faults)
    new = _new_rows(rows, people, list_answers(db, wave.id), faults)
    faults.refuse_if_any()
    moved = _moved_rows(rows, people, list_states(db, wave.id), state)
    if not dry_run:
        if new:
            _write(db, wave, new, people, sha256=sha256, count=len(rows))
        _move(db, wave, moved, people)
    odd = odd_profits((row.number, row.answers) for row in new)
    taken = (
        [Message("This file was taken in on %(date)s already.", date=earlier.imported_at.date())] if earlier and not moved else []
    )
    notices = (*sheet.notices, *taken, *([odd] if odd else []))
    return ImportSummary(len(rows), len(new), len(rows) - len(new) - len(moved), notices, changed=len(moved))


def _moved_rows(rows: Sequence[_Row], people: Mapping[str, int], states: Mapping[int, str], asked: str) -> list[_Row]:
    """Return the rows whose stored submission gets another review state: the row's own, or approval asked for the whole file.

    The default state of an import never takes a review back.
    """
    moved = []
    for row in rows:
        before = states.get(people.get(row.identifier or "", 0))
        decided = row.facts["state_said"] or asked == "approved"
        if before is not None and decided and before != row.facts["state"]:
            moved.append(row)
    return moved


def _move(db: Session, wave: Wave, moved: Sequence[_Row], people: Mapping[str, int]) -> None:
    for row in moved:
        here = (Submission.wave_id == wave.id, Submission.entrepreneur_id == people[str(row.identifier)])
        db.execute(update(Submission).where(*here).values(state=row.facts["state"], reason=row.facts["reason"]))


def _read_rows(sheet: Sheet, definition: InstrumentDefinition, state: str, faults: FaultLog) -> list[_Row]:
    needed = [question.name for question in definition.questions if question.required and not question.relevant]
    check_header(sheet, [*(c.name for c in COLUMNS), *definition.by_name], ["study_id", *needed], faults)
    refuse_resident_numbers(sheet, faults)
    readers = {
        position: AnswerReader(definition.by_name[name]) for position, name in enumerate(sheet.header) if name in definition.by_name
    }
    absent = frozenset(needed) - set(sheet.header)
    rows = []
    for cells, said in zip(sheet.rows, read_columns(sheet, COLUMNS, faults), strict=True):
        facts = {**said.values, "state": said.values["state"] or state, "state_said": bool(said.values["state"])}
        answers, wrong = _answers(TypedRow(cells.number, facts), cells.cells, readers, faults)
        rows.append(_Row(cells.number, said.values["study_id"], facts, answers, absent | wrong))
    return rows


def _answers(
    row: TypedRow, cells: Sequence[str], readers: Mapping[int, AnswerReader], faults: FaultLog
) -> tuple[dict[str, Reading], set[str]]:
    """Return a row's answers, and the questions whose cells could not be read."""
    answers: dict[str, Reading] = {}
    wrong = set()
    strict = row.values["state"] not in STATES_WITH_REASON
    for position, reader in readers.items():
        cell = cells[position]
        if not cell:
            continue
        name = reader.question.name
        try:
            if name == REGISTRATION_NUMBER:
                answers[REGISTRATION_NUMBER_VALID] = read_registration_number(cell, strict=strict)
            else:
                answers[name] = reader.read(cell)
        except BadCell as bad:
            wrong.add(name)
            faults.add(bad.message, row=row.number, column=name)
    return answers, wrong


def _check_row(row: _Row, definition: InstrumentDefinition, survey_year: int, faults: FaultLog) -> None:
    state = row.facts["state"]
    if state in STATES_WITH_REASON:
        if not row.facts["reason"]:
            faults.add(Message("A submission with state “%(state)s” needs a reason.", state=state), row=row.number, column="reason")
    else:
        for column, message in (*unasked_and_unanswered(definition, row.answers), *contradictions(row.answers, survey_year)):
            if column not in row.unread:
                faults.add(message, row=row.number, column=column)
    answered_on: dt.date | None = row.facts["answered_on"]
    if answered_on and answered_on > today():
        faults.add(Message("%(date)s lies in the future.", date=answered_on), row=row.number, column="answered_on")


def _check_people(rows: Sequence[_Row], people: Mapping[str, int], registered: set[int], faults: FaultLog) -> None:
    for row in rows:
        if row.identifier and people.get(row.identifier) not in registered:
            message = Message(
                "Nobody in this programme has the study ID “%(id)s”. Register the person first.", id=shown(row.identifier)
            )
            faults.add(message, row=row.number, column="study_id")
    add_duplicates([(row.number, people.get(row.identifier or "", row.identifier)) for row in rows], "study_id", faults)


def _new_rows(
    rows: Sequence[_Row], people: Mapping[str, int], stored: Mapping[int, Mapping[str, str]], faults: FaultLog
) -> list[_Row]:
    """Return the rows of people without a submission, adding a fault where a stored one says otherwise."""
    new = []
    for row in rows:
        before = stored.get(people.get(row.identifier or "", 0))
        if before is None:
            new.append(row)
            continue
        after = {variable: reading.text for variable, reading in row.answers.items()}
        different = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
        if different:
            faults.add(
                Message(
                    "The person has answered this wave already, with other answers to: %(names)s. Leave the "
                    "row out, or correct the submission.",
                    names=", ".join(different),
                ),
                row=row.number,
                column="study_id",
            )
    return new


def _write(db: Session, wave: Wave, rows: Sequence[_Row], people: Mapping[str, int], *, sha256: str, count: int) -> None:
    received_at = now()
    survey_import = SurveyImport(wave_id=wave.id, sha256=sha256, rows=count, imported_at=received_at)
    db.add(survey_import)
    db.flush()
    fixed = {"wave_id": wave.id, "received_at": received_at, "import_id": survey_import.id}
    submissions = [
        {
            **fixed,
            "entrepreneur_id": people[str(row.identifier)],
            "source_row": row.number,
            **{name: row.facts[name] for name in ("state", "reason", "mode", "answered_on")},
        }
        for row in rows
    ]
    keys = db.scalars(insert(Submission).returning(Submission.id, sort_by_parameter_order=True), submissions)
    answers = [
        {"submission_id": key, "variable": variable, "text": reading.text, "number": reading.number}
        for key, row in zip(keys.all(), rows, strict=True)
        for variable, reading in row.answers.items()
    ]
    for start in range(0, len(answers), ROWS_A_STATEMENT):
        db.execute(insert(Answer.__table__), answers[start : start + ROWS_A_STATEMENT])  # type: ignore[arg-type]
