"""Reads of who should be at a session, what is marked of them, and where two marks contradict each other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account
from evalapp.accounts.viewer import Viewer
from evalapp.core.crypto.key_ring import keys_of
from evalapp.people.tables import Entrepreneur
from evalapp.training.attendance.tables import AttendanceTap
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import ATTENDED, Attendance, Cohort, Enrolment, Trainer, TrainingSession

IN_TRAINING = ("enrolled", "active")
LEAVING = ("completed", "withdrawn")


@dataclass(frozen=True)
class Place:
    """Somebody who should be at a session. `number` is the key of their enrolment, which says nothing about them."""

    number: int
    entrepreneur_id: int
    study_id: str


@dataclass(frozen=True)
class Mark:
    """What is stored of one person: None and no minutes where nothing is. `version` counts the changes since the beginning."""

    version: int = 0
    status: str | None = None
    minutes: int | None = None
    account: str = ""
    at: dt.datetime | None = None
    has_note: bool = False


@dataclass(frozen=True)
class OpenTap:
    """A mark that contradicts the stored one and waits for somebody to settle which is right."""

    key: str
    status: str | None
    minutes: int | None
    account: str
    at: dt.datetime


def list_roster(db: Session, session: TrainingSession) -> list[Place]:
    """Return who should be at a session, by study ID: who was enrolled in the cohort on its day, and whoever is marked already.

    At a session that makes up for another they are those who were not there then.
    """
    marked = set(db.scalars(select(Attendance.entrepreneur_id).where(Attendance.session_id == session.id)))
    expected = _enrolled_on(db, session.cohort_id, session.held_on)
    if session.make_up_of_id is not None:
        came = Attendance.session_id == session.make_up_of_id, Attendance.status.in_(ATTENDED)
        expected -= set(db.scalars(select(Attendance.entrepreneur_id).where(*came)))
    programme = select(Cohort.programme_id).where(Cohort.id == session.cohort_id).scalar_subquery()
    rows = db.execute(
        select(Enrolment.id, Entrepreneur.id, Entrepreneur.study_id)
        .join(Entrepreneur, Entrepreneur.id == Enrolment.entrepreneur_id)
        .where(Enrolment.entrepreneur_id.in_(expected | marked), Enrolment.programme_id == programme)
        .order_by(Entrepreneur.study_id)
    )
    return [Place(*row) for row in rows]


def _enrolled_on(db: Session, cohort_id: int, day: dt.date) -> set[int]:
    """Return who was in training in a cohort on a day, by the steps of their enrolment, or by their stage where no step is kept."""
    ever_here = select(EnrolmentStep.enrolment_id).where(EnrolmentStep.cohort_id == cohort_id)
    rows = db.execute(
        select(
            Enrolment.entrepreneur_id,
            EnrolmentStep.from_stage,
            EnrolmentStep.to_stage,
            EnrolmentStep.cohort_id,
            EnrolmentStep.stepped_on,
        )
        .join(EnrolmentStep, EnrolmentStep.enrolment_id == Enrolment.id)
        .where(or_(Enrolment.cohort_id == cohort_id, Enrolment.id.in_(ever_here)))
        .order_by(EnrolmentStep.stepped_on, EnrolmentStep.id)
    )
    steps: dict[int, list[_Step]] = {}
    for person, before, after, cohort, on in rows:
        steps.setdefault(person, []).append(_Step(before, after, cohort, on))
    here = select(Enrolment.entrepreneur_id, Enrolment.stage, Enrolment.stage_on).where(Enrolment.cohort_id == cohort_id)
    for person, stage, stage_on in db.execute(here):
        steps.setdefault(person, [_Step(None, stage, cohort_id, stage_on)])
    return {person for person, theirs in steps.items() if _was_in(theirs, cohort_id, day)}


class _Step(NamedTuple):
    """One move between stages; `on` is None where nobody knows the day."""

    from_stage: str | None
    to_stage: str
    cohort_id: int | None
    on: dt.date | None


def _was_in(steps: Sequence[_Step], cohort_id: int, day: dt.date) -> bool:
    until = [step for step in steps if step.on is None or step.on <= day]
    step = until[-1] if until else steps[0]
    if step.cohort_id != cohort_id:
        return False
    if until:
        return step.to_stage in IN_TRAINING or (step.to_stage == "completed" and step.on in {None, day})
    # Before the first step that is known: who left the training then, or was in it, had been there.
    return step.from_stage in IN_TRAINING or (step.from_stage is None and step.to_stage in LEAVING)


def came(status: str | None) -> bool:
    """Say whether somebody with this status was there, if only for a part."""
    return status in ATTENDED


def get_marks(db: Session, session: TrainingSession, people: Collection[int]) -> dict[int, Mark]:
    """Return what is stored of people at a session; of everyone asked for there is a mark, if only an empty one."""
    changes = db.execute(
        select(AttendanceTap.entrepreneur_id, func.max(AttendanceTap.version))
        .where(AttendanceTap.session_id == session.id, AttendanceTap.entrepreneur_id.in_(people))
        .group_by(AttendanceTap.entrepreneur_id)
    )
    marks = {person: Mark() for person in people} | {person: Mark(version or 0) for person, version in changes}
    for row in db.scalars(select(Attendance).where(Attendance.session_id == session.id, Attendance.entrepreneur_id.in_(people))):
        noted = row.note_sealed is not None
        marks[row.entrepreneur_id] = Mark(row.version, row.status, row.minutes, row.recorded_by, row.recorded_at, noted)
    return marks


def list_open_taps(db: Session, session: TrainingSession) -> dict[int, list[OpenTap]]:
    """Return the marks of a session that wait to be settled, by person, in the order in which they were made."""
    waiting = AttendanceTap.session_id == session.id, AttendanceTap.outcome == "conflict"
    found: dict[int, list[OpenTap]] = {}
    for tap in db.scalars(select(AttendanceTap).where(*waiting).order_by(AttendanceTap.tapped_at, AttendanceTap.id)):
        open_tap = OpenTap(tap.key, tap.status, tap.minutes, tap.account, tap.tapped_at)
        found.setdefault(tap.entrepreneur_id, []).append(open_tap)
    return found


def list_trainer_names(db: Session, accounts: Collection[str]) -> dict[str, str]:
    """Return the codes under which accounts are known as trainers; who is none is left out."""
    rows = db.execute(
        select(Account.code, Trainer.code).join(Trainer, Trainer.account_id == Account.id).where(Account.code.in_(accounts))
    )
    return dict(rows.all())


def may_read_notes(db: Session, viewer: Viewer, session: TrainingSession) -> bool:
    """Say whether an account may read what is noted of a session: officers, and the trainers who teach it."""
    if viewer.may("cohort.manage"):
        return True
    own = select(Trainer.id).where(Trainer.account_id == viewer.account_id)
    teaching = SessionTrainer.session_id == session.id, SessionTrainer.trainer_id.in_(own), SessionTrainer.role != "observer"
    leads = select(TrainingSession.id).where(TrainingSession.id == session.id, TrainingSession.lead_trainer_id.in_(own))
    return db.scalar(leads) is not None or db.scalar(select(SessionTrainer.id).where(*teaching)) is not None


def session_note_context(session_id: int) -> str:
    """Return the context in which the note of a session is sealed."""
    return f"session:{session_id}:note"


def attendance_note_context(attendance_id: int) -> str:
    """Return the context in which the note about a person at a session is sealed."""
    return f"attendance:{attendance_id}:note"


def open_session_note(db: Session, session: TrainingSession) -> str:
    """Return the note of a session in clear."""
    return keys_of(db).open(session.note_sealed, session_note_context(session.id)) if session.note_sealed else ""


def open_notes(db: Session, session: TrainingSession) -> dict[int, str]:
    """Return the notes about the people of a session in clear, by person."""
    noted = Attendance.session_id == session.id, Attendance.note_sealed.is_not(None)
    keys = keys_of(db)
    return {
        row.entrepreneur_id: keys.open(row.note_sealed or "", attendance_note_context(row.id))
        for row in db.scalars(select(Attendance).where(*noted))
    }
