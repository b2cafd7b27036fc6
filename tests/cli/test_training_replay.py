"""`flask training replay` draws again from the record, and says with its exit code whether anything differs."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from evalapp.app import create_app
from evalapp.core.actor import TERMINAL
from evalapp.core.db import transaction
from evalapp.core.migrate import upgrade
from evalapp.people.tables import Programme
from evalapp.training.assignment.tables import Assignment
from tests.installation import installation_settings
from tests.training.assignment.prepared import Ready


@pytest.fixture
def app(tmp_path):
    url = f"sqlite:///{tmp_path / 'training.db'}"
    upgrade(url)
    app = create_app(installation_settings(tmp_path, url))
    with transaction(app.extensions["evalapp.engine"], actor=TERMINAL, keys=app.extensions["evalapp.keys"]) as db:
        programme = Programme(code="pi", name_ko="교육", name_en="Training", created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        db.add(programme)
        db.flush()
        ready = Ready(db, programme, people=12)
        ready.drawn()
        ready.begin("a2", replaces=db.scalars(select(Assignment)).one(), reason="for the test of the command")
    yield app
    app.extensions["evalapp.engine"].dispose()


def test_a_draw_is_replayed_at_the_terminal(app):
    def replay(*words):
        return CliRunner().invoke(app.cli, ["training", "replay", *words])

    same = replay("pi", "a1")
    assert (same.exit_code, "Identical" in same.output) == (0, True)
    assert replay("pi", "a2").exit_code == 1
    assert "There is no such assignment" in replay("pi", "a9").output
    with app.extensions["evalapp.engine"].begin() as connection:
        table = Assignment.__table__
        record = json.loads(connection.scalar(select(table.c.record).where(table.c.code == "a1")))
        first = next(iter(record["arms"]))
        record["arms"][first] = "treatment" if record["arms"][first] == "waitlist" else "waitlist"
        connection.execute(table.update().where(table.c.code == "a1").values(record=json.dumps(record)))
    forged = replay("pi", "a1")
    assert (forged.exit_code, "would get another place: 1" in forged.output) == (1, True)
