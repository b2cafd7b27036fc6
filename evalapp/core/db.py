"""The database: one declarative base, engines for SQLite and PostgreSQL, and one-transaction blocks for the edges."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import DateTime, Dialect, Engine, Index, Integer, MetaData, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
SQLITE_BUSY_MILLISECONDS = 10_000
POSTGRES_OPTIONS = "-c timezone=utc -c statement_timeout=120000 -c lock_timeout=10000"


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC. SQLite forgets time zones, so one is demanded going in and given back coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - the interface
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:  # noqa: ARG002 - the interface
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Every table's base: a numbered key, instants in UTC, constraints with predictable names."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: Instant()}  # noqa: RUF012 - SQLAlchemy's own declaration

    id: Mapped[int] = mapped_column(Integer, primary_key=True)


def unique_where(name: str, *columns: str, condition: str) -> Index:
    """Return an index that lets equal rows stand once only among those that meet a condition (SQL), on either database."""
    return Index(name, *columns, unique=True, sqlite_where=text(condition), postgresql_where=text(condition))


def make_engine(url: str) -> Engine:
    """Open an engine for a database address, SQLite in WAL with foreign keys enforced, PostgreSQL with time limits."""
    if url.startswith("sqlite"):
        engine = create_engine(url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    return create_engine(url, connect_args={"options": POSTGRES_OPTIONS}, pool_pre_ping=True, hide_parameters=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN comes too late to protect a read followed by a write
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",  # what was erased is not left in free pages
        f"busy_timeout={SQLITE_BUSY_MILLISECONDS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", True) else "BEGIN")


@contextmanager
def transaction(engine: Engine, **info: object) -> Iterator[Session]:
    """One session, one transaction: committed when the block ends well, rolled back when it does not.

    `info` is what verbs find in `db.info`: `actor` (who acts) and `keys` (the key ring).
    """
    with Session(engine, expire_on_commit=False, info=info) as db, db.begin():
        yield db


@contextmanager
def reading(engine: Engine, **info: object) -> Iterator[Session]:
    """One session that only reads: on SQLite it does not take the writer's lock. `info` as for `transaction`."""
    with Session(engine.execution_options(writes=False), info=info) as db:
        yield db
