"""Migrations as calls: bring a database to a revision, say where it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from evalapp.core.db import make_engine

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"


def migration_config(url: str) -> Config:
    """Return Alembic's configuration for one database address."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Bring a database up to a revision."""
    command.upgrade(migration_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take a database down to a revision (`base` empties it)."""
    command.downgrade(migration_config(url), revision)


def current_revision(url: str) -> str | None:
    """Return the revision a database stands at, or None where it has none."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()


def head_revision() -> str | None:
    """Return the newest revision the program knows."""
    return ScriptDirectory.from_config(migration_config("sqlite://")).get_current_head()
