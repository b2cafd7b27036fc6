"""Write down in the log itself that the whole of it was checked, and read what the last check found."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import entry_hash, record_entry
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.audit.verify_chain import COLUMNS, ChainReport, Head
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.language import Message

CHECKED = "audit_checked"


@dataclass(frozen=True)
class LastCheck:
    """The last check of the whole log: when, by whose wish, what it found; `is_genuine` says whether that entry is as written."""

    at: dt.datetime
    account: str
    report: ChainReport
    is_genuine: bool


def note_check(db: Session, report: ChainReport) -> None:
    """Record what a check of the whole log found."""
    breaks = [{"text": message.text, "facts": dict(message.facts)} for message in report.breaks]
    found = {"entries": report.entries, "last": report.head.number, "hash": report.head.hash, "break_count": report.break_count}
    record_entry(db, CHECKED, "audit", after={**found, "breaks": breaks})


def find_last_check(db: Session) -> LastCheck | None:
    """Return the last check of the whole log, or None."""
    entry = db.execute(
        select(*COLUMNS).where(AuditEntry.action == CHECKED).order_by(AuditEntry.number.desc()).limit(1)
    ).one_or_none()
    if entry is None:
        return None
    own = {name: value for name, value in entry._mapping.items() if name != "hash"}  # noqa: SLF001 - SQLAlchemy's public name for it
    found = json.loads(entry.after)
    breaks = tuple(Message(each["text"], **each["facts"]) for each in found["breaks"])
    report = ChainReport(found["entries"], Head(found["last"], found["hash"]), breaks, found["break_count"])
    return LastCheck(entry.at, entry.account, report, entry_hash(own, keys_of(db).audit_key) == entry.hash)
