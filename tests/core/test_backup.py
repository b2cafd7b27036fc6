"""A backup holds every table, opens only with its key ring, and restores into either kind of database, row for row."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import stat
import threading

import pytest
from click.testing import CliRunner
from sqlalchemy import MetaData, insert, select, text

from evalapp.app import create_app
from evalapp.core.audit.queries import EntryFilter, list_entries
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.verify_chain import verify_chain
from evalapp.core.backup import create_backup as creating
from evalapp.core.backup import encrypted_file
from evalapp.core.backup.create_backup import create_backup
from evalapp.core.backup.encrypted_file import UnusableBackup, read_encrypted, write_encrypted
from evalapp.core.backup.read_backup import verify_backup
from evalapp.core.backup.restore_backup import restore_backup
from evalapp.core.crypto.key_ring import new_key_ring, write_key_ring
from evalapp.core.db import Base, Instant, make_engine, transaction
from evalapp.core.errors import AppError
from evalapp.core.migrate import current_revision, head_revision, upgrade
from tests.conftest import ACTOR, KEYS
from tests.installation import installation_settings

NUMBERS = itertools.count()
PAUSE_SECONDS = 0.01  # a writer that never pauses shuts others out of SQLite
# A consent is given or refused; only a treated cohort starts; only a locked assignment has an instant and a record.
EMPTY = {("consents", "refused_on"), ("cohorts", "starts_on"), ("assignments", "locked_at"), ("assignments", "record")}
MOMENT = dt.datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=dt.UTC)


@pytest.fixture
def addresses(request, tmp_path):
    """A maker of addresses of empty databases of a kind."""

    def address(kind):
        number = next(NUMBERS)
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / f'backup{number}.db'}"
        server = request.getfixturevalue("postgres_url")
        engine = make_engine(server)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE backup_{number}"))
        engine.dispose()
        return f"{server.rsplit('/', 1)[0]}/backup_{number}"

    return address


def value(column):
    if (column.table.name, column.name) in EMPTY:
        return None
    if column.foreign_keys:
        return 1
    kind = dt.datetime if isinstance(column.type, Instant) else column.type.python_type
    if kind is str:
        return "가=\n\x1f\"'한"[: column.type.length or 20]
    return {int: 1, float: 0.1, bool: True, bytes: bytes(range(256)), dt.date: MOMENT.date(), dt.datetime: MOMENT}[kind]


@pytest.fixture(params=["sqlite", "postgresql"])
def filled(request, addresses):
    """A database with a row in every table there is, and an audit log."""
    url = addresses(request.param)
    upgrade(url)
    engine = make_engine(url)
    with transaction(engine, actor=ACTOR, keys=KEYS) as db:
        for table in Base.metadata.sorted_tables:
            if not table.name.startswith("audit_"):
                db.execute(insert(table).values({c.name: value(c) for c in table.columns if c.name != "id"}))
        for number in range(30):
            record_entry(db, "role_granted", "account", number)
    yield engine
    engine.dispose()


def content(url):
    """Every row of every table."""
    engine = make_engine(url)
    held = MetaData()
    with engine.connect() as connection:
        held.reflect(connection)
        names = {name for name in held.tables if name != "alembic_version"}
        assert names == set(Base.metadata.tables)
        rows = {t.name: [tuple(row) for row in connection.execute(select(t).order_by(t.c.id))] for t in Base.metadata.sorted_tables}
    engine.dispose()
    return rows


def address_of(engine):
    return engine.url.render_as_string(hide_password=False)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_restores_into_the_other_kind_and_back_row_for_row(filled, addresses, tmp_path, kind):
    rows = create_backup(filled, tmp_path / "first", KEYS)
    before = content(address_of(filled))
    assert rows == sum(map(len, before.values()))
    assert min(map(len, before.values())) > 0
    there = addresses(kind)
    assert restore_backup(tmp_path / "first", there, KEYS) == rows
    assert content(there) == before
    engine = make_engine(there)
    create_backup(engine, tmp_path / "second", KEYS)
    back = addresses(filled.dialect.name)
    restore_backup(tmp_path / "second", back, KEYS)
    assert content(back) == before
    with transaction(engine, actor=ACTOR, keys=KEYS) as db:
        assert verify_chain(db).is_whole
        record_entry(db, "backup_restored")
        db.execute(insert(Base.metadata.tables["attempts"]).values(bucket="new", at=MOMENT))
        assert verify_chain(db).entries == 31
    engine.dispose()


def test_a_restored_log_still_refuses_changes(filled, addresses, tmp_path):
    create_backup(filled, tmp_path / "backup", KEYS)
    url = addresses(filled.dialect.name)
    restore_backup(tmp_path / "backup", url, KEYS)
    engine = make_engine(url)
    with pytest.raises(Exception, match="never changed"), engine.begin() as connection:
        connection.execute(text("UPDATE audit_entries SET reason = 'x'"))
    engine.dispose()


def test_a_backup_says_what_it_holds_and_that_its_log_is_whole(filled, tmp_path):
    rows = create_backup(filled, tmp_path / "backup", KEYS)
    report = verify_backup(tmp_path / "backup", KEYS)
    assert (report.rows, report.revision, report.audit.is_whole, report.audit.entries) == (rows, head_revision(), True, 30)
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600


def test_a_backup_of_an_altered_log_says_so(filled, tmp_path):
    drop = "audit_entries_no_UPDATE" if filled.dialect.name == "sqlite" else "audit_entries_no_change ON audit_entries"
    with filled.begin() as connection:
        connection.execute(text(f"DROP TRIGGER {drop}"))
        connection.execute(text("UPDATE audit_entries SET reason = 'x' WHERE number = 7"))
    create_backup(filled, tmp_path / "backup", KEYS)
    report = verify_backup(tmp_path / "backup", KEYS)
    assert [str(message) for message in report.audit.breaks] == ["Entry 7 was altered after it was written."]


def test_a_backup_made_while_others_write_holds_one_moment(filled, tmp_path):
    """Each writer's transaction adds to two tables; no backup may hold half of one."""
    attempts = Base.metadata.tables["attempts"]
    stop = threading.Event()

    def write():
        while not stop.wait(PAUSE_SECONDS):
            with transaction(filled, actor=ACTOR, keys=KEYS) as db:
                db.execute(insert(attempts).values(bucket="both", at=MOMENT))
                record_entry(db, "both_done")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            create_backup(filled, tmp_path / f"backup{number}", KEYS)
    finally:
        stop.set()
        writer.join()
    for number in range(3):
        url = f"sqlite:///{tmp_path / f'restored{number}.db'}"
        restore_backup(tmp_path / f"backup{number}", url, KEYS)
        restored = content(url)
        written = [row for row in restored["audit_entries"] if "both_done" in row]
        assert len(written) == sum("both" in row for row in restored["attempts"])


def test_a_database_that_is_not_empty_is_left_alone(filled, tmp_path):
    create_backup(filled, tmp_path / "backup", KEYS)
    with pytest.raises(AppError, match="not empty"):
        restore_backup(tmp_path / "backup", address_of(filled), KEYS)


def test_a_backup_of_a_newer_program_is_refused(filled, addresses, tmp_path):
    with filled.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    create_backup(filled, tmp_path / "backup", KEYS)
    with pytest.raises(UnusableBackup, match="newer version"):
        restore_backup(tmp_path / "backup", addresses("sqlite"), KEYS)


def test_a_restored_database_is_brought_to_the_newest_revision(addresses, tmp_path):
    old = addresses("sqlite")
    upgrade(old, "0001")
    engine = make_engine(old)
    create_backup(engine, tmp_path / "backup", KEYS)
    engine.dispose()
    new = addresses("sqlite")
    restore_backup(tmp_path / "backup", new, KEYS)
    assert current_revision(new) == head_revision()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A file of several small pieces."""
    monkeypatch.setattr(encrypted_file, "PIECE_BYTES", 64)
    monkeypatch.setattr(encrypted_file, "LARGEST_PIECE_BYTES", 80)
    path = tmp_path / "small"
    lines = [f"{number * 7919 % 1000} line".encode() for number in range(200)]
    write_encrypted(lines, path, KEYS)
    assert list(read_encrypted(path, KEYS)) == lines
    return path


def pieces(path):
    raw, start, found = path.read_bytes(), len(encrypted_file.MAGIC) + 32, []
    header = raw[:start]
    while start < len(raw):
        size = 4 + int.from_bytes(raw[start : start + 4], "big")
        found.append(raw[start : start + size])
        start += size
    return header, found


@pytest.mark.parametrize(
    "damage",
    [
        lambda header, p: header + b"".join(p[:-1]),
        lambda header, p: header + b"".join([p[1], p[0], *p[2:]]),
        lambda header, p: header + b"".join([*p, p[-1]]),
        lambda header, p: header + b"".join([*p[:2], *p[3:]]),
        lambda header, p: header + b"".join(p[:0]),
        lambda header, p: header + b"".join(p)[:-1],
        lambda header, p: header + b"".join(p) + b"\x00",
        lambda header, p: header + b"".join(p)[:-20] + bytes([b"".join(p)[-20] ^ 1]) + b"".join(p)[-19:],
        lambda header, p: header[:-1] + bytes([header[-1] ^ 1]) + b"".join(p),
        lambda header, p: header + b"\xff\xff\xff\xff" + b"".join(p)[4:],
    ],
    ids=[
        "cut",
        "swapped",
        "repeated",
        "left out",
        "nothing",
        "one byte less",
        "one byte more",
        "flipped",
        "other salt",
        "huge piece",
    ],
)
def test_a_damaged_backup_is_found_out(small, damage):
    header, found = pieces(small)
    assert len(found) > 3
    small.write_bytes(damage(header, found))
    with pytest.raises(UnusableBackup):
        list(read_encrypted(small, KEYS))


def test_a_cut_end_is_found_out_by_the_encryption_itself(small):
    """Not only by the compression inside, which happens to have an end of its own."""
    header, found = pieces(small)
    cut = io.BytesIO(header + b"".join(found[:-1]))
    with pytest.raises(UnusableBackup):
        list(encrypted_file._decrypt(cut, KEYS))


def test_another_key_ring_opens_nothing_and_a_rotated_one_does(small):
    with pytest.raises(UnusableBackup, match="another key ring"):
        list(read_encrypted(small, new_key_ring()))
    assert len(list(read_encrypted(small, KEYS.rotated()))) == 200


def test_a_file_that_is_no_backup_is_said(tmp_path):
    path = tmp_path / "letter"
    path.write_bytes(b"Dear all, " * 100)
    with pytest.raises(UnusableBackup, match="not a backup"):
        verify_backup(path, KEYS)


def test_a_backup_that_failed_leaves_nothing_behind(filled, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(creating, "_line", fail)
    with pytest.raises(OSError, match="disk is full"):
        create_backup(filled, tmp_path / "backup", KEYS)
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name and ".db" not in path.name] == []


def test_neither_the_keys_nor_the_rows_can_be_read_in_the_file(filled, tmp_path):
    create_backup(filled, tmp_path / "backup", KEYS)
    raw = (tmp_path / "backup").read_bytes()
    for key in (*KEYS.field_keys.values(), KEYS.index_key, KEYS.audit_key):
        assert key not in raw
    assert b"role_granted" not in raw


def test_the_terminal_makes_checks_and_restores_a_backup(filled, addresses, tmp_path):
    write_key_ring(KEYS, tmp_path / "key-ring.json")
    app = create_app(installation_settings(tmp_path, address_of(filled)))
    path, there = tmp_path / "day.backup", addresses("sqlite")

    def flask(*words):
        return CliRunner().invoke(app.cli, ["backup", *map(str, words)])

    assert flask("create", path).exit_code == 0
    assert "never overwritten" in flask("create", path).output
    assert "The backup is whole" in flask("verify", path).output
    assert flask("restore", path, "--into", there).exit_code == 0
    assert flask("restore", path, "--into", there).exit_code == 1
    engine = make_engine(there)
    with transaction(engine, actor=ACTOR, keys=KEYS) as db:
        assert verify_chain(db).is_whole
        actions = [entry.action for entry in list_entries(db, EntryFilter()).entries]
        assert actions[:2] == ["backup_restored", "backup_made"]
    engine.dispose()
    path.write_bytes(path.read_bytes()[:-1])
    damaged = flask("verify", path)
    assert (damaged.exit_code, "altered or cut off" in damaged.output) == (1, True)
    app.extensions["evalapp.engine"].dispose()
