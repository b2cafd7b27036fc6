"""Take in marks from the trainers' devices: each counts once, none overwrites another unseen."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.attendance.check_marking import Permit, check_marking, lock_session
from evalapp.training.attendance.queries import Mark, Place, get_marks, list_roster
from evalapp.training.attendance.tables import AttendanceTap
from evalapp.training.tables import ATTENDANCE, ATTENDED, Attendance, TrainingSession

KEY = re.compile(r"[A-Za-z0-9-]{16,64}")
MOST_TAPS = 200
MISSED_MINUTES = 15  # of who came late or left early, until somebody says how many
LARGEST_VERSION = 2**31 - 1


@dataclass(frozen=True)
class Tap:
    """One mark: a key made by the device, the number of a place on the roster, and what the device had seen of that place.

    A status of None takes the mark away. Without minutes those of the status count. `settles` says that the tap decides between
    marks that contradicted each other.
    """

    key: str
    place: int
    status: str | None
    minutes: int | None
    seen_version: int
    tapped_at: dt.datetime
    settles: bool = False


@dataclass(frozen=True)
class Taken:
    """What became of a tap: `taken`, `conflict` (kept, to be settled) or `refused` (not kept), with the reason."""

    key: str
    place: int
    outcome: str
    fault: Message | None = None


class TooManyTaps(AppError):  # noqa: N818 - read as a sentence where it is raised
    """More marks at once than a device ever keeps."""


def record_taps(db: Session, session: TrainingSession, taps: Sequence[Tap], permit: Permit | None = None) -> list[Taken]:
    """Record marks of one session in their order and say what became of each.

    The same key again answers as the first time and changes nothing. A mark that says what is stored is taken without a change. One
    that saw an older version and says something else is kept as a conflict. One audit entry covers the whole batch.
    """
    if len(taps) > MOST_TAPS:
        raise TooManyTaps(Message("These are more than %(most)s marks at once. Send fewer.", most=MOST_TAPS))
    lock_session(db, session)
    said = check_marking(session, permit or Permit())
    batch = _Batch(db, session, {place.number: place for place in list_roster(db, session)})
    taken = [batch.take(tap) for tap in taps]
    db.flush()
    if batch.counts:
        record_entry(db, "attendance_marked", "session", session.id, after=dict(batch.counts), reason=said)
    return taken


class _Batch:
    """A session's roster while marks are written to it."""

    def __init__(self, db: Session, session: TrainingSession, roster: dict[int, Place]) -> None:
        self.db, self.session, self.roster = db, session, roster
        self.marks = get_marks(db, session, {place.entrepreneur_id for place in roster.values()})
        self.counts: Counter[str] = Counter()

    def take(self, tap: Tap) -> Taken:
        """Record one tap and say what became of it."""
        known = self.db.scalar(select(AttendanceTap).where(AttendanceTap.key == tap.key)) if KEY.fullmatch(tap.key) else None
        place = self.roster.get(tap.place)
        if known is not None:
            return self._again(tap, known, place)
        fault = self._fault(tap, place)
        if fault is not None or place is None:
            return Taken(tap.key, tap.place, "refused", fault)
        return Taken(tap.key, tap.place, self._record(with_minutes(tap, self.session), place.entrepreneur_id))

    def _again(self, tap: Tap, known: AttendanceTap, place: Place | None) -> Taken:
        same = known.session_id == self.session.id and (place is None or known.entrepreneur_id == place.entrepreneur_id)
        if not same:
            return Taken(
                tap.key, tap.place, "refused", Message("This mark was sent before, for somebody else. Open the page again.")
            )
        return Taken(tap.key, tap.place, "conflict" if known.outcome == "conflict" else "taken")

    def _fault(self, tap: Tap, place: Place | None) -> Message | None:
        if not KEY.fullmatch(tap.key) or not 0 <= tap.seen_version <= LARGEST_VERSION:
            return Message("This mark is damaged. Open the page again.")
        if place is None:
            return Message("This person is not on the roster of the session any more.")
        if tap.status is None:
            noted = self.marks[place.entrepreneur_id].has_note
            return Message("There is a note about this person. Empty the note first, then take the mark away.") if noted else None
        return check_minutes(tap, self.session.planned_minutes)

    def _record(self, tap: Tap, person: int) -> str:
        mark = self.marks[person]
        is_same = (tap.status, tap.minutes) == (mark.status, mark.minutes)
        outcome = "taken" if is_same or tap.seen_version == mark.version else "conflict"
        version = mark.version + 1 if outcome == "taken" and not is_same else None
        stored = AttendanceTap(
            key=tap.key, session_id=self.session.id, entrepreneur_id=person, status=tap.status, minutes=tap.minutes,
            seen_version=tap.seen_version, version=version, outcome=outcome, account=actor_of(self.db).account,
            tapped_at=min(tap.tapped_at, now()), received_at=now(),
        )  # fmt: skip
        if version is not None:
            self.marks[person] = self._write(person, version, stored)
        if version is not None or outcome == "conflict":
            self.counts[outcome] += 1
        self._settle(person, everybodys=outcome == "taken" and tap.settles)
        self.db.add(stored)
        self.db.flush()
        return outcome

    def _write(self, person: int, version: int, tap: AttendanceTap) -> Mark:
        theirs = Attendance.session_id == self.session.id, Attendance.entrepreneur_id == person
        if tap.status is None or tap.minutes is None:
            self.db.execute(delete(Attendance).where(*theirs))
            return Mark(version)
        row = self.db.scalar(select(Attendance).where(*theirs))
        if row is None:
            row = Attendance(session_id=self.session.id, entrepreneur_id=person)
            self.db.add(row)
        row.status, row.minutes, row.version = tap.status, tap.minutes, version
        row.recorded_by, row.recorded_at = tap.account, tap.tapped_at
        return replace(
            self.marks[person], version=version, status=tap.status, minutes=tap.minutes, account=tap.account, at=tap.tapped_at
        )

    def _settle(self, person: int, *, everybodys: bool) -> None:
        """Close the conflicts of a person; whoever marks anew without settling takes back what they themselves had said."""
        waiting = [AttendanceTap.session_id == self.session.id, AttendanceTap.entrepreneur_id == person]
        waiting.append(AttendanceTap.outcome == "conflict")
        if not everybodys:
            waiting.append(AttendanceTap.account == actor_of(self.db).account)
        settled = self.db.scalars(update(AttendanceTap).where(*waiting).values(outcome="settled").returning(AttendanceTap.id)).all()
        if settled:
            self.counts["settled"] += len(settled)


def with_minutes(tap: Tap, session: TrainingSession) -> Tap:
    """Return a tap with its minutes: all that were planned, fewer for who came late or left early, none for who was away."""
    if tap.status is None:
        return replace(tap, minutes=None)
    if tap.minutes is not None:
        return tap
    return replace(tap, minutes=usual_minutes(tap.status, session.planned_minutes))


def usual_minutes(status: str, planned: int) -> int:
    """Return the minutes of a status until somebody says how many they were."""
    if status not in ATTENDED:
        return 0
    return planned if status == "present" else max(1, planned - MISSED_MINUTES)


def check_minutes(tap: Tap, planned: int) -> Message | None:
    """Return what is wrong with the status and the minutes of a tap."""
    if tap.status not in ATTENDANCE:
        return Message("“%(status)s” is not a status of attendance.", status=str(tap.status)[:20])
    least, most = (1, planned) if tap.status in ATTENDED else (0, 0)
    if tap.minutes is None or least <= tap.minutes <= most:
        return None
    if not most:
        return Message("Someone who was absent has 0 minutes. Mend the minutes or the status.")
    return Message("Write minutes between 1 and %(most)s, the planned length.", most=planned)
