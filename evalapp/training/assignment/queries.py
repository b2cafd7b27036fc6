"""Reads of assignments: their list, who could be in a pool, who is, and what became of them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.consents.queries import consenting_people
from evalapp.people.contacts.tables import ProgrammeExit
from evalapp.people.records.queries import list_kept
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.surveys.tables import Submission, Wave
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.cohorts.queries import count_places_taken
from evalapp.training.tables import Cohort, Enrolment

OPEN_STAGES = ("", "applied", "waitlisted")
ENDED_STAGES = ("declined", "withdrawn")


@dataclass(frozen=True)
class AssignmentLine:
    """An assignment as a list shows it: how many can be chosen, and how many were; `replaced_by` is the code of a later one."""

    assignment: Assignment
    treatment_cohort: str
    control_cohort: str
    eligible: int
    treated: int
    replaced_by: str | None


def list_assignments(db: Session, programme_id: int) -> list[AssignmentLine]:
    """Return a programme's assignments, the newest first."""
    treatment, control, later = aliased(Cohort), aliased(Cohort), aliased(Assignment)
    rows = db.execute(
        select(Assignment, treatment.code, control.code, later.code)
        .join(treatment, Assignment.treatment_cohort_id == treatment.id)
        .join(control, Assignment.control_cohort_id == control.id)
        .outerjoin(later, Assignment.replaced_by_id == later.id)
        .where(Assignment.programme_id == programme_id)
        .order_by(Assignment.created_at.desc(), Assignment.id.desc())
    ).all()
    counted = select(AssignmentMember.assignment_id, AssignmentMember.is_eligible, AssignmentMember.arm, func.count())
    counts = db.execute(counted.group_by(AssignmentMember.assignment_id, AssignmentMember.is_eligible, AssignmentMember.arm)).all()

    def count(key: int, *, treated: bool) -> int:
        return sum(n for of, eligible, arm, n in counts if of == key and eligible and (not treated or arm == "treatment"))

    return [
        AssignmentLine(one, trained, compared, count(one.id, treated=False), count(one.id, treated=True), replaced_by)
        for one, trained, compared, replaced_by in rows
    ]


def get_assignment(db: Session, programme_id: int, code: str) -> Assignment:
    """Return an assignment of a programme by its code, or raise NotFound."""
    found = db.scalar(select(Assignment).where(Assignment.programme_id == programme_id, Assignment.code == code))
    if found is None:
        raise NotFound(Message("There is no such assignment."))
    return found


def find_later(db: Session, assignment: Assignment) -> Assignment | None:
    """Return the assignment that was begun instead of this one, or None."""
    return db.get(Assignment, assignment.replaced_by_id) if assignment.replaced_by_id else None


def get_cohorts_of(db: Session, assignment: Assignment) -> tuple[Cohort, Cohort]:
    """Return the cohort that is trained and the group it is compared with."""
    return db.get_one(Cohort, assignment.treatment_cohort_id), db.get_one(Cohort, assignment.control_cohort_id)


def count_free_places(db: Session, assignment: Assignment) -> int | None:
    """Return how many can still be given a place in the cohort, None without a limit; places of a replaced assignment count as free."""
    cohort = get_cohorts_of(db, assignment)[0]
    if cohort.capacity is None:
        return None
    replaced = select(Assignment.id).where(Assignment.replaced_by_id == assignment.id)
    theirs = select(AssignmentMember.entrepreneur_id).where(AssignmentMember.assignment_id.in_(replaced))
    of_cohort = select(func.count()).where(Enrolment.cohort_id == cohort.id, Enrolment.entrepreneur_id.in_(theirs))
    again = db.scalar(of_cohort.where(Enrolment.stage == "enrolled")) or 0
    return max(0, cohort.capacity - count_places_taken(db, cohort.id) + again)


@dataclass(frozen=True)
class Candidate:
    """A registered person as a pool sees them. `stage` is empty for whoever has not applied; `obstacle` a key of OBSTACLE_WORDS."""

    id: int
    study_id: str
    registered_on: dt.date
    channel: str | None
    stage: str
    obstacle: str


def list_candidates(db: Session, assignment: Assignment) -> list[Candidate]:
    """Return everybody registered, by study ID, with what stands against their being chosen.

    Whoever has a place in a cohort cannot be chosen for another one, unless this assignment is to replace the one that gave it.
    """
    programme_id = assignment.programme_id
    rows = db.execute(
        select(Entrepreneur.id, Entrepreneur.study_id, Registration.registered_on, Registration.recruitment_channel)
        .join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
        .where(Registration.programme_id == programme_id)
        .order_by(Entrepreneur.study_id)
    ).all()
    merged = list_kept(db, [row.id for row in rows])
    consenting = set(db.scalars(consenting_people(programme_id, "training", today())))
    gone = set(db.scalars(select(ProgrammeExit.entrepreneur_id).where(ProgrammeExit.programme_id == programme_id)))
    stages = _stages(db, assignment)

    def obstacle(person: int) -> str:
        stage = stages.get(person, "")
        if person in gone:
            return "left"
        if stage not in OPEN_STAGES:
            return "ended" if stage in ENDED_STAGES else "placed"
        return "" if person in consenting else "no_consent"

    return [
        Candidate(row.id, row.study_id, row.registered_on, row.recruitment_channel, stages.get(row.id, ""), obstacle(row.id))
        for row in rows
        if row.id not in merged
    ]


def _stages(db: Session, assignment: Assignment) -> dict[int, str]:
    """Return everyone's stage; the places that an assignment gave count as open again for the one that replaces it."""
    rows = db.execute(select(Enrolment.entrepreneur_id, Enrolment.stage).where(Enrolment.programme_id == assignment.programme_id))
    stages = {person: stage for person, stage in rows}  # noqa: C416 - typed pairs out of rows
    replaced = db.scalar(select(Assignment.id).where(Assignment.replaced_by_id == assignment.id))
    placed = select(AssignmentMember.entrepreneur_id).where(
        AssignmentMember.assignment_id == replaced, AssignmentMember.arm.is_not(None)
    )
    for person in db.scalars(placed) if replaced else ():
        if stages.get(person) == "enrolled":
            stages[person] = "waitlisted"
    return stages


@dataclass(frozen=True)
class MemberLine:
    """Someone of a pool: the columns of `assignment_members` under their study ID."""

    id: int
    entrepreneur_id: int
    study_id: str
    is_eligible: bool
    reason: str
    stratum: str
    cluster: str
    position: int | None
    arm: str | None


def list_members(db: Session, assignment: Assignment) -> list[MemberLine]:
    """Return the people of a pool by study ID."""
    columns = (
        AssignmentMember.id, AssignmentMember.entrepreneur_id, Entrepreneur.study_id, AssignmentMember.is_eligible,
        AssignmentMember.reason, AssignmentMember.stratum, AssignmentMember.cluster, AssignmentMember.position, AssignmentMember.arm,
    )  # fmt: skip
    rows = db.execute(
        select(*columns)
        .join(Entrepreneur, AssignmentMember.entrepreneur_id == Entrepreneur.id)
        .where(AssignmentMember.assignment_id == assignment.id)
    )
    # Sorted here: how a database sorts depends on where it was set up, and a draw must not.
    return sorted((MemberLine(*row) for row in rows), key=lambda member: member.study_id)


def get_member(db: Session, assignment: Assignment, study_id: str) -> AssignmentMember:
    """Return someone of a pool by study ID, or raise NotFound."""
    found = db.scalar(
        select(AssignmentMember)
        .join(Entrepreneur, AssignmentMember.entrepreneur_id == Entrepreneur.id)
        .where(AssignmentMember.assignment_id == assignment.id, Entrepreneur.study_id == study_id)
    )
    if found is None:
        raise NotFound(Message("There is nobody with this study ID in the pool."))
    return found


def count_outcomes(db: Session, assignment: Assignment) -> int:
    """Return how many answers of the pool's people there are in waves after the first: outcomes that may have been seen."""
    first = select(func.min(Wave.round)).where(Wave.programme_id == assignment.programme_id).scalar_subquery()
    members = select(AssignmentMember.entrepreneur_id).where(AssignmentMember.assignment_id == assignment.id)
    came_back = (
        select(func.count())
        .select_from(Submission)
        .join(Wave, Submission.wave_id == Wave.id)
        .where(Wave.programme_id == assignment.programme_id, Wave.round > first, Submission.state != "draft")
    )
    return db.scalar(came_back.where(Submission.entrepreneur_id.in_(members))) or 0


def get_procedure(assignment: Assignment) -> Mapping[str, Any]:
    """Return the stored procedure of a designed assignment as plain data."""
    found: Mapping[str, Any] = json.loads(assignment.procedure or "{}")
    return found


def get_record(assignment: Assignment) -> Mapping[str, Any]:
    """Return what was recorded when an assignment was locked, as plain data."""
    found: Mapping[str, Any] = json.loads(assignment.record or "{}")
    return found


def list_locked_draws(db: Session, programme_id: int) -> Sequence[Assignment]:
    """Return the assignments by lot that stand: locked, and not replaced by another that is locked."""
    later = aliased(Assignment)
    standing = (
        select(Assignment)
        .outerjoin(later, Assignment.replaced_by_id == later.id)
        .where(Assignment.programme_id == programme_id, Assignment.kind == "randomised", Assignment.state == "locked")
    )
    return db.scalars(standing.where((later.id.is_(None)) | (later.state != "locked")).order_by(Assignment.id)).all()
