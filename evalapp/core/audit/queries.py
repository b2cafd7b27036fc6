"""Reads of the audit log, a page or a month at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.audit.verify_chain import COLUMNS, ENTRIES_AT_ONCE
from evalapp.core.clock import SEOUL, now
from evalapp.core.csv_file import csv_file

ENTRIES_A_PAGE = 50
REVIEWED = "audit_reviewed"


@dataclass(frozen=True)
class EntryFilter:
    """Which entries to show: from and to a day (in Seoul, both included), and by exact values; an empty one filters nothing."""

    since_on: dt.date | None = None
    until_on: dt.date | None = None
    account: str | None = None
    action: str | None = None
    subject: str | None = None
    object_type: str | None = None
    object_key: str | None = None


@dataclass(frozen=True)
class EntryPage:
    """One page of entries, the newest first, and the number below which the next page goes on (None on the last)."""

    entries: Sequence[AuditEntry]
    older: int | None


def list_entries(db: Session, wanted: EntryFilter, below: int | None = None) -> EntryPage:
    """Return a page of entries; `below` is the number the page before ended with."""
    query = _filtered(select(AuditEntry), wanted).order_by(AuditEntry.number.desc()).limit(ENTRIES_A_PAGE + 1)
    if below is not None:
        query = query.where(AuditEntry.number < below)
    found = db.scalars(query).all()
    shown = found[:ENTRIES_A_PAGE]
    return EntryPage(shown, shown[-1].number if len(found) > len(shown) else None)


def list_actions(db: Session) -> Sequence[str]:
    """Return every kind of action that has happened."""
    return db.scalars(select(AuditEntry.action).distinct().order_by(AuditEntry.action)).all()


def list_accounts(db: Session) -> Sequence[str]:
    """Return the codes of all who have acted."""
    return db.scalars(select(AuditEntry.account).distinct().order_by(AuditEntry.account)).all()


def entries_file(db: Session, wanted: EntryFilter) -> bytes:
    """Return entries as CSV, the oldest first, with everything their hashes cover."""
    query: Select[Any] = _filtered(select(*COLUMNS), wanted).order_by(AuditEntry.number)
    with db.execute(query.execution_options(yield_per=ENTRIES_AT_ONCE)) as rows:
        return csv_file([column.name for column in COLUMNS], ([_plain(value) for value in row] for row in rows))


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def find_review(db: Session, month: str) -> AuditEntry | None:
    """Return the entry with which a month (`2026-11`) was last signed as reviewed, or None."""
    signed = select(AuditEntry).where(AuditEntry.action == REVIEWED, AuditEntry.object_key == month)
    return db.scalar(signed.order_by(AuditEntry.number.desc()).limit(1))


def list_months(db: Session) -> list[tuple[str, AuditEntry | None]]:
    """Return the months since the first entry, the newest first (`2026-11`), each with the entry that signed its review, if any."""
    first = db.scalar(select(func.min(AuditEntry.at)))
    if first is None:
        return []
    signed = {
        entry.object_key: entry
        for entry in db.scalars(select(AuditEntry).where(AuditEntry.action == REVIEWED).order_by(AuditEntry.number.desc()))
    }
    months, day = [], now().astimezone(SEOUL).date().replace(day=1)
    while day >= first.astimezone(SEOUL).date().replace(day=1):
        months.append((f"{day:%Y-%m}", signed.get(f"{day:%Y-%m}")))
        day = (day - dt.timedelta(days=1)).replace(day=1)
    return months


def _filtered(query: Select[Any], wanted: EntryFilter) -> Select[Any]:
    if wanted.since_on:
        query = query.where(AuditEntry.at >= midnight(wanted.since_on))
    if wanted.until_on:
        query = query.where(AuditEntry.at < midnight(wanted.until_on + dt.timedelta(days=1)))
    for column, value in (
        (AuditEntry.account, wanted.account),
        (AuditEntry.action, wanted.action),
        (AuditEntry.subject, wanted.subject),
        (AuditEntry.object_type, wanted.object_type),
        (AuditEntry.object_key, wanted.object_key),
    ):
        if value:
            query = query.where(column == value)
    return query


def midnight(day: dt.date) -> dt.datetime:
    """Return the moment a day begins in Seoul."""
    return dt.datetime.combine(day, dt.time(), SEOUL)
