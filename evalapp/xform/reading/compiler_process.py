"""The process beside the server in which forms are opened and compiled: started when it is first needed, and kept ready."""

from __future__ import annotations

import atexit
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Lock
from typing import Any

from evalapp.xform.reading.archive import Kind

ROOT = Path(__file__).parents[3]
MOST_ANSWER = 64 * 1_048_576
CHUNK = 262_144


class CompilerStopped(Exception):  # noqa: N818 - what it is, in words
    """The form needed more time or memory than it may, or the process was ended."""


class CompilerProcess:
    """A process that waits for forms. It ends with the one that started it, or after a quarter of an hour without a form."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # Nothing of the server's surroundings, keys and addresses among them, is handed on.
        around = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        line = [sys.executable, "-m", "evalapp.xform.reading.compiler"]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                line, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=around
            )
        self._control = ours

    @property
    def is_there(self) -> bool:
        """Say whether it waits for forms still."""
        return self._process.poll() is None

    def ask(self, content: bytes, kind: Kind, seconds: float) -> bytes:
        """Return what is said of a form as JSON, nothing where the process ended before; OSError where it takes too long."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                socket.send_fds(self._control, [b"f"], [theirs.fileno()])
            return _answer(ours, f"{kind}\n".encode() + content, time.monotonic() + seconds)

    def close(self) -> None:
        """End it. A form that is being compiled is finished by its own child."""
        self._control.close()
        self._process.terminate()
        self._process.wait()


def _answer(channel: socket.socket, question: bytes, until: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    channel.settimeout(max(until - time.monotonic(), 0))
    channel.sendall(question)
    channel.shutdown(socket.SHUT_WR)
    while size <= MOST_ANSWER:
        channel.settimeout(max(until - time.monotonic(), 0))
        part = channel.recv(CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
    return b""


_STARTING = Lock()
_started: dict[int, CompilerProcess] = {}  # by process: a server that forks does not share it


def compiler_process() -> CompilerProcess:
    """Return the process of this server process, started where it is not there. To call it early makes the first form quicker."""
    with _STARTING:
        own = os.getpid()
        found = _started.get(own)
        if found is None or not found.is_there:
            if found is not None:
                found.close()
            _started[own] = found = CompilerProcess()
        return found


@atexit.register
def _end() -> None:
    if found := _started.pop(os.getpid(), None):
        found.close()


def compile_apart(content: bytes, kind: Kind, seconds: float) -> dict[str, Any]:
    """Return what the process says of a form, or raise CompilerStopped."""
    process = compiler_process()
    try:
        said = process.ask(content, kind, seconds)
    except ConnectionError:
        said = b""
    except OSError as error:
        raise CompilerStopped from error
    if not said and not process.is_there:  # it had waited long enough, just then
        return compile_apart(content, kind, seconds)
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError as error:  # what is cut off is no JSON
        raise CompilerStopped from error
    return answer
