"""What a trainer sent: as JSON by the page's script, or as the form of the same page where no script runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request

from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.attendance.record_taps import MOST_TAPS, Tap, TooManyTaps
from evalapp.training.attendance.write_notes import OF_THE_SESSION, Note
from evalapp.web.forms import row_number

OLDEST = dt.timedelta(days=60)  # a device that says more has a clock that cannot be believed
STATUS, MINUTES, SHOWN, CLEAR, NOTE = "status", "minutes", "shown", "clear", "note"


@dataclass(frozen=True)
class Sent:
    """Marks, notes by the number of a place, the beginning and the end of the session if it is done, and a reason."""

    taps: list[Tap] = field(default_factory=list)
    notes: dict[int, Note] = field(default_factory=dict)
    closing: tuple[dt.time | None, dt.time | None] | None = None
    reason: str = ""


def read_json() -> Sent:
    """Read what the script sent, or raise AppError for what no script of ours sends."""
    try:
        body: Any = request.get_json(silent=True)
        taps, sent_at = body["taps"], _number(body["sent_at"])
        if len(taps) > MOST_TAPS:
            raise TooManyTaps(Message("These are more than %(most)s marks at once. Send fewer.", most=MOST_TAPS))
        closing = body.get("closing")
        return Sent(
            [_tap(each, sent_at) for each in taps],
            {int(number): Note(_text(note["text"]), _text(note["seen"])) for number, note in body.get("notes", {}).items()},
            (_time(closing["began"]), _time(closing["ended"])) if closing else None,
            _text(body.get("reason", "")),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise AppError(Message("What was sent cannot be read. Open the page again.")) from None


def _tap(given: Mapping[str, Any], sent_at: float) -> Tap:
    """Read one mark. How long ago it was made is told by the device's own clock, which need not be right."""
    ago = min(max(dt.timedelta(milliseconds=sent_at - _number(given["at"])), dt.timedelta(0)), OLDEST)
    status, minutes = given["status"], given.get("minutes")
    return Tap(
        key=_text(given["key"]), place=_whole(given["place"]), status=None if status is None else _text(status),
        minutes=None if minutes is None else _whole(minutes), seen_version=_whole(given["seen"]), tapped_at=now() - ago,
        settles=given.get("settles") is True,
    )  # fmt: skip


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return value


def _whole(value: object) -> int:
    number = _number(value)
    if number != int(number):
        raise ValueError
    return int(number)


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise TypeError
    return value


def _time(text: str) -> dt.time | None:
    return dt.time.fromisoformat(text) if text else None


def read_marks_form() -> Sent:
    """Read the form of the page. A place whose mark stands as the page showed it says nothing, so that it overwrites nothing."""
    places = [number for name in request.form if name.startswith(f"{SHOWN}-") and (number := row_number(name.partition("-")[2]))]
    wanted = request.form.get("do", "save")
    taps = [tap for place in places if (tap := _form_tap(place, rest_absent=wanted == "absent"))]
    if settled := _settling(request.form.get("settle", "")):
        taps = [tap for tap in taps if tap.place != settled.place] + [settled]
    notes = {number: Note(request.form[f"{NOTE}-{number}"], _given("seen", number)) for number in _noted(places)}
    try:
        closing = (_time(request.form.get("began", "")), _time(request.form.get("ended", ""))) if wanted == "done" else None
    except ValueError:
        raise AppError(Message("Write times like 19:00.")) from None
    return Sent(taps, notes, closing, request.form.get("reason", "").strip())


def _noted(places: list[int]) -> list[int]:
    return [number for number in (OF_THE_SESSION, *places) if f"{NOTE}-{number}" in request.form]


def _form_tap(place: int, *, rest_absent: bool) -> Tap | None:
    was, status = (*_given(SHOWN, place).split(":"), "", "")[:3], _given(STATUS, place)
    minutes = row_number(_given(MINUTES, place)) if status in ("late", "left_early") else None
    if _given(CLEAR, place):
        status, minutes = "", None
    elif not status and rest_absent:
        status = "unexcused"
    if was[0] == status and minutes in (None, row_number(was[1])):
        return None
    return _made(place, status, minutes, row_number(was[2]))


def _settling(text: str) -> Tap | None:
    """Read the button that decides between two marks: place, status, minutes and version."""
    place, status, minutes, seen = (*text.split(":"), "", "", "")[:4]
    number = row_number(place)
    return _made(number, status, row_number(minutes), row_number(seen), settles=True) if number else None


def _made(place: int, status: str, minutes: int | None, seen: int | None, *, settles: bool = False) -> Tap:
    key = f"{request.form.get('key', '')[:40]}-{place}"
    return Tap(key, place, status or None, minutes if status else None, -1 if seen is None else seen, now(), settles)


def _given(name: str, place: int) -> str:
    return request.form.get(f"{name}-{place}", "").strip()
