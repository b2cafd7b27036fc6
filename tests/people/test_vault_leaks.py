"""Nothing that identifies anyone stands in clear in the database's files, its rows, or a backup."""

from __future__ import annotations

import json
import urllib.parse

import pytest
from sqlalchemy import MetaData, inspect, select, text

from evalapp.accounts.staff.invite_account import invite_account
from evalapp.core.backup.create_backup import create_backup
from evalapp.core.clock import now, today
from evalapp.core.db import make_engine, transaction
from evalapp.core.migrate import upgrade
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.queries import find_people_by_identity, list_masks
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.people.vault.write_identity import write_identity
from tests.conftest import ACTOR, KEYS

SECRETS = (
    "김하늘별", "010-2468-1357", "01024681357", "24681357", "sky.kim@example.org", "세종대로 110길", "1985-03-02",
    "한라산식당", "220-81-62517", "2208162517", "officer.park@example.org", "박담당자", "전화를 꺼려 함",
)  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'leaks.db'}"
    else:
        server = request.getfixturevalue("postgres_url")
        admin = make_engine(server)
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE IF EXISTS leaks"))
            connection.execute(text("CREATE DATABASE leaks"))
        admin.dispose()
        url = f"{server.rsplit('/', 1)[0]}/leaks"
    upgrade(url)
    engine = make_engine(url)
    with transaction(engine, actor=ACTOR, keys=KEYS) as db:
        write_everything(db)
    yield engine
    engine.dispose()


def write_everything(db):
    programme = Programme(code="pi", name_ko="교육", name_en="Training", created_at=now())
    person = Entrepreneur(study_id="PI-7K3Q-4", created_at=now())
    db.add_all([programme, person])
    db.flush()
    firm = Enterprise(entrepreneur_id=person.id)
    db.add_all([firm, Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=today())])
    db.flush()
    person_fields = {"name": SECRETS[0], "phone": SECRETS[1], "email": SECRETS[4], "address": SECRETS[5], "birth_date": SECRETS[6]}
    write_identity(db, person.id, person_fields)
    write_identity(db, person.id, {"enterprise_name": SECRETS[7], "registration_number": SECRETS[8]}, firm.id)
    for secret in SECRETS[:9]:
        find_people_by_identity(db, programme.id, secret)
    list_masks(db, [person.id])
    assert reveal_identity(db, person.id, "name", "to test the vault") == SECRETS[0]
    invite_account(db, SECRETS[10], SECRETS[11], ["program_officer"])
    record_contact(db, programme, person, "key-1", Attempt(now(), "phone", "refused", None, SECRETS[12]))


def forms(secret):
    """The ways in which a text may stand in a file."""
    yield from (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be"), secret.encode("cp949"))
    escaped = json.dumps(secret)[1:-1]
    yield from (escaped.encode(), escaped.encode("utf-16-le"), urllib.parse.quote(secret).encode(), secret.encode("unicode_escape"))


def found_in(raw):
    return [secret for secret in SECRETS if any(form in raw for form in forms(secret))]


def rows_as_text(engine):
    held = MetaData()
    with engine.connect() as connection:
        held.reflect(connection)
        return "\n".join(repr(tuple(row)) for table in held.sorted_tables for row in connection.execute(select(table)))


def test_the_search_finds_what_is_in_clear():
    for secret in SECRETS:
        assert all(found_in(b"before " + form + b" after") == [secret] or secret in found_in(form) for form in forms(secret))


def test_no_row_holds_an_identity(engine):
    text_of_rows = rows_as_text(engine)
    assert "PI-7K3Q-4" in text_of_rows
    assert found_in(text_of_rows.encode()) == []


def test_no_file_of_the_database_holds_an_identity(engine, tmp_path):
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            files = sorted(tmp_path.glob("leaks.db*"))
            assert "leaks.db-wal" in [path.name for path in files]
            raw = b"".join(path.read_bytes() for path in files)
    else:
        # The server's own files hold pages that are compressed or not yet written; a copy of every row is what a dump holds.
        with engine.connect() as connection, connection.connection.cursor() as cursor:
            raw = b""
            for table in inspect(connection).get_table_names():
                with cursor.copy(f'COPY "{table}" TO STDOUT') as rows:
                    raw += b"".join(bytes(row) for row in rows)
    assert b"PI-7K3Q-4" in raw
    assert found_in(raw) == []


def test_a_backup_holds_no_identity_and_no_study_id(engine, tmp_path):
    create_backup(engine, tmp_path / "backup", KEYS)
    raw = (tmp_path / "backup").read_bytes()
    assert len(raw) > 1000
    assert b"PI-7K3Q-4" not in raw
    assert found_in(raw) == []


def test_a_stolen_database_with_keys_of_another_installation_shows_nothing(engine):
    from evalapp.core.crypto.key_ring import UnusableKeyRing, new_key_ring

    with transaction(engine, actor=ACTOR, keys=new_key_ring()) as db:
        with pytest.raises(UnusableKeyRing):
            reveal_identity(db, 1, "name", "stolen database")
        assert find_people_by_identity(db, 1, SECRETS[0]) == []
