"""Alembic's entry: every stage's tables, one head, SQLite by rebuilding tables."""

from alembic import context

from evalapp.accounts import tables as _accounts
from evalapp.analysis import tables as _analysis
from evalapp.core.audit import tables as _audit
from evalapp.core.db import Base, make_engine
from evalapp.core.jobs import tables as _jobs
from evalapp.panel import tables as _panel
from evalapp.panel.microdata import tables as _microdata
from evalapp.people import tables as _people
from evalapp.people.contacts import tables as _contacts
from evalapp.people.records import tables as _records
from evalapp.people.rights import tables as _rights
from evalapp.people.vault import tables as _vault
from evalapp.reports import tables as _reports
from evalapp.reports.assignment_record import tables as _assignment_record
from evalapp.surveys import tables as _surveys
from evalapp.surveys.answering import tables as _answering
from evalapp.surveys.double_entry import tables as _double_entry
from evalapp.surveys.imports import tables as _imports
from evalapp.surveys.invitations import tables as _invitations
from evalapp.surveys.openrosa import tables as _openrosa
from evalapp.surveys.own_page import tables as _own_page
from evalapp.surveys.review import tables as _review
from evalapp.training import tables as _training
from evalapp.training.assignment import tables as _assignment
from evalapp.training.attendance import tables as _attendance
from evalapp.training.curricula import tables as _curricula
from evalapp.training.enrolments import tables as _enrolments
from evalapp.training.fidelity import tables as _fidelity
from evalapp.training.sessions import tables as _sessions

STAGES = (
    _audit,
    _jobs,
    _accounts,
    _people,
    _vault,
    _contacts,
    _records,
    _rights,
    _surveys,
    _invitations,
    _answering,
    _double_entry,
    _own_page,
    _openrosa,
    _review,
    _imports,
    _training,
    _curricula,
    _enrolments,
    _assignment,
    _sessions,
    _attendance,
    _fidelity,
    _panel,
    _microdata,
    _analysis,
    _reports,
    _assignment_record,
)


def run() -> None:
    engine = make_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            # A table is rebuilt by dropping it: with foreign keys enforced that would delete the rows that refer to it.
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
                if broken:
                    raise RuntimeError(f"the migration would leave rows without what they refer to: {broken[:5]}")
    engine.dispose()


run()
