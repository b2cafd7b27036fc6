"""Alembic's entry: every stage's tables, one head, SQLite by rebuilding tables."""

from alembic import context

from evalapp.analysis import tables as _analysis
from evalapp.core.db import Base, make_engine
from evalapp.panel import tables as _panel
from evalapp.people import tables as _people
from evalapp.reports import tables as _reports
from evalapp.surveys import tables as _surveys
from evalapp.training import tables as _training

STAGES = (_people, _surveys, _training, _panel, _analysis, _reports)


def run() -> None:
    engine = make_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
