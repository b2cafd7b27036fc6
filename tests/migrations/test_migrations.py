"""The migrations: up, down, up again, and the tables they make are the tables the program declares."""

import sqlite3
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import NullPool, create_engine, inspect, text

from evalapp.core.migrate import current_revision, downgrade, head_revision, migration_config, upgrade


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres_url")
    name = f"empty_{tmp_path.name.replace('-', '_')[:40].lower()}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f'DROP DATABASE IF EXISTS "{name}"'))
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    return server.rsplit("/", 1)[0] + f"/{name}"


def tables(url):
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names()) - {"alembic_version"}
    engine.dispose()
    return names


def test_up_then_down_leaves_nothing_and_up_again_brings_it_back(empty_url):
    upgrade(empty_url)
    there = tables(empty_url)
    assert {"entrepreneurs", "submissions", "attendance", "panel_snapshots", "result_rows", "reports"} <= there
    downgrade(empty_url, "base")
    assert tables(empty_url) == set()
    upgrade(empty_url)
    assert tables(empty_url) == there
    assert current_revision(empty_url) == head_revision()


def test_the_migrations_make_the_tables_that_are_declared(empty_url):
    upgrade(empty_url)
    command.check(migration_config(empty_url))


def test_sqlite_runs_in_wal_and_enforces_foreign_keys(tmp_path):
    from evalapp.core.db import make_engine

    path = tmp_path / "a.db"
    engine = make_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
    engine.dispose()
    assert Path(path).exists()
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_there_is_one_head():
    from alembic.script import ScriptDirectory

    assert len(ScriptDirectory.from_config(migration_config("sqlite://")).get_heads()) == 1
