"""Who was at which session: people by sessions, with what each came to. Nothing here reads a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalapp.training.enrolments.minutes import Credit, HeldSession, Minutes, credit_sessions
from evalapp.training.fidelity.measures import Count
from evalapp.training.tables import ATTENDED

ABSENT = ("excused", "unexcused")
CAME = (*ATTENDED, "made_up")
ALERT_AFTER = 3


@dataclass(frozen=True)
class Meeting:
    """A session as the matrix needs it."""

    id: int
    number: int
    held_on: dt.date
    state: str
    planned_minutes: int
    module: str = ""
    make_up_of_id: int | None = None


@dataclass(frozen=True)
class Mark:
    """What is stored of one person at one session."""

    status: str
    minutes: int


@dataclass(frozen=True)
class Member:
    """Somebody who has, or had, a place in the cohort."""

    entrepreneur_id: int
    study_id: str
    stage: str
    enrolled_on: dt.date | None = None


@dataclass(frozen=True)
class Cell:
    """One person at one session: a status of attendance, or `made_up`, `not_marked`, `before` (the enrolment) or `cancelled`.

    The minutes are those that count; None where nothing is to be counted.
    """

    status: str
    minutes: int | None = None


@dataclass(frozen=True)
class Row:
    """One person through all sessions. `planned` are the minutes of every session that was not cancelled, also of those to come."""

    member: Member
    cells: tuple[Cell, ...]
    minutes: Minutes
    planned: int
    came: Count
    excused: int
    in_a_row: int
    excused_in_a_row: int

    @property
    def is_alert(self) -> bool:
        """Say whether somebody who is in training stayed away too often, one time after the other."""
        return self.member.stage in ("enrolled", "active") and self.in_a_row >= ALERT_AFTER


@dataclass(frozen=True)
class Matrix:
    """The sessions of a cohort that were, each a column, and its people. A session that made up for a held one is no column."""

    columns: tuple[Meeting, ...]
    rows: tuple[Row, ...]

    @property
    def alerts(self) -> tuple[Row, ...]:
        """The people who stayed away too often, one time after the other."""
        return tuple(row for row in self.rows if row.is_alert)


def build_matrix(
    meetings: Sequence[Meeting], members: Sequence[Member], marks: Mapping[int, Mapping[int, Mark]], on: dt.date
) -> Matrix:
    """Lay out a cohort as it stands on a day; `marks` are by person, then by session."""
    held = [_held(meeting) for meeting in meetings if meeting.state == "held"]
    keys = {session.id for session in held}
    own = sorted((m for m in meetings if m.make_up_of_id not in keys), key=lambda m: (m.held_on, m.number))
    marked = {session for theirs in marks.values() for session in theirs}
    columns = tuple(m for m in own if m.state in ("held", "cancelled") or m.held_on < on or m.id in marked)
    rows = tuple(_row(member, own, columns, held, marks.get(member.entrepreneur_id, {})) for member in members)
    return Matrix(columns, rows)


def _held(meeting: Meeting) -> HeldSession:
    return HeldSession(meeting.id, meeting.held_on, meeting.planned_minutes, meeting.make_up_of_id)


def _row(
    member: Member, own: Sequence[Meeting], columns: Sequence[Meeting], held: Sequence[HeldSession], marks: Mapping[int, Mark]
) -> Row:
    attended = {session: mark.minutes for session, mark in marks.items() if mark.status in ATTENDED}
    credited = {credit.session.id: credit for credit in credit_sessions(held, attended, member.enrolled_on)}
    cells = tuple(_cell(meeting, member, credited.get(meeting.id), marks.get(meeting.id)) for meeting in columns)
    counted = [cell for cell, meeting in zip(cells, columns, strict=True) if meeting.id in credited]
    streak = count_in_a_row([cell.status for cell in cells])
    return Row(
        member,
        cells,
        Minutes(sum(c.minutes for c in credited.values()), sum(c.session.planned_minutes for c in credited.values())),
        sum(m.planned_minutes for m in own if m.state != "cancelled" and not _is_before(m, member)),
        Count(sum(cell.status in CAME for cell in counted), len(counted)),
        sum(cell.status == "excused" for cell in counted),
        *streak,
    )


def _is_before(meeting: Meeting, member: Member) -> bool:
    return member.enrolled_on is not None and meeting.held_on < member.enrolled_on


def _cell(meeting: Meeting, member: Member, credit: Credit | None, mark: Mark | None) -> Cell:
    if meeting.state == "cancelled":
        return Cell("cancelled")
    if _is_before(meeting, member):
        return Cell("before")
    came = mark is not None and mark.status in ATTENDED
    if credit is not None and credit.made_up and not came:
        return Cell("made_up", credit.minutes)
    if mark is None:
        return Cell("not_marked")
    return Cell(mark.status, credit.minutes if credit is not None else mark.minutes)


def count_in_a_row(statuses: Sequence[str]) -> tuple[int, int]:
    """Return how many of the latest sessions somebody missed one after the other, and how many of those were excused.

    What was made up ends the row. Sessions of which nothing is marked, that were cancelled or before the enrolment are passed over.
    """
    missed = excused = 0
    for status in reversed(statuses):
        if status in CAME:
            break
        missed += status in ABSENT
        excused += status == "excused"
    return missed, excused
