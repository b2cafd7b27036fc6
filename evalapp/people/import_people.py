"""Take in a list of people: who they are by study ID only, how they came, their enterprise, and what they consented to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.columns import Column, TypedRow, add_duplicates, typed_rows
from evalapp.core.faults import FaultLog
from evalapp.core.ids import PATTERN, is_study_id
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.people.queries import get_programme, plain_identifier, resolve_people
from evalapp.people.records.queries import list_erased, list_kept
from evalapp.people.registration.add_entrepreneurs import add_entrepreneurs
from evalapp.people.tables import (
    CONSENT_PURPOSES,
    INDUSTRIES,
    RECRUITMENT_CHANNELS,
    Consent,
    Enterprise,
    Entrepreneur,
    Programme,
    Registration,
    StudyIdAlias,
)

WITHDRAWN = "consent_withdrawn_on"
CONSENT_COLUMNS = {f"consent_{purpose}": purpose for purpose in CONSENT_PURPOSES}
COLUMNS = (
    Column("study_id", "code", required=True, maximum=60),
    Column("registered_on", "date", required=True),
    Column("recruitment_channel", "choice", choices=RECRUITMENT_CHANNELS),
    Column("enterprise_industry", "choice", choices=INDUSTRIES),
    Column("enterprise_start_year", "integer", minimum=1945, maximum=2100),
    Column("consent_version", maximum=20),
    *(Column(name, "date") for name in CONSENT_COLUMNS),
    Column("consent_withdrawn_on", "date"),
)


def import_people(db: Session, programme_code: str, path: Path, *, dry_run: bool = False) -> ImportSummary:
    """Register the people of a file in a programme, all of them or, with any fault, none.

    A study ID of ours is checked by its check character; any other identifier gets a new study ID and is kept as its alias.
    People who are registered already are counted when the file says the same of them, and are a fault when it does not; only a
    withdrawal of consent may be new.
    """
    programme = get_programme(db, programme_code)
    sheet = read_one_table(path)
    faults = FaultLog(sheet.name)
    rows = typed_rows(sheet, COLUMNS, faults)
    known = _known_people(db, programme, {row.values["study_id"] for row in rows if row.values["study_id"]})
    add_duplicates([(row.number, _key(row, known)) for row in rows], "study_id", faults)
    for row in rows:
        _check_row(row, faults)
    _refuse_erased(db, programme, rows, known, faults)
    stored = _read_stored(db, programme, set(known.values()))
    new = [row for row in rows if not _is_there(row, sheet.header, known, stored, faults)]
    withdrawn = _withdrawals(rows, known, stored)
    faults.refuse_if_any()
    if not dry_run:
        _write(db, programme, new, known, stored)
        _withdraw(db, programme, withdrawn)
        after = {"rows": len(rows), "new": len(new), "changed": len(withdrawn)}
        record_entry(db, "people_imported", "programme", programme.code, after=after)
    from_elsewhere = sum(row.values["study_id"] in known for row in new)
    notices = (
        (Message("%(count)s people were known already and joined this programme.", count=from_elsewhere),) if from_elsewhere else ()
    )
    there = len(rows) - len(new) - len(withdrawn)
    return ImportSummary(len(rows), len(new), there, (*sheet.notices, *notices), changed=len(withdrawn))


def _known_people(db: Session, programme: Programme, identifiers: Collection[str]) -> dict[str, int]:
    """Resolve the identifiers of a file; a study ID that was merged away in another programme leads to the record that is kept."""
    known = resolve_people(db, programme.id, identifiers)
    kept = list_kept(db, set(known.values()))
    return {identifier: kept.get(person, person) for identifier, person in known.items()}


def _refuse_erased(db: Session, programme: Programme, rows: Sequence[TypedRow], known: Mapping[str, int], faults: FaultLog) -> None:
    unknown = {row.values["study_id"] for row in rows if row.values["study_id"] and row.values["study_id"] not in known}
    erased = list_erased(db, programme.id, {plain_identifier(identifier) for identifier in unknown})
    for row in rows:
        if row.values["study_id"] in unknown and plain_identifier(row.values["study_id"]) in erased:
            message = Message("This person asked to be forgotten and must not be brought back. Leave the row out.")
            faults.add(message, row=row.number, column="study_id")


def _withdrawals(rows: Sequence[TypedRow], known: Mapping[str, int], stored: _Stored) -> dict[int, dt.date]:
    """Return the people whose stored consent the file ends, and when."""
    found = {}
    for row in rows:
        person, ended = known.get(row.values["study_id"] or ""), row.values["consent_withdrawn_on"]
        before = stored.registered.get(person or 0, {})
        if person and ended and before.get("consent_version") and not before.get("consent_withdrawn_on"):
            found[person] = ended
    return found


def _withdraw(db: Session, programme: Programme, withdrawn: Mapping[int, dt.date]) -> None:
    """End the consents given up to the day of the file; one that was renewed since stays."""
    for person, ended in withdrawn.items():
        of_person = Consent.programme_id == programme.id, Consent.entrepreneur_id == person
        db.execute(
            update(Consent).where(*of_person, Consent.withdrawn_on.is_(None), Consent.given_on <= ended).values(withdrawn_on=ended)
        )
        study_id = db.get_one(Entrepreneur, person).study_id
        after = {"programme": programme.code, "on": ended}
        record_entry(db, "consent_withdrawn", "entrepreneur", study_id, subject=study_id, after=after, reason="imported")


def _key(row: TypedRow, known: Mapping[str, int]) -> object:
    identifier = row.values["study_id"]
    return known.get(identifier, plain_identifier(identifier)) if identifier else None


def _check_row(row: TypedRow, faults: FaultLog) -> None:
    values = row.values
    identifier = plain_identifier(values["study_id"] or "")
    if PATTERN.match(identifier) and not is_study_id(identifier):
        message = Message(
            "“%(study_id)s” is mistyped: its check character does not fit. Compare it with the list.", study_id=identifier
        )
        faults.add(message, row=row.number, column="study_id")
    for name, date in values.items():
        if isinstance(date, dt.date) and date > today():
            faults.add(Message("%(date)s lies in the future.", date=date), row=row.number, column=name)
    given = _given(row)
    if given and not values["consent_version"]:
        message = Message("A consent needs the version of the text that was agreed to. Fill in consent_version.")
        faults.add(message, row=row.number, column="consent_version")
    withdrawn = values["consent_withdrawn_on"]
    if withdrawn and (not given or withdrawn < max(given.values())):
        message = Message("A consent cannot be withdrawn before it was given. Mend one of the dates.")
        faults.add(message, row=row.number, column="consent_withdrawn_on")


def _given(row: TypedRow) -> dict[str, dt.date]:
    return {name: row.values[name] for name in CONSENT_COLUMNS if row.values[name]}


@dataclass(frozen=True)
class _Stored:
    """What the database says of the people of a file, by entrepreneur: the columns of the file, as far as they are known.

    `registered` holds the consents that came with a file; `statements` all that were ever given, those recorded in the application
    too, as (person, purpose, version, day).
    """

    registered: Mapping[int, Mapping[str, Any]]
    enterprise: Mapping[int, Mapping[str, Any]]
    statements: AbstractSet[tuple[int, str, str, dt.date | None]]


def _read_stored(db: Session, programme: Programme, people: set[int]) -> _Stored:
    registered: dict[int, dict[str, Any]] = {}
    for r in db.scalars(select(Registration).where(Registration.programme_id == programme.id)):
        registered[r.entrepreneur_id] = {"registered_on": r.registered_on, "recruitment_channel": r.recruitment_channel}
    statements = set()
    given = select(Consent).where(Consent.programme_id == programme.id, Consent.given_on.is_not(None))
    for c in db.scalars(given.order_by(Consent.given_on, Consent.id)):
        statements.add((c.entrepreneur_id, c.purpose, c.text_version, c.given_on))
        if c.recorded_by is None:
            said = {"consent_version": c.text_version, f"consent_{c.purpose}": c.given_on, "consent_withdrawn_on": c.withdrawn_on}
            registered.setdefault(c.entrepreneur_id, {}).update(said)
    enterprise = {
        e.entrepreneur_id: {"enterprise_industry": e.industry, "enterprise_start_year": e.start_year}
        for e in db.scalars(select(Enterprise).where(Enterprise.is_current))
        if e.entrepreneur_id in people
    }
    return _Stored(registered, enterprise, statements)


def _is_there(row: TypedRow, header: Sequence[str], known: Mapping[str, int], stored: _Stored, faults: FaultLog) -> bool:
    """Say whether a row's person is registered already, adding a fault where the row differs from what is stored."""
    person = known.get(row.values["study_id"] or "")
    if person is None:
        return False
    enterprise = stored.enterprise.get(person, {})
    registered = stored.registered.get(person)
    before = {**(registered or {}), **enterprise, **_said_before(row, person, stored)}
    said = row.values if _given(row) else {**row.values, "consent_version": None}
    if registered:
        compared = [column.name for column in COLUMNS[1:] if column.name in header]
    else:
        compared = [name for name in enterprise if said[name] is not None]
    different = [name for name in compared if before.get(name) != said[name] and not (name == WITHDRAWN and not before.get(name))]
    if different:
        message = Message(
            "The person is registered already, with other values of: %(names)s. Leave the row out, or correct the person's record.",
            names=", ".join(different),
        )
        faults.add(message, row=row.number, column="study_id")
    return registered is not None


def _said_before(row: TypedRow, person: int, stored: _Stored) -> dict[str, Any]:
    """Return the consents of a row that stand in the database among others: an earlier version, or one recorded since."""
    version = row.values["consent_version"]
    same = {name: day for name, day in _given(row).items() if (person, CONSENT_COLUMNS[name], version, day) in stored.statements}
    return {**same, "consent_version": version} if same else {}


def _write(db: Session, programme: Programme, rows: Sequence[TypedRow], known: Mapping[str, int], stored: _Stored) -> None:
    people = {
        **known,
        **_add_people(db, programme, [row.values["study_id"] for row in rows if row.values["study_id"] not in known]),
    }
    registrations: list[dict[str, Any]] = []
    enterprises: list[dict[str, Any]] = []
    consents: list[dict[str, Any]] = []
    for row in rows:
        person = people[row.values["study_id"]]
        in_programme = {"programme_id": programme.id, "entrepreneur_id": person}
        values = row.values
        registrations.append(
            {**in_programme, "recruitment_channel": values["recruitment_channel"], "registered_on": values["registered_on"]}
        )
        if person not in stored.enterprise and (values["enterprise_industry"] or values["enterprise_start_year"]):
            facts = {"industry": values["enterprise_industry"], "start_year": values["enterprise_start_year"], "is_current": True}
            enterprises.append({"entrepreneur_id": person, **facts})
        statement = {**in_programme, "text_version": values["consent_version"], "withdrawn_on": values["consent_withdrawn_on"]}
        consents += [{**statement, "purpose": CONSENT_COLUMNS[name], "given_on": date} for name, date in _given(row).items()]
    for table, new in ((Registration, registrations), (Enterprise, enterprises), (Consent, consents)):
        if new:
            db.execute(insert(table), new)


def _add_people(db: Session, programme: Programme, identifiers: Sequence[str]) -> dict[str, int]:
    """Add people, and return their keys by the identifiers they came with."""
    if not identifiers:
        return {}
    plain = [plain_identifier(identifier) for identifier in identifiers]
    added = add_entrepreneurs(db, [text if is_study_id(text) else None for text in plain])
    aliases = [
        {"programme_id": programme.id, "alias": identifier, "entrepreneur_id": person.id}
        for identifier, text, person in zip(identifiers, plain, added, strict=True)
        if text != person.study_id
    ]
    if aliases:
        db.execute(insert(StudyIdAlias), aliases)
    return {identifier: person.id for identifier, person in zip(identifiers, added, strict=True)}
