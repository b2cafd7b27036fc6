"""A clock that a test sets: every module of the program that asks for the time is answered by it."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Any

from evalapp.core import clock


class Clock:
    """The time as the program sees it."""

    def __init__(self, instant: dt.datetime) -> None:
        self.instant = instant

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.instant += dt.timedelta(**time)


def stop_clock(monkeypatch: Any) -> Clock:
    """Stop the program's clock at this instant; the returned one moves it."""
    stopped = Clock(clock.now())
    real = clock.now
    for name, module in list(sys.modules.items()):
        if name.startswith("evalapp") and getattr(module, "now", None) is real:
            monkeypatch.setattr(module, "now", lambda: stopped.instant)
    return stopped
