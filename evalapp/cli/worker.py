"""`flask worker`: do the slow work that pages have queued."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.core.jobs.context import Handlers
from evalapp.core.migrate import upgrade


def worker_commands(edge: Edge, handlers: Handlers) -> click.Group:
    """Return the group `worker`."""
    group = Commands(edge, name="worker", help="Slow work in the background.")

    @group.command("run")
    @click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
    def run(parent: int | None) -> None:
        """Do queued jobs until Ctrl-C; start as many of these as the machines carry."""
        # Only this command needs the engine, which takes a second to load.
        from evalapp.core.jobs.worker.work import work  # noqa: PLC0415

        _log_to_stderr()
        signals = _Signals()
        upgrade(edge.database_url)

        def ended() -> bool:
            return signals.received or (parent is not None and os.getppid() != parent)

        work(edge.database_url, edge.engine, edge.keys, handlers, ended=ended)
        sys.stderr.flush()
        # A stage that is still at work would hold the door until it is done; the next worker takes it up instead.
        os._exit(0)

    return group


class _Signals:
    """Whether the process was asked to end."""

    def __init__(self) -> None:
        self.received = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.received = True


def _log_to_stderr() -> None:
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("evalapp.core.jobs").setLevel(logging.INFO)
