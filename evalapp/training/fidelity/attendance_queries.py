"""The matrix of a cohort out of the database, and who stayed away too often."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.people.tables import Entrepreneur
from evalapp.training.enrolments.minutes import list_enrolled_days
from evalapp.training.enrolments.stages import WITH_A_PLACE
from evalapp.training.fidelity.matrix import Mark, Matrix, Meeting, Member, build_matrix
from evalapp.training.tables import Attendance, Cohort, Enrolment, TrainingSession

HAD_A_PLACE = (*WITH_A_PLACE, "withdrawn")
IN_TRAINING = ("enrolled", "active")


def get_matrix(db: Session, cohort: Cohort) -> Matrix:
    """Return who was at which session of a cohort; people by study ID."""
    meetings = [
        Meeting(s.id, s.number, s.held_on, s.state, s.planned_minutes, s.module, s.make_up_of_id)
        for s in db.scalars(select(TrainingSession).where(TrainingSession.cohort_id == cohort.id))
    ]
    marks: defaultdict[int, dict[int, Mark]] = defaultdict(dict)
    stored = select(Attendance.entrepreneur_id, Attendance.session_id, Attendance.status, Attendance.minutes)
    for person, session, status, minutes in db.execute(stored.where(Attendance.session_id.in_([m.id for m in meetings]))):
        marks[person][session] = Mark(status, minutes)
    return build_matrix(meetings, _list_members(db, cohort, list(marks)), marks, today())


def _list_members(db: Session, cohort: Cohort, marked: list[int]) -> list[Member]:
    """Return who has or had a place in a cohort, and who is marked in it though they went to another."""
    here = (Enrolment.cohort_id == cohort.id) & Enrolment.stage.in_(HAD_A_PLACE)
    rows = (
        select(Entrepreneur.id, Entrepreneur.study_id, Enrolment.stage, Enrolment.cohort_id)
        .join(Enrolment, Enrolment.entrepreneur_id == Entrepreneur.id)
        .where(Enrolment.programme_id == cohort.programme_id, or_(here, Enrolment.entrepreneur_id.in_(marked)))
    )
    days = list_enrolled_days(db, cohort.id)
    return [
        Member(person, study_id, stage if place == cohort.id else "elsewhere", days.get(person))
        for person, study_id, stage, place in db.execute(rows.order_by(Entrepreneur.study_id))
    ]


def count_absences(db: Session, programme_id: int) -> dict[str, int]:
    """Return in how many people of each cohort three or more absences follow each other, by the cohort's code; none is left out."""
    trained = select(Enrolment.cohort_id).where(Enrolment.programme_id == programme_id, Enrolment.stage.in_(IN_TRAINING))
    held = select(TrainingSession.cohort_id).join(Attendance, Attendance.session_id == TrainingSession.id)
    cohorts = select(Cohort).where(Cohort.id.in_(trained), Cohort.id.in_(held)).order_by(Cohort.code)
    counts = {cohort.code: len(get_matrix(db, cohort).alerts) for cohort in db.scalars(cohorts)}
    return {code: count for code, count in counts.items() if count}
