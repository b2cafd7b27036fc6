"""A worker's name, the same after every restart: the machine and the first free place on it.

The place is held by a lock that the kernel drops with the process, so that a worker started after a SIGKILL has the same name and finds
what it left.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy.engine import make_url

LONGEST_HOST = 60


@contextmanager
def worker_slot(database_url: str) -> Iterator[str]:
    """Hold the first free place of this machine for workers on a database and yield the name that goes with it."""
    place = make_url(database_url).render_as_string(hide_password=True)
    folder = Path(tempfile.gettempdir()) / f"evalapp-workers-{os.getuid()}-{hashlib.sha256(place.encode()).hexdigest()[:12]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    for number in count(1):
        with (folder / str(number)).open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield f"{socket.gethostname()[:LONGEST_HOST]}-{number}"
            return
