"""Fixtures shared by every stage: both databases, migrated once, each test inside a transaction that is rolled back."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from evalapp.core.actor import Actor
from evalapp.core.crypto.key_ring import new_key_ring
from evalapp.core.db import make_engine
from evalapp.core.migrate import upgrade
from evalapp.people.tables import Programme

# The same examples at every run: a failure in CI is a failure here.
settings.register_profile("steady", derandomize=True)
settings.load_profile("steady")

ACTOR = Actor("AC-TEST-1", "program_officer", "127.0.0.1", "request")
KEYS = new_key_ring()
POSTGRES_PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture(scope="session", autouse=True)
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compile each page template once for all the applications of a run; compiling was most of a page test's time."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_addresses() -> Iterator[None]:
    """Compile how each address is built once for all the applications of a run; it was most of what making an application took."""
    kept: dict[tuple[str, str, bool], Any] = {}
    compile_once = Rule._compile_builder

    def compile_builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, repr((rule.defaults, rule.subdomain, rule.host)), append_unknown)
        if key not in kept:
            kept[key] = compile_once(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_builder)
        yield


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A private, throw-away PostgreSQL cluster, run by a user who is not root."""
    if not POSTGRES_PROGRAMS:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: apt-get install postgresql)")
    programs = POSTGRES_PROGRAMS[-1].parent
    # Not pytest's own folder: it clears away those of earlier runs, and other runs may be going on.
    folder = Path(tempfile.mkdtemp(prefix="evalapp-postgres-"))
    runner: list[str] = []
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        os.chown(folder, user.pw_uid, user.pw_gid)
        runner = [shutil.which("runuser") or "runuser", "-u", "postgres", "--"]
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def quietly(program: str, *words: object) -> None:
        line = [*runner, programs / program, "-D", data, *words]
        subprocess.run([str(word) for word in line], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, cwd=folder)

    quietly("initdb", "-U", "evalapp", "-A", "trust", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    quietly("pg_ctl", "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://evalapp@127.0.0.1:{port}/postgres"
    finally:
        quietly("pg_ctl", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


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
        info = {"actor": ACTOR, "keys": KEYS}
        with Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False, info=info) as session:
            yield session
        outer.rollback()


@pytest.fixture
def programme(db: Session) -> Programme:
    """An empty programme."""
    programme = Programme(
        code="pi", name_ko="주도성 교육", name_en="PI training", created_at=dt.datetime(2026, 9, 1, tzinfo=dt.UTC)
    )
    db.add(programme)
    db.flush()
    return programme


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write lines of CSV into a file of its own."""
    count = iter(range(1_000))

    def write_file(*lines: str) -> Path:
        path = tmp_path / f"file{next(count)}.csv"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write_file
