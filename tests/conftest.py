"""Fixtures shared by every stage: both databases, migrated once, each test inside a transaction that is rolled back."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from evalapp.core.db import make_engine
from evalapp.core.migrate import upgrade

POSTGRES_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private, throw-away PostgreSQL cluster, run by a user who is not root."""
    if not POSTGRES_PROGRAMS:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    programs = POSTGRES_PROGRAMS[-1].parent
    folder = Path(tmp_path_factory.mktemp("postgres"))
    runner: list[str] = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for above in [folder, *folder.parents][:3]:
            above.chmod(0o755)
        os.chown(folder, user.pw_uid, user.pw_gid)
        runner = [shutil.which("runuser") or "runuser", "-u", "postgres", "--"]
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": folder}
    subprocess.run([*runner, programs / "initdb", "-D", data, "-U", "evalapp", "-A", "trust", "-E", "UTF8", "--locale=C"], **quiet)
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    subprocess.run([*runner, programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"], **quiet)
    try:
        yield f"postgresql+psycopg://evalapp@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*runner, programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """An engine on a freshly migrated database of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'test.db'}"
    else:
        url = request.getfixturevalue("postgres_url")
    upgrade(url)
    engine = make_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A session whose work, commits included, is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as session:
            yield session
        outer.rollback()
