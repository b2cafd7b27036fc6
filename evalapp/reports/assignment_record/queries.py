"""Reads of printed records of assignments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.reports.assignment_record.tables import AssignmentRecord
from evalapp.training.assignment.tables import Assignment


def list_records(db: Session, assignment_id: int) -> Sequence[AssignmentRecord]:
    """Return the printed records of an assignment, without their bytes."""
    return db.scalars(
        select(AssignmentRecord).where(AssignmentRecord.assignment_id == assignment_id).order_by(AssignmentRecord.language)
    ).all()


def find_record(db: Session, assignment_id: int, language: str) -> AssignmentRecord | None:
    """Return the record of an assignment in a language with its bytes, or None where it was not printed yet."""
    of_it = AssignmentRecord.assignment_id == assignment_id, AssignmentRecord.language == language
    return db.scalar(select(AssignmentRecord).where(*of_it).options(undefer(AssignmentRecord.content)))


def get_record_row(db: Session, assignment_id: int, language: str) -> AssignmentRecord:
    """Return the record of an assignment in a language, or raise NotFound."""
    found = find_record(db, assignment_id, language)
    if found is None:
        raise NotFound(Message("This record was not printed yet."))
    return found


@dataclass(frozen=True)
class GenuineRecord:
    """A record as the check of genuineness names it; `is_replaced` when another assignment was locked instead."""

    programme_name: Mapping[str, str]
    code: str
    language: str
    composed_at: dt.datetime
    is_replaced: bool


def find_record_by_fingerprint(db: Session, sha256: str) -> GenuineRecord | None:
    """Return the record whose bytes have this SHA-256, or None."""
    found = db.execute(
        select(AssignmentRecord, Assignment, Programme)
        .join(Assignment, AssignmentRecord.assignment_id == Assignment.id)
        .join(Programme, Assignment.programme_id == Programme.id)
        .where(AssignmentRecord.sha256 == sha256)
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    record, assignment, programme = found
    later = db.get(Assignment, assignment.replaced_by_id) if assignment.replaced_by_id else None
    names = {"ko": programme.name_ko, "en": programme.name_en}
    return GenuineRecord(names, assignment.code, record.language, record.composed_at, later is not None and later.state == "locked")
