"""How much of the training somebody was there for: the share that a cohort's completion rule is about."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.tables import ATTENDED, Attendance, Cohort, Enrolment, TrainingSession


@dataclass(frozen=True)
class HeldSession:
    """A session that was held. `make_up_of_id` is the session whose absentees it was for."""

    id: int
    held_on: dt.date
    planned_minutes: int
    make_up_of_id: int | None = None


@dataclass(frozen=True)
class Minutes:
    """Minutes somebody was there, of the minutes of the sessions held since they were enrolled."""

    attended: int = 0
    planned: int = 0

    @property
    def share(self) -> float | None:
        """The share attended; None where nothing was held."""
        return self.attended / self.planned if self.planned else None

    def meets(self, completion_share: float) -> bool:
        """Say whether the share is at least that of a completion rule; where nothing was held, nothing is met."""
        return self.share is not None and self.share >= completion_share


@dataclass(frozen=True)
class Credit:
    """Minutes that count for somebody at one session: those there and those made up for it, never more than it lasted."""

    session: HeldSession
    minutes: int
    made_up: int = 0


def credit_sessions(
    sessions: Sequence[HeldSession], attended: Mapping[int, int], enrolled_on: dt.date | None = None
) -> list[Credit]:
    """Return what counts for one person of each session, from their minutes by session.

    Sessions before the enrolment do not count. What somebody made up for counts for the session they had missed, which never brings
    more than its own minutes; a make-up of a session that was not held is a session of its own.
    """
    held = {session.id for session in sessions}
    made_up: defaultdict[int, int] = defaultdict(int)
    own = []
    for session in sessions:
        if session.make_up_of_id in held:
            made_up[session.make_up_of_id] += attended.get(session.id, 0)
        elif enrolled_on is None or session.held_on >= enrolled_on:
            own.append(session)
    counted = []
    for session in own:
        there = min(session.planned_minutes, attended.get(session.id, 0))
        counted.append(Credit(session, there + (more := min(session.planned_minutes - there, made_up[session.id])), more))
    return counted


def count_minutes(sessions: Sequence[HeldSession], attended: Mapping[int, int], enrolled_on: dt.date | None = None) -> Minutes:
    """Add up what counts for one person, as `credit_sessions` says."""
    counted = credit_sessions(sessions, attended, enrolled_on)
    return Minutes(sum(credit.minutes for credit in counted), sum(credit.session.planned_minutes for credit in counted))


def list_minutes(db: Session, cohort: Cohort, people: Collection[int]) -> dict[int, Minutes]:
    """Return the minutes of some people of a cohort, by person."""
    held = select(
        TrainingSession.id, TrainingSession.held_on, TrainingSession.planned_minutes, TrainingSession.make_up_of_id
    ).where(TrainingSession.cohort_id == cohort.id, TrainingSession.state == "held")
    sessions = [HeldSession(*row) for row in db.execute(held)]
    attended: defaultdict[int, dict[int, int]] = defaultdict(dict)
    marks = select(Attendance.entrepreneur_id, Attendance.session_id, Attendance.minutes).where(
        Attendance.session_id.in_([session.id for session in sessions]),
        Attendance.entrepreneur_id.in_(people),
        Attendance.status.in_(ATTENDED),
    )
    for person, session, minutes in db.execute(marks):
        attended[person][session] = minutes
    enrolled = list_enrolled_days(db, cohort.id)
    return {person: count_minutes(sessions, attended[person], enrolled.get(person)) for person in people}


def list_enrolled_days(db: Session, cohort_id: int) -> dict[int, dt.date]:
    """Return the day each person got their place in a cohort, by person; who came with a file that does not say it is left out."""
    rows = (
        select(Enrolment.entrepreneur_id, func.min(EnrolmentStep.stepped_on))
        .join(Enrolment, Enrolment.id == EnrolmentStep.enrolment_id)
        .where(EnrolmentStep.cohort_id == cohort_id, EnrolmentStep.to_stage == "enrolled")
        .group_by(Enrolment.entrepreneur_id)
    )
    return {person: day for person, day in db.execute(rows)}  # noqa: C416 - typed pairs out of rows


def count_sessions_left(db: Session, cohort: Cohort) -> int:
    """Return how many sessions of a cohort are planned and neither held nor cancelled."""
    left = TrainingSession.cohort_id == cohort.id, TrainingSession.state.not_in(("held", "cancelled"))
    return db.scalar(select(func.count()).select_from(TrainingSession).where(*left)) or 0


def percent(share: float) -> str:
    """Return a share as a percentage, cut and not rounded up: 79.96 % is not shown as the 80 % that were missed."""
    return f"{int(round(share * 1000, 6)) / 10:g}"
