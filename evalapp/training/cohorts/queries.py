"""Reads of cohorts and trainers, for the one who plans them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account, RoleGrant
from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import ProgrammeMember
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession

PLACES = ("enrolled", "active", "completed")
BEGUN = ("active", "completed")


def list_cohorts(db: Session, programme_id: int) -> Sequence[Cohort]:
    """Return every cohort of a programme: those with training first, by their first day."""
    cohorts = select(Cohort).where(Cohort.programme_id == programme_id)
    return db.scalars(cohorts.order_by(Cohort.starts_on.is_(None), Cohort.starts_on, Cohort.code)).all()


def find_cohort(db: Session, programme_id: int, code: str) -> Cohort | None:
    """Return a cohort by its code, or None."""
    return db.scalar(select(Cohort).where(Cohort.programme_id == programme_id, Cohort.code == code))


def count_places_taken(db: Session, cohort_id: int) -> int:
    """Return how many people have a place in a cohort."""
    taken = select(func.count()).where(Enrolment.cohort_id == cohort_id, Enrolment.stage.in_(PLACES))
    return db.scalar(taken) or 0


def has_been_taught(db: Session, cohort: Cohort) -> bool:
    """Say whether a session of a cohort was held, or somebody is or was in training there."""
    held = select(TrainingSession.id).where(TrainingSession.cohort_id == cohort.id, TrainingSession.state == "held")
    begun = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id, Enrolment.stage.in_(BEGUN))
    return db.scalar(held.limit(1)) is not None or db.scalar(begun.limit(1)) is not None


def has_begun(db: Session, cohort: Cohort) -> bool:
    """Say whether a cohort's training has begun: its first day has come, or it has been taught."""
    return (cohort.starts_on is not None and cohort.starts_on <= today()) or has_been_taught(db, cohort)


def is_in_use(db: Session, cohort: Cohort) -> bool:
    """Say whether people or sessions are in a cohort."""
    people = select(Enrolment.id).where(Enrolment.cohort_id == cohort.id)
    sessions = select(TrainingSession.id).where(TrainingSession.cohort_id == cohort.id)
    return db.scalar(people.limit(1)) is not None or db.scalar(sessions.limit(1)) is not None


def list_sessions(db: Session, cohort_id: int) -> Sequence[TrainingSession]:
    """Return the sessions of a cohort in their order."""
    sessions = select(TrainingSession).where(TrainingSession.cohort_id == cohort_id)
    return db.scalars(sessions.order_by(TrainingSession.number)).all()


@dataclass(frozen=True)
class TrainerLine:
    """A trainer as the register shows them: the account's code, the certificate, and where they teach in this programme."""

    trainer: Trainer
    account: str | None
    cohorts: tuple[str, ...]
    sessions: int
    held: int

    @property
    def has_left(self) -> bool:
        """Say whether the trainer has left by today."""
        return self.trainer.left_on is not None and self.trainer.left_on <= today()


def of_programme(programme_id: int) -> ColumnElement[bool]:
    """Return what a trainer must meet to be one of a programme: stands in its register, teaches in it, or is a member by account."""
    theirs = (
        select(TrainingSession.id).join(Cohort, TrainingSession.cohort_id == Cohort.id).where(Cohort.programme_id == programme_id)
    )
    leads = select(TrainingSession.lead_trainer_id).where(TrainingSession.id.in_(theirs))
    helps = select(SessionTrainer.trainer_id).where(SessionTrainer.session_id.in_(theirs))
    return or_(
        Trainer.programme_id == programme_id,
        Trainer.id.in_(leads),
        Trainer.id.in_(helps),
        Trainer.account_id.in_(_members(programme_id)),
    )


def list_trainers(db: Session, programme_id: int, *, teaching_on: dt.date | None = None) -> list[TrainerLine]:
    """Return the trainers of a programme by code; with a day, only those who have not left by then."""
    query = select(Trainer, Account.code).outerjoin(Account, Account.id == Trainer.account_id).where(of_programme(programme_id))
    if teaching_on is not None:
        query = query.where(or_(Trainer.left_on.is_(None), Trainer.left_on > teaching_on))
    taught = _taught(db, programme_id)
    lines = []
    for trainer, account in db.execute(query.order_by(Trainer.code)):
        sessions = taught[trainer.id].values()
        cohorts = tuple(sorted({cohort for cohort, _state in sessions}))
        held = sum(state == "held" for _cohort, state in sessions)
        lines.append(TrainerLine(trainer, account, cohorts, len(sessions), held))
    return lines


def get_trainer(db: Session, programme_id: int, code: str) -> Trainer:
    """Return a trainer of a programme, or raise NotFound."""
    trainer = db.scalar(select(Trainer).where(Trainer.code == code, of_programme(programme_id)))
    if trainer is None:
        raise NotFound(Message("There is no such trainer in this programme."))
    return trainer


def find_account_code(db: Session, trainer: Trainer) -> str | None:
    """Return the code of the account that a trainer signs in with, or None."""
    return db.scalar(select(Account.code).where(Account.id == trainer.account_id))


def list_trainer_accounts(db: Session, programme_id: int) -> dict[str, int]:
    """Return the keys of the accounts that are trainers in a programme now, by their codes."""
    granted = select(RoleGrant.account_id).where(RoleGrant.role == "trainer", RoleGrant.revoked_at.is_(None))
    accounts = select(Account.code, Account.id).where(Account.id.in_(_members(programme_id)), Account.id.in_(granted))
    return {code: key for code, key in db.execute(accounts.order_by(Account.code))}  # noqa: C416 - typed pairs out of rows


def _members(programme_id: int) -> Select[int]:
    present = ProgrammeMember.programme_id == programme_id, ProgrammeMember.ended_at.is_(None)
    return select(ProgrammeMember.account_id).where(*present)


def _taught(db: Session, programme_id: int) -> defaultdict[int, dict[int, tuple[str, str]]]:
    """Return the sessions of each trainer, by key, with cohort and state: those they lead and those they help at."""
    sessions = (
        select(TrainingSession.lead_trainer_id, TrainingSession.id, Cohort.code, TrainingSession.state)
        .join(Cohort, TrainingSession.cohort_id == Cohort.id)
        .where(Cohort.programme_id == programme_id)
    )
    helped = sessions.join(SessionTrainer, SessionTrainer.session_id == TrainingSession.id)
    helped = helped.with_only_columns(SessionTrainer.trainer_id, TrainingSession.id, Cohort.code, TrainingSession.state)
    taught: defaultdict[int, dict[int, tuple[str, str]]] = defaultdict(dict)
    for query in (sessions, helped):
        for trainer, session, cohort, state in db.execute(query):
            taught[trainer][session] = cohort, state
    return taught
