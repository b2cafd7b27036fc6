"""A rotation of keys brings every sealed column to the new key, while others work, and goes on after a kill."""

from __future__ import annotations

import dataclasses
import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import select, text

from evalapp.app import create_app
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import new_key_ring, read_key_ring, write_key_ring
from evalapp.core.db import Base, make_engine, reading
from evalapp.core.key_rotation import reseal
from evalapp.core.key_rotation.reseal import check_sealed, reseal_some
from evalapp.core.migrate import upgrade
from evalapp.panel.sealed_columns import SEALED_COLUMNS
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.people.vault.write_identity import write_identity
from tests.conftest import ACTOR
from tests.installation import installation_settings
from tests.web.site import Site

PEOPLE = 7
PAUSE_SECONDS = 0.02  # SQLite lets one write at a time: a writer that never pauses shuts the others out


class Installation(Site):
    """A site with people in its vault, and its terminal."""

    def __init__(self, app, path):
        super().__init__(app)
        self.path = path

    def flask(self, *words):
        return CliRunner().invoke(self.app.cli, ["keys", *words])

    def prefixes(self):
        """The names of the keys that seal something."""
        with reading(self.engine, actor=ACTOR, keys=self.keys) as db:
            return dict(check_sealed(db, SEALED_COLUMNS))


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path, monkeypatch):
    monkeypatch.setattr(reseal, "ROWS_AT_ONCE", 3)
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'keys.db'}"
    else:
        server = request.getfixturevalue("postgres_url")
        engine = make_engine(server)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE IF EXISTS keys_test"))
            connection.execute(text("CREATE DATABASE keys_test"))
        engine.dispose()
        url = f"{server.rsplit('/', 1)[0]}/keys_test"
    upgrade(url)
    app = create_app(installation_settings(tmp_path, url))
    made = Installation(app, tmp_path / "key-ring.json")
    fill(made)
    yield made
    app.extensions["evalapp.engine"].dispose()


def fill(installation):
    installation.account("program_officer")
    with installation.transaction() as db:
        programme = Programme(code="pi", name_ko="교육", name_en="Training", created_at=now())
        db.add(programme)
        db.flush()
        for number in range(PEOPLE):
            person = Entrepreneur(study_id=f"PI-000{number}-0", created_at=now())
            db.add(person)
            db.flush()
            firm = Enterprise(entrepreneur_id=person.id)
            db.add_all([firm, Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=today())])
            db.flush()
            write_identity(db, person.id, {"name": "김철수", "phone": f"010-1234-567{number}"})
            write_identity(db, person.id, {"enterprise_name": "한라산"}, firm.id)
            contact = {
                "key": f"c{number}",
                "programme_id": programme.id,
                "entrepreneur_id": person.id,
                "at": now(),
                "account": "AC-1",
            }
            note = installation.keys.seal("asked to call later", f"contact:c{number}")
            db.add(ContactAttempt(**contact, channel="phone", outcome="appointment", note_sealed=note))


SEALED = 3 + 4 * PEOPLE  # one account has an e-mail, a name and a second factor; a person three fields and a contact's note


def test_every_sealed_column_of_the_database_is_in_the_list():
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name == "sealed" or column.name.endswith("_sealed")
    }
    assert named == {sealed.name for sealed in SEALED_COLUMNS}


def test_a_rotation_brings_everything_to_the_new_key(installation):
    assert installation.prefixes() == {"k1": SEALED}
    done = installation.flask("rotate")
    assert (done.exit_code, f"values sealed anew: {SEALED}" in done.output) == (0, True)
    assert installation.prefixes() == {"k2": SEALED}
    assert set(read_key_ring(installation.path).field_keys) == {"k1", "k2"}
    with installation.transaction() as db:
        assert reveal_identity(db, 1, "phone", "check after rotation") == "010-1234-5670"
        assert db.scalars(select(AuditEntry.after).where(AuditEntry.action == "keys_rotated")).one() == f'{{"resealed": {SEALED}}}'


def test_a_rotation_that_was_killed_is_finished_with_the_same_key(installation):
    write_key_ring(read_key_ring(installation.path).rotated(), installation.path)
    with installation.transaction() as db:
        reseal_some(db, SEALED_COLUMNS)
    assert installation.prefixes() == {"k1": SEALED - 1, "k2": 1}  # one account, so its first column is a batch of one
    done = installation.flask("rotate")
    assert "cut off; it is finished now" in done.output
    assert installation.prefixes() == {"k2": SEALED}


def test_a_batch_that_fails_is_undone_as_a_whole(installation):
    write_key_ring(read_key_ring(installation.path).rotated(), installation.path)
    with installation.transaction() as db:
        reseal_some(db, SEALED_COLUMNS)
        db.rollback()
    assert installation.prefixes() == {"k1": SEALED}


def test_readers_and_writers_are_not_disturbed(installation):
    """They hold the ring that was read when they started, as a worker process does."""
    faults, stop = [], threading.Event()

    def work():
        turn = 0
        while not stop.wait(PAUSE_SECONDS):
            turn += 1
            try:
                with installation.transaction() as db:
                    write_identity(db, 1, {"phone": f"010-9999-{turn % 10_000:04d}"})
                with installation.transaction() as db:
                    assert reveal_identity(db, 1, "phone", "still readable?") == f"010-9999-{turn % 10_000:04d}"
            except Exception as fault:  # noqa: BLE001 - handed to the test below
                faults.append(fault)
                return

    worker = threading.Thread(target=work)
    worker.start()
    for _ in range(3):
        assert installation.flask("rotate").exit_code == 0
    stop.set()
    worker.join()
    assert faults == []
    assert installation.flask("rotate").exit_code == 0
    assert installation.prefixes() == {"k5": SEALED}


def test_old_keys_are_retired_only_when_nothing_needs_them(installation):
    write_key_ring(read_key_ring(installation.path).rotated(), installation.path)
    refused = installation.flask("retire")
    assert (refused.exit_code, "still sealed with k1" in refused.output) == (1, True)
    assert installation.flask("rotate").exit_code == 0
    assert "Retired: k1." in installation.flask("retire").output
    assert set(read_key_ring(installation.path).field_keys) == {"k2"}
    assert "nothing was retired" in installation.flask("retire").output
    assert f"k2: {SEALED} sealed values, all open." in installation.flask("check").output


def test_a_value_that_does_not_open_is_named_by_table_and_row(installation):
    with installation.engine.begin() as connection:
        connection.execute(text("UPDATE identity_fields SET sealed = 'k1:AAAA' WHERE id = 2"))
    for command in ("check", "rotate"):
        done = installation.flask(command)
        assert (done.exit_code, "identity_fields.sealed, row 2" in done.output) == (1, True)
        assert "Traceback" not in done.output


def test_another_installations_ring_does_not_pass_the_check(installation):
    write_key_ring(new_key_ring(), installation.path)
    assert installation.flask("check").exit_code == 1


def test_a_new_ring_is_made_and_never_over_another(installation, tmp_path):
    done = installation.flask("create", str(tmp_path / "new.json"))
    assert done.exit_code == 0
    ring = read_key_ring(tmp_path / "new.json")
    assert (ring.active, ring.development) == ("k1", False)
    assert installation.flask("create", str(tmp_path / "new.json")).exit_code == 1
    assert read_key_ring(tmp_path / "new.json") == ring


def test_the_first_ring_of_production_can_be_made_before_there_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    path = tmp_path / "keys.json"
    url = f"sqlite:///{tmp_path / 'new.db'}"
    settings = dataclasses.replace(installation_settings(tmp_path, url), environment="production", key_ring=path)
    app = create_app(settings)
    run = CliRunner()
    refused = run.invoke(app.cli, ["keys", "check"])
    assert (refused.exit_code, "cannot be read" in refused.output) == (1, True)
    assert run.invoke(app.cli, ["keys", "create", str(path)]).exit_code == 0
    assert run.invoke(app.cli, ["keys", "check"]).exit_code == 0
    app.extensions["evalapp.engine"].dispose()
