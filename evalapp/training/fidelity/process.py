"""How the training of a cohort went, in six elements: recruitment, reach, dose delivered, dose received, fidelity and context."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.fidelity.attendance_queries import HAD_A_PLACE, get_matrix
from evalapp.training.fidelity.measures import Adherence, Agreement, Count, MeanRating, add_up, average, compare_raters
from evalapp.training.fidelity.queries import list_adherence, list_ratings_of_cohort
from evalapp.training.fidelity.tables import ChecklistMark
from evalapp.training.sessions.tables import SessionChange
from evalapp.training.tables import Cohort, Enrolment, TrainingSession


@dataclass(frozen=True)
class Fidelity:
    """Checklists and ratings of the sessions that were held."""

    adherence: Adherence
    checklists: Count
    trainers: MeanRating
    observers: MeanRating
    agreement: Agreement


@dataclass(frozen=True)
class Process:
    """The six elements, each as so many of so many. Minutes stand for a dose.

    Sessions that were cancelled count nowhere but in the context: `cancelled`, `changes` by kind, `adaptations` by kind, `withdrawals`
    by reason.
    """

    recruitment: Count
    reach: Count
    sessions: Count
    delivered: Count
    received: Count
    came: Count
    fidelity: Fidelity
    cancelled: int
    changes: Mapping[str, int]
    adaptations: Mapping[str, int]
    withdrawals: Mapping[str, int]


def get_process(db: Session, cohort: Cohort) -> Process:
    """Return how the training of a cohort went so far."""
    matrix = get_matrix(db, cohort)
    here = [row for row in matrix.rows if row.member.stage in HAD_A_PLACE]
    meetings = db.execute(
        select(TrainingSession.id, TrainingSession.state, TrainingSession.planned_minutes, TrainingSession.make_up_of_id).where(
            TrainingSession.cohort_id == cohort.id
        )
    ).all()
    held = {meeting.id for meeting in meetings if meeting.state == "held"}
    own = [meeting for meeting in meetings if meeting.state != "cancelled" and meeting.make_up_of_id not in held]
    minutes = {meeting.id: meeting.planned_minutes for meeting in own}
    applied = db.scalar(select(func.count()).select_from(Enrolment).where(Enrolment.cohort_id == cohort.id)) or 0
    return Process(
        recruitment=Count(len(here), applied),
        reach=Count(sum(row.came.part > 0 for row in here), len(here)),
        sessions=Count(len(held & minutes.keys()), len(minutes)),
        delivered=Count(sum(spent for key, spent in minutes.items() if key in held), sum(minutes.values())),
        received=Count(sum(row.minutes.attended for row in here), sum(row.minutes.planned for row in here)),
        came=Count(sum(row.came.part for row in here), sum(row.came.whole for row in here)),
        fidelity=_fidelity(db, cohort, held),
        cancelled=sum(meeting.state == "cancelled" for meeting in meetings),
        changes=_count_changes(db, cohort),
        adaptations=_count_adaptations(db, cohort),
        withdrawals=_count_withdrawals(db, cohort),
    )


def _fidelity(db: Session, cohort: Cohort, held: set[int]) -> Fidelity:
    checklists = list_adherence(db, cohort)
    ratings = list_ratings_of_cohort(db, cohort)
    every = [rating for theirs in ratings.values() for rating in theirs]
    return Fidelity(
        add_up(checklists.values()),
        Count(len(checklists), len(held)),
        average([rating for rating in every if rating.role == "trainer"]),
        average([rating for rating in every if rating.role == "observer"]),
        compare_raters(ratings.values()),
    )


def _count_changes(db: Session, cohort: Cohort) -> Mapping[str, int]:
    kinds = (
        select(SessionChange.kind)
        .join(TrainingSession, TrainingSession.id == SessionChange.session_id)
        .where(TrainingSession.cohort_id == cohort.id)
    )
    return Counter(db.scalars(kinds))


def _count_adaptations(db: Session, cohort: Cohort) -> Mapping[str, int]:
    kinds = (
        select(ChecklistMark.adaptation)
        .join(TrainingSession, TrainingSession.id == ChecklistMark.session_id)
        .where(TrainingSession.cohort_id == cohort.id, TrainingSession.state == "held", ChecklistMark.adaptation.is_not(None))
    )
    return Counter(kind for kind in db.scalars(kinds) if kind)


def _count_withdrawals(db: Session, cohort: Cohort) -> Mapping[str, int]:
    """Count the people who are withdrawn now by the reason of their last step; an imported one says only that it was imported."""
    last = select(func.max(EnrolmentStep.id)).group_by(EnrolmentStep.enrolment_id)
    reasons = (
        select(EnrolmentStep.reason)
        .join(Enrolment, Enrolment.id == EnrolmentStep.enrolment_id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.stage == "withdrawn", EnrolmentStep.id.in_(last))
    )
    return Counter(db.scalars(reasons))
