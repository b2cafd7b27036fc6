"""`flask people destroy-due` says what is due, and destroys it only when it is meant."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from evalapp.app import create_app
from evalapp.core.actor import TERMINAL
from evalapp.core.db import transaction
from evalapp.core.migrate import upgrade
from evalapp.people.records.destroy_identities import set_identity_kept_until
from evalapp.people.tables import Programme
from evalapp.people.vault.tables import IdentityField
from tests.installation import installation_settings
from tests.people.registered import actions, register


@pytest.fixture
def app(tmp_path):
    url = f"sqlite:///{tmp_path / 'people.db'}"
    upgrade(url)
    app = create_app(installation_settings(tmp_path, url))
    yield app
    app.extensions["evalapp.engine"].dispose()


def opened(app):
    return transaction(app.extensions["evalapp.engine"], actor=TERMINAL, keys=app.extensions["evalapp.keys"])


def destroy_due(app, *words):
    done = CliRunner().invoke(app.cli, ["people", "destroy-due", *words])
    assert done.exit_code == 0, done.output
    with opened(app) as db:
        return done.output.strip(), db.scalar(select(func.count()).select_from(IdentityField))


def test_identities_are_destroyed_after_a_look_at_what_is_due(app):
    with opened(app) as db:
        programme = Programme(code="pi", name_ko="교육", name_en="Training", created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        db.add(programme)
        db.flush()
        register(db, programme, "a", phone="010-1234-5678")
        set_identity_kept_until(db, programme, dt.date(2026, 3, 1))
    assert destroy_due(app, "--dry-run") == ("pi: identities of 1 people are due for destruction.", 2)
    assert destroy_due(app) == ("pi: identities of 1 people were destroyed.", 0)
    assert destroy_due(app) == ("No identities are due for destruction.", 0)
    with opened(app) as db:
        assert [entry.account for entry in actions(db, "identities_destroyed")] == ["terminal"]
