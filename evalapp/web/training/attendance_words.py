"""What marks of attendance are called, and how one is said with its minutes, its time and who made it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

from flask import g

from evalapp.core.clock import SEOUL
from evalapp.core.language import Message
from evalapp.training.attendance.queries import Mark, OpenTap, came
from evalapp.web.formats import instant

STATUSES: Final[Mapping[str, Message]] = {
    "present": Message("Present"),
    "late": Message("Late"),
    "left_early": Message("Left early"),
    "excused": Message("Excused"),
    "unexcused": Message("Absent"),
}
NOT_MARKED = Message("Not marked")


def say_status(status: str | None, minutes: int | None, planned: int) -> str:
    """Say a status, with the minutes where they are not all that were planned."""
    word = STATUSES.get(status or "", NOT_MARKED).within(g.language)
    if not came(status) or minutes == planned:
        return word
    text = Message("%(status)s, %(minutes)s of %(planned)s min", status=word, minutes=minutes, planned=planned)
    return text.within(g.language)


def say_mark(mark: Mark | OpenTap, session: Any, names: Mapping[str, str]) -> str:
    """Say a mark with who made it and when: Late, 135 of 150 min (T2, 19:02)."""
    what = say_status(mark.status, mark.minutes, session.planned_minutes)
    said = [part for part in (_who(mark.account, names), _when(mark.at, session)) if part]
    return f"{what} ({', '.join(said)})" if said else what


def _who(account: str, names: Mapping[str, str]) -> str:
    if account == g.viewer.code:
        return Message("you").within(g.language)
    return names.get(account, account)


def _when(at: dt.datetime | None, session: Any) -> str:
    if at is None:
        return ""
    local = at.astimezone(SEOUL)
    return local.strftime("%H:%M") if local.date() == session.held_on else instant(at)
