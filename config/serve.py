"""Gunicorn for one machine: the settings of `config/gunicorn.py`, and one worker for slow jobs beside the pages.

The worker is a child of Gunicorn's first process: it is started again when it dies, ends with it, and ends by itself when that process
is killed.
"""

import os
import subprocess
import sys
import threading
from typing import Any

from config.gunicorn import *  # noqa: F403 - every setting, those added later too

PAUSE_SECONDS = 2  # between a worker's death and the next, so that one that cannot start does not spin
PATIENCE_SECONDS = 15


class Companion:
    """The worker process, kept alive by a thread until `end`."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, daemon=True)
        self._thread.start()

    def _keep(self) -> None:
        command = [sys.executable, "-m", "flask", "--app", "wsgi:app", "worker", "run", "--parent", str(os.getpid())]
        while not self._ending.is_set():
            # Without close_fds Python spawns instead of forking: a fork here would hang on a pipe that pages forked meanwhile hold open.
            self._process = subprocess.Popen(command, close_fds=False)  # noqa: S603 - our own command
            self._process.wait()
            self._ending.wait(PAUSE_SECONDS)

    def end(self) -> None:
        """Ask the worker to end and wait for it."""
        self._ending.set()
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def when_ready(server: Any) -> None:
    """Start the worker once the address is open."""
    server.companion = Companion()


def on_exit(server: Any) -> None:
    """End the worker with the pages."""
    server.companion.end()
