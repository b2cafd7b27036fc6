"""Installations with workers that are real processes, on each kind of database."""

from __future__ import annotations

import itertools
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from evalapp.core.actor import Actor
from evalapp.core.crypto.key_ring import new_key_ring, write_key_ring
from evalapp.core.db import make_engine, reading, transaction
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.jobs.tables import Job
from evalapp.core.migrate import upgrade

PROGRAM = Path(__file__).parent / "worker_process.py"
ROOT = Path(__file__).parent.parent.parent
NUMBERS = itertools.count()
LONGEST_WAIT_SECONDS = 40  # two busy cores may take long to load a worker; reached only when the test fails


def wait_until(what, seconds=LONGEST_WAIT_SECONDS):
    """Wait for something to become true and return what it gave."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"this did not come true in {seconds} s")


class Installation:
    """A database, its keys, and the workers started on it."""

    def __init__(self, url, folder):
        self.url, self.folder = url, folder
        self.keys, self.engine, self.workers = new_key_ring(), make_engine(url), []
        write_key_ring(self.keys, folder / "ring.json")
        with self.engine.begin() as connection:
            connection.execute(text("CREATE TABLE tally (job VARCHAR(64), what VARCHAR(20))"))

    def queue(self, kind="slow", **arguments):
        key = secrets.token_hex(16)
        with transaction(self.engine, actor=Actor("AC-TEST-1", "analyst"), keys=self.keys) as db:
            queue_job(db, key, kind, "pi", arguments)
        return key

    def start(self):
        """Start a worker; its log is a file of its own."""
        log = (self.folder / f"worker{len(self.workers)}.log").open("w")
        command = [sys.executable, str(PROGRAM), self.url, str(self.folder / "ring.json")]
        worker = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, env={"PYTHONPATH": str(ROOT)})
        log.close()
        self.workers.append(worker)
        return worker

    def logs(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob("worker*.log")))

    def job(self, key):
        with reading(self.engine) as db:
            job = db.scalar(select(Job).where(Job.key == key))
            db.expunge(job)
            return job

    def states(self):
        with reading(self.engine) as db:
            return dict(db.execute(select(Job.key, Job.state)).all())

    def done(self):
        return [key for key, state in self.states().items() if state == "done"]

    def running(self):
        return [key for key, state in self.states().items() if state == "running"]

    def over(self):
        return not set(self.states().values()) & {"queued", "running"}

    def tally(self, what):
        """How often each job noted something."""
        with reading(self.engine) as db:
            return dict(db.execute(text("SELECT job, count(*) FROM tally WHERE what = :what GROUP BY job"), {"what": what}).all())

    def close(self):
        for worker in self.workers:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.kill()
            worker.wait()
        self.engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def installation(request, tmp_path):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'site.db'}"
    else:
        server = create_engine(request.getfixturevalue("postgres_url"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        name = f"reliability_{next(NUMBERS)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = server.url.set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    made = Installation(url, tmp_path)
    yield made
    made.close()
