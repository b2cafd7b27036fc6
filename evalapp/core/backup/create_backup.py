"""Write every table into one encrypted file while the application goes on working."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine, MetaData, Table, select

from evalapp.core.backup.cells import plain
from evalapp.core.backup.encrypted_file import write_encrypted
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import KeyRing

FORMAT = 1
REVISION_TABLE = "alembic_version"
ROWS_AT_ONCE = 500


def create_backup(engine: Engine, path: Path, keys: KeyRing) -> int:
    """Write a backup and return how many rows it holds, all as they stood at one moment. A file of that name is replaced.

    The file is JSON lines: what it is; then for each table its name and columns and its rows; then how many rows there were.
    """
    options: dict[str, Any] = {"writes": False, "stream_results": True}
    if engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        counts: dict[str, int] = {}
        write_encrypted(_lines(connection, counts), path, keys)
    return sum(counts.values())


def stored_tables(connection: Connection) -> list[Table]:
    """Return the tables of a database, those that others refer to first."""
    held = MetaData()
    held.reflect(connection)
    return [table for table in held.sorted_tables if table.name != REVISION_TABLE]


def _lines(connection: Connection, counts: dict[str, int]) -> Iterator[bytes]:
    revision = MigrationContext.configure(connection).get_current_revision()
    yield _line({"format": FORMAT, "revision": revision, "made_at": now().isoformat()})
    for table in stored_tables(connection):
        yield _line({"table": table.name, "columns": table.columns.keys()})
        counts[table.name] = 0
        every = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=ROWS_AT_ONCE)
        with connection.execute(every) as rows:
            for row in rows:
                counts[table.name] += 1
                yield _line([plain(value) for value in row])
    yield _line({"rows": counts})


def _line(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
