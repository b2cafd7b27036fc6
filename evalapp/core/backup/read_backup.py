"""Read a backup: what it is, its tables, its rows, and whether it is whole."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalapp.core.audit.verify_chain import ChainReport, Head, check_chain
from evalapp.core.backup.create_backup import FORMAT
from evalapp.core.backup.encrypted_file import UnusableBackup, read_encrypted
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.language import Message


@dataclass(frozen=True)
class BackupReport:
    """A backup that was read to its end: when it was made, the revision of its tables, its rows, and its audit log checked."""

    made_at: dt.datetime
    revision: str
    rows: int
    audit: ChainReport


class Backup:
    """One pass through a backup. `rows()` gives table, columns and cells row by row; afterwards the counts have been compared."""

    def __init__(self, path: Path, keys: KeyRing) -> None:
        self.lines = (json.loads(line) for line in read_encrypted(path, keys))
        first = next(self.lines)
        if first.get("format") != FORMAT:
            raise UnusableBackup(Message("This file is not a backup of this program, or its format is newer."))
        self.made_at = dt.datetime.fromisoformat(first["made_at"])
        self.revision: str = first["revision"]
        self.counts: dict[str, int] = {}

    def tables(self) -> Iterator[tuple[str, list[str], Iterator[list[Any]]]]:
        """Return each table with its columns and its rows; the rows of one are to be read before the next is asked for."""
        line = next(self.lines, None)
        while isinstance(line, dict) and "table" in line:
            following: list[Any] = []
            self.counts[line["table"]] = 0
            yield line["table"], line["columns"], self._rows(line["table"], following)
            line = following[0] if following else None
        if not isinstance(line, dict) or line.get("rows") != self.counts or next(self.lines, None) is not None:
            raise UnusableBackup(Message("The backup does not hold as many rows as it says. Use another one."))

    def _rows(self, table: str, following: list[Any]) -> Iterator[list[Any]]:
        for line in self.lines:
            if isinstance(line, dict):
                following.append(line)
                return
            self.counts[table] += 1
            yield line


def verify_backup(path: Path, keys: KeyRing) -> BackupReport:
    """Read a backup to its end, count its rows and check the audit log in it; raise UnusableBackup when it is not whole."""
    backup = Backup(path, keys)
    entries: list[dict[str, Any]] = []
    head = Head(0, "")
    for table, columns, rows in backup.tables():
        for row in rows:
            facts = dict(zip(columns, row, strict=True))
            if table == "audit_entries":
                facts.pop("id")
                entries.append({**facts, "at": dt.datetime.fromisoformat(facts["at"])})
            elif table == "audit_heads":
                head = Head(facts["number"], facts["hash"])
    entries.sort(key=lambda entry: entry["number"])
    return BackupReport(backup.made_at, backup.revision, sum(backup.counts.values()), check_chain(entries, head, keys.audit_key))
