"""Add and change cohorts. What people rely on once the training has begun stays as it was said."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.training.cohorts.queries import count_places_taken, find_cohort, has_been_taught, has_begun, is_in_use
from evalapp.training.tables import Cohort, TrainingSession

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
RESERVED: Final = ("new", "stages", "applicants")  # pages beside those of cohorts


@dataclass(frozen=True)
class CohortDetails:
    """A cohort as it is planned. `completion_share` is the share of the planned minutes that completes the training."""

    arm: str
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    capacity: int | None = None
    completion_share: float = 0.8
    name_ko: str = ""
    name_en: str = ""


class RefusedCohort(AppError):  # noqa: N818 - what it is, in words
    """A cohort that cannot be so; `field` names what is wrong."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


def add_cohort(db: Session, programme: Programme, code: str, details: CohortDetails) -> Cohort:
    """Add a cohort, or raise RefusedCohort."""
    if not CODE.fullmatch(code) or code.lower() in RESERVED:
        raise RefusedCohort(
            "code", Message("A cohort's code has Latin letters, digits, _ and -, at most 20 of them, such as PI-3.")
        )
    if find_cohort(db, programme.id, code):
        raise RefusedCohort("code", Message("There is a cohort with this code already. Choose another."))
    _check(details)
    cohort = Cohort(programme_id=programme.id, code=code, **asdict(details))
    db.add(cohort)
    db.flush()
    record_entry(db, "cohort_added", "cohort", cohort.code, after=_recorded(cohort))
    return cohort


def change_cohort(db: Session, cohort: Cohort, details: CohortDetails) -> None:
    """Change a cohort, or raise RefusedCohort: its rule stays once it has begun, its arm once people or sessions are in it."""
    db.scalars(select(Cohort).where(Cohort.id == cohort.id).with_for_update().execution_options(populate_existing=True)).one()
    _check(details)
    _keep_what_is_fixed(db, cohort, details)
    _keep_places(db, cohort, details)
    _keep_sessions(db, cohort, details)
    before = _recorded(cohort)
    for name, value in asdict(details).items():
        setattr(cohort, name, value)
    db.flush()
    if before != _recorded(cohort):
        record_entry(db, "cohort_changed", "cohort", cohort.code, before=before, after=_recorded(cohort))


def _recorded(cohort: Cohort) -> dict[str, object]:
    return {name: getattr(cohort, name) for name in ("arm", "starts_on", "ends_on", "capacity", "completion_share")}


def _check(details: CohortDetails) -> None:
    if details.arm == "treatment":
        for name in ("starts_on", "ends_on"):
            if getattr(details, name) is None:
                raise RefusedCohort(name, Message("A cohort that is trained needs its first and its last day of training."))
    elif details.starts_on or details.ends_on:
        raise RefusedCohort("starts_on", Message("Only a cohort that is trained has days of training. Empty them."))
    if details.starts_on and details.ends_on and details.ends_on < details.starts_on:
        raise RefusedCohort("ends_on", Message("The training ends before it starts."))
    if not 0 < details.completion_share <= 1:
        raise RefusedCohort("completion_share", Message("The share lies above 0 and is at most 100 percent."))
    if bool(details.name_ko) != bool(details.name_en):
        field = "name_ko" if details.name_en else "name_en"
        raise RefusedCohort(field, Message("Write the name in both languages, or in neither."))


def _keep_what_is_fixed(db: Session, cohort: Cohort, details: CohortDetails) -> None:
    begun = has_begun(db, cohort)
    if begun and details.completion_share != cohort.completion_share:
        raise RefusedCohort(
            "completion_share",
            Message(
                "The training has begun, so the rule by which it is completed cannot change any more: it was fixed beforehand."
            ),
        )
    if begun and details.starts_on != cohort.starts_on and has_been_taught(db, cohort):
        raise RefusedCohort("starts_on", Message("Sessions have been held or people are in training, so the first day stays."))
    if details.arm != cohort.arm and is_in_use(db, cohort):
        raise RefusedCohort("arm", Message("People or sessions are in this cohort, so it stays what it is. Add another cohort."))


def _keep_places(db: Session, cohort: Cohort, details: CohortDetails) -> None:
    taken = count_places_taken(db, cohort.id)
    if details.capacity is not None and details.capacity < taken:
        raise RefusedCohort(
            "capacity", Message("People who have a place already: %(taken)s. There cannot be fewer places.", taken=taken)
        )


def _keep_sessions(db: Session, cohort: Cohort, details: CohortDetails) -> None:
    """Refuse days of training that would leave out a session that stands."""
    standing = TrainingSession.cohort_id == cohort.id, TrainingSession.state != "cancelled"
    first, last = db.execute(select(func.min(TrainingSession.held_on), func.max(TrainingSession.held_on)).where(*standing)).one()
    if first and details.starts_on and details.starts_on != cohort.starts_on and first < details.starts_on:
        raise RefusedCohort("starts_on", Message("A session is on %(date)s. Move it first.", date=first))
    if last and details.ends_on and details.ends_on != cohort.ends_on and last > details.ends_on:
        raise RefusedCohort("ends_on", Message("A session is on %(date)s. Move it first.", date=last))
