"""Reads of people on their way through the training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from evalapp.people.consents.queries import consenting_people
from evalapp.people.contacts.tables import ProgrammeExit
from evalapp.people.tables import Entrepreneur
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.tables import STAGES, Cohort, Enrolment


@dataclass(frozen=True)
class EnrolledPerson:
    """One person of a cohort, or in none yet. `reason` is a code of the steps' reasons, or what an imported file said."""

    entrepreneur_id: int
    study_id: str
    stage: str
    stage_on: dt.date | None
    reason: str | None


@dataclass(frozen=True)
class Step:
    """One dated move of a person, as it was recorded."""

    from_stage: str | None
    to_stage: str
    cohort_code: str | None
    stepped_on: dt.date
    reason: str
    note: str
    account: str


def list_people_of(db: Session, programme_id: int, cohort_id: int | None) -> dict[str, list[EnrolledPerson]]:
    """Return the people of a cohort by stage, of `None` those who are in none yet; the waiting ones in the order of the list."""
    found = (
        select(Entrepreneur.id, Entrepreneur.study_id, Enrolment.stage, Enrolment.stage_on, Enrolment.reason)
        .join(Enrolment, Enrolment.entrepreneur_id == Entrepreneur.id)
        .where(Enrolment.programme_id == programme_id, _in_cohort(cohort_id))
    )
    lines = [EnrolledPerson(*row) for row in db.execute(found.order_by(Entrepreneur.study_id))]
    place = {person: number for number, person in enumerate(list_waiting(db, programme_id, cohort_id))}
    lines.sort(key=lambda line: place.get(line.entrepreneur_id, -1))
    return {stage: [line for line in lines if line.stage == stage] for stage in STAGES}


def list_waiting(db: Session, programme_id: int, cohort_id: int | None) -> list[int]:
    """Return the keys of the people on a cohort's waiting list, or waiting for any, in their order: by day, then as they were put on."""
    put_on = select(EnrolmentStep.enrolment_id, func.max(EnrolmentStep.id).label("step"))
    latest = put_on.where(EnrolmentStep.to_stage == "waitlisted").group_by(EnrolmentStep.enrolment_id).subquery()
    waiting = (
        select(Enrolment.entrepreneur_id)
        .outerjoin(latest, latest.c.enrolment_id == Enrolment.id)
        .where(Enrolment.programme_id == programme_id, Enrolment.stage == "waitlisted", _in_cohort(cohort_id))
        .order_by(Enrolment.stage_on, latest.c.step, Enrolment.id)
    )
    return list(db.scalars(waiting))


def _in_cohort(cohort_id: int | None) -> ColumnElement[bool]:
    return Enrolment.cohort_id.is_(None) if cohort_id is None else Enrolment.cohort_id == cohort_id


def count_stages(db: Session, programme_id: int) -> dict[int | None, dict[str, int]]:
    """Return how many people stand at each stage, by the key of their cohort; None for those in none."""
    rows = select(Enrolment.cohort_id, Enrolment.stage, func.count()).where(Enrolment.programme_id == programme_id)
    counts: dict[int | None, dict[str, int]] = {}
    for cohort, stage, count in db.execute(rows.group_by(Enrolment.cohort_id, Enrolment.stage)):
        counts.setdefault(cohort, {})[stage] = count
    return counts


def list_steps_of(db: Session, programme_id: int, entrepreneur_id: int) -> list[Step]:
    """Return all steps of a person in a programme's training, the first one first."""
    rows = (
        select(
            EnrolmentStep.from_stage, EnrolmentStep.to_stage, Cohort.code, EnrolmentStep.stepped_on, EnrolmentStep.reason,
            EnrolmentStep.note, EnrolmentStep.account,
        )
        .join(Enrolment, Enrolment.id == EnrolmentStep.enrolment_id)
        .outerjoin(Cohort, Cohort.id == EnrolmentStep.cohort_id)
        .where(Enrolment.programme_id == programme_id, Enrolment.entrepreneur_id == entrepreneur_id)
        .order_by(EnrolmentStep.id)
    )  # fmt: skip
    return [Step(*row) for row in db.execute(rows)]


def list_without_consent(db: Session, programme_id: int, people: Collection[int], *days: dt.date) -> set[int]:
    """Return which of some people have no consent to the training that holds on every one of the days."""
    lacking: set[int] = set()
    for day in days:
        lacking |= set(people) - set(db.scalars(consenting_people(programme_id, "training", day)))
    return lacking


def people_who_left(programme_id: int) -> Select[int]:
    """Select the keys of the people who left a programme."""
    return select(ProgrammeExit.entrepreneur_id).where(ProgrammeExit.programme_id == programme_id)
