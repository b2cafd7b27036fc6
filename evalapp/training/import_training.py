"""Take in files of cohorts, enrolments, sessions and attendance: one kind from a CSV file, every kind from a workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import insert
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.clock import now
from evalapp.core.columns import Column, TypedRow, add_duplicates, typed_rows
from evalapp.core.faults import FaultLog, refuse, shown
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table, read_table
from evalapp.core.sheets import Sheet
from evalapp.people.queries import get_programme, list_registered, list_registration_days, resolve_people
from evalapp.training.check_training import Faults, check_attendance, check_cohort, check_enrolment, check_session
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.queries import (
    TrainingRecords,
    get_training_records,
    list_cohort_ids,
    list_enrolment_ids,
    list_session_ids,
    list_trainer_ids,
)
from evalapp.training.tables import (
    ARMS,
    ATTENDANCE,
    ATTENDED,
    SESSION_STATES,
    STAGES,
    Attendance,
    Cohort,
    Enrolment,
    Trainer,
    TrainingSession,
)

KindName = Literal["cohorts", "enrolments", "sessions", "attendance"]
COMPLETION_SHARE = 0.8
MOST_MINUTES = 1_440
COHORT = Column("cohort", "code", required=True, maximum=20)
NUMBER = Column("number", "integer", required=True, minimum=1, maximum=1_000)
STUDY_ID = Column("study_id", "code", required=True, maximum=60)


@dataclass(frozen=True)
class _Kind:
    """One kind of record: its columns, those that make a record one, the column no other kind has, and its rules."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    mark: str
    check: Callable[[Mapping[str, Any], TrainingRecords], Faults]


KINDS: Mapping[KindName, _Kind] = {
    "cohorts": _Kind(
        (
            COHORT,
            Column("arm", "choice", required=True, choices=ARMS),
            Column("starts_on", "date"),
            Column("ends_on", "date"),
            Column("completion_share", "decimal", minimum=0, maximum=1),
        ),
        ("cohort",),
        "arm",
        check_cohort,
    ),
    "enrolments": _Kind(
        (
            STUDY_ID,
            Column("cohort", "code", maximum=20),
            Column("stage", "choice", required=True, choices=STAGES),
            Column("stage_on", "date"),
            Column("reason", maximum=200),
        ),
        ("study_id",),
        "stage",
        check_enrolment,
    ),
    "sessions": _Kind(
        (
            COHORT,
            NUMBER,
            Column("module", "code", required=True, maximum=40),
            Column("held_on", "date", required=True),
            Column("state", "choice", required=True, choices=SESSION_STATES),
            Column("planned_minutes", "integer", required=True, minimum=1, maximum=MOST_MINUTES),
            Column("trainer", "code", required=True, maximum=20),
        ),
        ("cohort", "number"),
        "module",
        check_session,
    ),
    "attendance": _Kind(
        (
            COHORT,
            NUMBER,
            STUDY_ID,
            Column("status", "choice", required=True, choices=ATTENDANCE),
            Column("minutes", "integer", minimum=0, maximum=MOST_MINUTES),
        ),
        ("cohort", "number", "study_id"),
        "status",
        check_attendance,
    ),
}


def import_training(
    db: Session, programme_code: str, path: Path, *, kind: KindName | None = None, dry_run: bool = False
) -> ImportSummary:
    """Take in training records, all of a file's or with any fault none.

    A CSV file holds one kind, given or known by its columns. A workbook's sheets are named after the kinds; other sheets are left
    out. Records that are stored already are counted when the file says the same of them, and are a fault when it does not.
    """
    programme = get_programme(db, programme_code)
    sheets = _sheets_by_kind(path, kind)
    records = get_training_records(db, programme.id)
    registered = list_registered(db, programme.id)
    faults = FaultLog()
    new: dict[KindName, list[dict[str, Any]]] = {}
    for name in (name for name in KINDS if name in sheets):
        faults.sheet = sheets[name].name
        typed = typed_rows(sheets[name], KINDS[name].columns, faults)
        rows = _with_people(db, programme.id, typed, registered, faults)
        new[name] = _new_records(name, rows, records, faults)
    faults.refuse_if_any()
    if not dry_run:
        _write(db, programme.id, new)
    count, added = (sum(map(len, lists)) for lists in ([sheet.rows for sheet in sheets.values()], new.values()))
    return ImportSummary(count, added, count - added, tuple(notice for sheet in sheets.values() for notice in sheet.notices))


def _sheets_by_kind(path: Path, kind: KindName | None) -> dict[KindName, Sheet]:
    if kind:
        return {kind: read_one_table(path)}
    sheets = read_table(path, only=KINDS)
    if sheets[0].name is None:
        return {_kind_of(sheets[0].header): sheets[0]}
    by_name = {sheet.name.strip().lower(): sheet for sheet in sheets if sheet.name}
    return {name: by_name[name] for name in KINDS if name in by_name}


def _kind_of(header: Sequence[str]) -> KindName:
    kinds = [name for name, kind in KINDS.items() if kind.mark in header]
    if len(kinds) != 1:
        marks = ", ".join(f"{name}: {kind.mark}" for name, kind in KINDS.items())
        raise refuse(
            Message("The columns do not tell what the file holds. Each kind has a column of its own (%(marks)s).", marks=marks),
            row=1,
        )
    return kinds[0]


def _with_people(
    db: Session, programme_id: int, rows: Sequence[TypedRow], registered: set[int], faults: FaultLog
) -> list[TypedRow]:
    """Replace study IDs by the entrepreneurs' keys, None (with a fault) where nobody of the programme has the ID."""
    people = resolve_people(db, programme_id, {row.values["study_id"] for row in rows if row.values.get("study_id")})
    known = []
    for row in rows:
        identifier = row.values.get("study_id")
        person = people.get(identifier) if identifier else None
        if identifier and person not in registered:
            message = Message(
                "Nobody in this programme has the study ID “%(id)s”. Register the person first.", id=shown(identifier)
            )
            faults.add(message, row=row.number, column="study_id")
            person = None
        known.append(TypedRow(row.number, {**row.values, "study_id": person}) if "study_id" in row.values else row)
    return known


def _new_records(name: KindName, rows: Sequence[TypedRow], records: TrainingRecords, faults: FaultLog) -> list[dict[str, Any]]:
    """Return the records that are not stored yet, checked; they join `records`, so that later sheets can rely on them."""
    kind, stored = KINDS[name], getattr(records, name)
    before = dict(stored)
    keyed = [(row, _key(row.values, kind)) for row in rows]
    add_duplicates([(row.number, key) for row, key in keyed], kind.key[-1], faults)
    new = []
    for row, key in keyed:
        if key is None:
            continue
        values = _with_defaults(name, row.values)
        facts = {column: value for column, value in values.items() if column not in kind.key}
        if key not in before:
            for column, message in kind.check(values, records):
                faults.add(message, row=row.number, column=column)
            stored[key] = facts
            new.append(values)
        elif different := [column for column in facts if facts[column] != before[key][column]]:
            faults.add(
                Message(
                    "The record is there already, with other values of: %(names)s. Leave the row out, or correct the record.",
                    names=", ".join(different),
                ),
                row=row.number,
                column=kind.key[-1],
            )
    return new


def _key(values: Mapping[str, Any], kind: _Kind) -> object:
    parts = tuple(values[name] for name in kind.key)
    if None in parts:
        return None
    return parts[0] if len(parts) == 1 else parts


def _with_defaults(name: KindName, values: Mapping[str, Any]) -> dict[str, Any]:
    if name == "cohorts" and values["completion_share"] is None:
        return {**values, "completion_share": COMPLETION_SHARE}
    if name == "attendance" and values["minutes"] is None and values["status"] not in ATTENDED:
        return {**values, "minutes": 0}
    return dict(values)


def _write(db: Session, programme_id: int, new: Mapping[KindName, Sequence[Mapping[str, Any]]]) -> None:
    here = {"programme_id": programme_id}
    _insert(db, Cohort, [{**here, "code": v["cohort"], **_without(v, "cohort")} for v in new.get("cohorts", ())])
    cohorts = list_cohort_ids(db, programme_id)
    _write_enrolments(db, programme_id, cohorts, new.get("enrolments", ()))
    trainers = _add_trainers(db, {v["trainer"] for v in new.get("sessions", ())})
    _insert(
        db,
        TrainingSession,
        [
            {"cohort_id": cohorts[v["cohort"]], "lead_trainer_id": trainers[v["trainer"]], **_without(v, "cohort", "trainer")}
            for v in new.get("sessions", ())
        ],
    )
    sessions = list_session_ids(db, programme_id)
    _insert(
        db,
        Attendance,
        [
            {
                "session_id": sessions[v["cohort"], v["number"]],
                "entrepreneur_id": v["study_id"],
                **_without(v, "cohort", "number", "study_id"),
            }
            for v in new.get("attendance", ())
        ],
    )


def _write_enrolments(db: Session, programme_id: int, cohorts: Mapping[str, int], new: Sequence[Mapping[str, Any]]) -> None:
    """Write enrolments, and of each the one step that a file tells of; where it says no day, that of the registration."""
    here = {"programme_id": programme_id}
    places = {v["study_id"]: {"cohort_id": cohorts[v["cohort"]] if v["cohort"] else None} for v in new}
    facts = [{**here, "entrepreneur_id": v["study_id"], **places[v["study_id"]], **_without(v, "cohort", "study_id")} for v in new]
    _insert(db, Enrolment, facts)
    keys, registered = list_enrolment_ids(db, programme_id), list_registration_days(db, programme_id)
    recorded = {"account": actor_of(db).account, "recorded_at": now(), "reason": "imported"}
    steps = [
        {
            **recorded,
            **places[v["study_id"]],
            "enrolment_id": keys[v["study_id"]],
            "to_stage": v["stage"],
            "stepped_on": v["stage_on"] or registered[v["study_id"]],
            "note": v["reason"] or "",
        }
        for v in new
    ]
    _insert(db, EnrolmentStep, steps)


def _insert(
    db: Session, table: type[Cohort | Enrolment | EnrolmentStep | TrainingSession | Attendance], rows: Sequence[Mapping[str, Any]]
) -> None:
    if rows:
        db.execute(insert(table), rows)


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _add_trainers(db: Session, codes: set[str]) -> dict[str, int]:
    if added := sorted(codes - set(list_trainer_ids(db))):
        db.execute(insert(Trainer), [{"code": code} for code in added])
    return list_trainer_ids(db)
