"""Reads of what sessions delivered: their checklists, homework, and how they were rated."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.fingerprint import sha256_of
from evalapp.training.curricula.tables import Module, ModuleItem
from evalapp.training.fidelity.measures import Adherence, Rating
from evalapp.training.fidelity.tables import ChecklistMark, Homework, SessionRating
from evalapp.training.sessions.tables import SessionTrainer
from evalapp.training.tables import Cohort, Trainer, TrainingSession


@dataclass(frozen=True)
class ChecklistLine:
    """One item that a session was to bring; `mark` is None until somebody has said whether it did."""

    item: ModuleItem
    mark: ChecklistMark | None


def get_checklist(db: Session, session: TrainingSession) -> list[ChecklistLine]:
    """Return the items of a session in their order: those it was marked by or, before that, those that its module has now.

    So an item that is added to the module later is not missing from the sessions before.
    """
    programme = select(Cohort.programme_id).where(Cohort.id == session.cohort_id).scalar_subquery()
    of_module = (
        select(ModuleItem, ChecklistMark)
        .join(Module, Module.id == ModuleItem.module_id)
        .outerjoin(ChecklistMark, (ChecklistMark.item_id == ModuleItem.id) & (ChecklistMark.session_id == session.id))
        .where(Module.programme_id == programme, Module.code == session.module)
        .order_by(ModuleItem.position, ModuleItem.id)
    )
    lines = [ChecklistLine(item, mark) for item, mark in db.execute(of_module)]
    marked = [line for line in lines if line.mark is not None]
    return marked or [line for line in lines if line.item.is_active]


def get_homework(db: Session, session: TrainingSession) -> dict[int, bool]:
    """Return who handed in the homework of a session and who did not, by person; of whom nothing is known is left out."""
    rows = select(Homework.entrepreneur_id, Homework.was_handed_in).where(Homework.session_id == session.id)
    return dict(db.execute(rows).all())


def state_of_delivery(db: Session, session: TrainingSession) -> str:
    """Return what stands for all that is recorded of a session's delivery; it differs as soon as any of it does."""
    marks = [
        (line.item.code, line.mark.was_delivered, line.mark.adaptation, line.mark.reason)
        for line in get_checklist(db, session)
        if line.mark is not None
    ]
    facts = (session.module, session.materials_version, marks, sorted(get_homework(db, session).items()))
    return sha256_of(repr(facts).encode())[:16]


def find_role(db: Session, viewer: Viewer, session: TrainingSession) -> str | None:
    """Return as what an account records a session: `trainer` who teaches it, `observer`, as which officers count; None for others."""
    own = select(Trainer.id).where(Trainer.account_id == viewer.account_id)
    if session.lead_trainer_id in set(db.scalars(own)):
        return "trainer"
    helps = select(SessionTrainer.role).where(SessionTrainer.session_id == session.id, SessionTrainer.trainer_id.in_(own))
    role = db.scalar(helps)
    if role is not None:
        return "observer" if role == "observer" else "trainer"
    return "observer" if viewer.may("cohort.manage") else None


def remark_context(rating_id: int) -> str:
    """Return the context in which the remark of a rating is sealed."""
    return f"session_rating:{rating_id}:remark"


@dataclass(frozen=True)
class RatingLine:
    """A rating of a session, with its remark in clear."""

    role: str
    engagement: int
    quality: int
    remark: str
    account: str
    rated_at: dt.datetime


def list_ratings(db: Session, session: TrainingSession) -> list[RatingLine]:
    """Return every rating of a session, the trainers' first."""
    rows = select(SessionRating).where(SessionRating.session_id == session.id)
    return [_line(db, row) for row in db.scalars(rows.order_by(SessionRating.role.desc(), SessionRating.id))]


def find_rating(db: Session, session: TrainingSession, account: str) -> RatingLine | None:
    """Return an account's own rating of a session, or None."""
    row = db.scalar(select(SessionRating).where(SessionRating.session_id == session.id, SessionRating.account == account))
    return _line(db, row) if row else None


def _line(db: Session, row: SessionRating) -> RatingLine:
    remark = keys_of(db).open(row.remark_sealed, remark_context(row.id)) if row.remark_sealed else ""
    return RatingLine(row.role, row.engagement, row.quality, remark, row.account, row.rated_at)


def list_ratings_of_cohort(db: Session, cohort: Cohort) -> dict[int, list[Rating]]:
    """Return the ratings of a cohort's sessions without their remarks, by session; those of cancelled ones do not count."""
    rows = (
        select(SessionRating.session_id, SessionRating.role, SessionRating.engagement, SessionRating.quality)
        .join(TrainingSession, TrainingSession.id == SessionRating.session_id)
        .where(TrainingSession.cohort_id == cohort.id, TrainingSession.state != "cancelled")
        .order_by(SessionRating.id)
    )
    found: defaultdict[int, list[Rating]] = defaultdict(list)
    for session, role, engagement, quality in db.execute(rows):
        found[session].append(Rating(role, engagement, quality))
    return dict(found)


def list_adherence(db: Session, cohort: Cohort) -> Mapping[int, Adherence]:
    """Return how much of its checklist each session of a cohort brought, by session; one without a checklist is left out."""
    rows = (
        select(TrainingSession.id, ChecklistMark.was_delivered, ChecklistMark.adaptation)
        .join(ChecklistMark, ChecklistMark.session_id == TrainingSession.id)
        .join(ModuleItem, ModuleItem.id == ChecklistMark.item_id)
        .join(Module, Module.id == ModuleItem.module_id)
        .where(TrainingSession.cohort_id == cohort.id, TrainingSession.state == "held", Module.code == TrainingSession.module)
    )
    marks: defaultdict[int, list[tuple[bool, str | None]]] = defaultdict(list)
    for session, delivered, adaptation in db.execute(rows):
        marks[session].append((delivered, adaptation))
    return {session: measure(theirs) for session, theirs in marks.items()}


def measure(marks: Sequence[tuple[bool, str | None]]) -> Adherence:
    """Count the marks of one checklist, each as (delivered, adaptation)."""
    changed = sum(delivered and adaptation is not None for delivered, adaptation in marks)
    return Adherence(sum(delivered for delivered, _ in marks), len(marks), changed)
