"""Put a backup into an empty database, of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from alembic.util.exc import CommandError
from sqlalchemy import Connection, Table, func, insert, inspect, select

from evalapp.core.backup.cells import stored
from evalapp.core.backup.create_backup import ROWS_AT_ONCE, stored_tables
from evalapp.core.backup.encrypted_file import UnusableBackup
from evalapp.core.backup.read_backup import Backup, verify_backup
from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.db import make_engine
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.migrate import upgrade


def restore_backup(path: Path, url: str, keys: KeyRing) -> int:
    """Restore a backup into a database that has no tables yet, bring it to the newest revision, and return the number of rows.

    The backup is read to its end first: a damaged one leaves the database as it was.
    """
    report = verify_backup(path, keys)
    engine = make_engine(url)
    try:
        if inspect(engine).get_table_names():
            raise AppError(Message("The database is not empty. A backup is restored into an empty one only."))
        _to_revision(url, report.revision)
        with engine.begin() as connection:
            _fill(connection, Backup(path, keys))
    finally:
        engine.dispose()
    upgrade(url)
    return report.rows


def _to_revision(url: str, revision: str) -> None:
    try:
        upgrade(url, revision)
    except CommandError:
        raise UnusableBackup(
            Message("The backup was made by a newer version of the program. Install that version first.")
        ) from None


def _fill(connection: Connection, backup: Backup) -> None:
    tables = {table.name: table for table in stored_tables(connection)}
    for name, columns, rows in backup.tables():
        table = tables.get(name)
        if table is None or set(columns) != set(table.columns.keys()):
            raise UnusableBackup(Message("The table %(table)s of the backup does not fit its revision.", table=name))
        for some in _chunks(rows):
            connection.execute(insert(table), [_row(table, columns, row) for row in some])
        _go_on_counting(connection, table)


def _row(table: Table, columns: list[str], cells: list[Any]) -> dict[str, Any]:
    return {name: stored(cell, table.columns[name]) for name, cell in zip(columns, cells, strict=True)}


def _chunks(rows: Iterator[list[Any]]) -> Iterator[list[list[Any]]]:
    while some := list(islice(rows, ROWS_AT_ONCE)):
        yield some


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let PostgreSQL number new rows after those restored; SQLite does by itself."""
    if connection.dialect.name == "postgresql" and "id" in table.columns:
        last = connection.scalar(select(func.max(table.columns["id"])))
        if last is not None:
            connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last)))
