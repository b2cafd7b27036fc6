"""A worker with jobs made for tests: `python worker_process.py DATABASE_URL KEY_RING`. It is started, killed and stopped for real."""

import datetime as dt
import logging
import os
import signal
import sys
import time
from pathlib import Path

from sqlalchemy import text

from evalapp.core.crypto.key_ring import read_key_ring
from evalapp.core.db import make_engine
from evalapp.core.errors import AppError
from evalapp.core.jobs.worker.work import Pace, work
from evalapp.core.language import Message

PACE = Pace(poll_seconds=0.1, heartbeat_seconds=0.5, silent_after=dt.timedelta(seconds=2), patience_seconds=1)


def note(db, job, what):
    db.execute(text("INSERT INTO tally (job, what) VALUES (:job, :what)"), {"job": job.key, "what": what})


def slow(job):
    """Two stages; the tally of the last is written with the end of the job."""

    def first():
        with job.writing() as db:
            note(db, job, "first")
        return {"from": "first"}

    def last():
        time.sleep(job.arguments["seconds"])
        job.finish(lambda db: note(db, job, "done") or {"answer": answer["from"]})

    answer = job.stage(Message("Estimating the effects"), 0.0, first)
    job.stage(Message("Laying out the pages"), 0.5, last)


def refused(job):
    def refuse():
        raise AppError(Message("There is no run %(run)s.", run=job.arguments["run"]))

    job.stage(Message("Estimating the effects"), 0.0, refuse)


def broken(job):
    def fall():
        with job.writing() as db:
            note(db, job, "half")
            raise ValueError("Kim Secret, 010-1234-5678")

    job.stage(Message("Estimating the effects"), 0.0, fall)


def deadly(job):
    job.stage(Message("Estimating the effects"), 0.0, lambda: os.kill(os.getpid(), signal.SIGKILL))


def unfinished(job):
    job.stage(Message("Estimating the effects"), 0.0, lambda: None)


HANDLERS = {"slow": slow, "refused": refused, "broken": broken, "deadly": deadly, "unfinished": unfinished}

if __name__ == "__main__":
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s", level=logging.INFO)
    url, ring = sys.argv[1], Path(sys.argv[2])
    asked = []
    signal.signal(signal.SIGTERM, lambda *_: asked.append(True))
    work(url, make_engine(url), read_key_ring(ring), HANDLERS, ended=lambda: bool(asked), pace=PACE)
    os._exit(0)
