"""What must hold of a planned session: within the cohort's days, at a time of its own, with a trainer who is free and still there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import and_, not_, or_, select
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Cohort, Trainer, TrainingSession

LONGEST_MINUTES = 720
STANDING = ("planned", "rescheduled", "held")


class RefusedSession(AppError):  # noqa: N818 - read as a sentence where it is raised
    """A session cannot stand as asked; `field` is the form's field to mend."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class SessionPlan:
    """A session as it is planned: on a day, from a time of day in Seoul (None where nobody said), for minutes, led by a trainer."""

    held_on: dt.date
    starts: dt.time | None
    minutes: int
    module: str
    trainer: Trainer
    place: str = ""

    @property
    def starts_at(self) -> dt.datetime | None:
        """Return the beginning as an instant."""
        return dt.datetime.combine(self.held_on, self.starts, SEOUL) if self.starts else None


def check_session(db: Session, cohort: Cohort, plan: SessionPlan, *, but: int | None = None) -> None:
    """Refuse a plan that cannot stand with RefusedSession. `but` is the session that is being changed."""
    if cohort.starts_on is None:
        raise RefusedSession("held_on", Message("This cohort has no training dates, so it has no sessions. Mend the cohort."))
    if not cohort.starts_on <= plan.held_on <= (cohort.ends_on or dt.date.max):
        facts = {"date": plan.held_on, "start": cohort.starts_on, "end": cohort.ends_on}
        raise RefusedSession("held_on", Message("%(date)s lies outside the cohort's training from %(start)s to %(end)s.", **facts))
    if not 0 < plan.minutes <= LONGEST_MINUTES:
        raise RefusedSession("minutes", Message("A session lasts from 1 to %(most)s minutes.", most=LONGEST_MINUTES))
    check_trainer(db, cohort.id, plan, but=but)


def check_trainer(db: Session, cohort_id: int, plan: SessionPlan, *, but: int | None) -> None:
    """Refuse a plan whose trainer is not there any more, or whose time the trainer or the cohort has given to another session."""
    code = plan.trainer.code
    if plan.trainer.left_on is not None and plan.trainer.left_on <= plan.held_on:
        raise RefusedSession("trainer", Message("Trainer %(code)s has left by %(date)s.", code=code, date=plan.held_on))
    # Two schedules that want the same trainer wait for each other.
    db.scalar(select(Trainer.id).where(Trainer.id == plan.trainer.id).with_for_update())
    for other in _on_the_same_day(db, cohort_id, plan):
        if other.id == but or not _overlaps(plan, other, cohort_id):
            continue
        clash = {"date": plan.held_on, "number": other.number, "code": code}
        if other.cohort_id == cohort_id:
            raise RefusedSession("held_on", Message("Session %(number)s of this cohort is at that time on %(date)s.", **clash))
        raise RefusedSession("trainer", Message("Trainer %(code)s teaches another cohort at that time on %(date)s.", **clash))


def plan_as_it_stands(session: TrainingSession, trainer: Trainer) -> SessionPlan:
    """Return the plan of a session, as a trainer would lead it."""
    starts = session.starts_at.astimezone(SEOUL).time() if session.starts_at else None
    return SessionPlan(session.held_on, starts, session.planned_minutes, session.module, trainer, session.place)


def _on_the_same_day(db: Session, cohort_id: int, plan: SessionPlan) -> list[TrainingSession]:
    """Return the other sessions of the cohort or of the trainer on the day, the day before's that reach into it left out."""
    beside = select(SessionTrainer.session_id)
    led_by_another = TrainingSession.id.in_(beside.where(SessionTrainer.role == "substitute"))
    theirs = or_(
        TrainingSession.cohort_id == cohort_id,
        and_(TrainingSession.lead_trainer_id == plan.trainer.id, not_(led_by_another)),
        TrainingSession.id.in_(beside.where(SessionTrainer.trainer_id == plan.trainer.id)),
    )
    same_day = TrainingSession.held_on == plan.held_on, TrainingSession.state.in_(STANDING)
    return list(db.scalars(select(TrainingSession).where(theirs, *same_day).order_by(TrainingSession.number)))


def _overlaps(plan: SessionPlan, other: TrainingSession, cohort_id: int) -> bool:
    """Say whether two sessions of a day meet; without both times, only two of one cohort do of which neither has a time."""
    if plan.starts_at is None or other.starts_at is None:
        return plan.starts_at is None and other.starts_at is None and other.cohort_id == cohort_id
    ends, other_ends = (
        start + dt.timedelta(minutes=m) for start, m in ((plan.starts_at, plan.minutes), (other.starts_at, other.planned_minutes))
    )
    return plan.starts_at < other_ends and other.starts_at < ends
