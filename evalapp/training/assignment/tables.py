"""Assignments: their pool, their procedure, their draw or the decision, and everyone's place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Connection, ForeignKey, String, UniqueConstraint, event, inspect, select
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from evalapp.core.db import Base
from evalapp.core.errors import AppError
from evalapp.core.language import Message

KINDS = ("randomised", "decided")
METHODS = ("complete", "stratified", "blocked", "clustered")
STATES = ("draft", "pool_frozen", "locked")


class Assignment(Base):
    """How the people of a pool got to a training cohort and to the group they are compared with.

    `procedure` is the JSON from which the draw is replayed: units in their order, strata, clusters, numbers, covariates and balance
    criterion; `procedure_sha256` its fingerprint. `record` is JSON too: what was found at the moment of locking, everyone's arm
    among it. A locked assignment is never changed; one that had to be repeated is `replaced_by_id`, and the new one says why in
    `replacement_reason`.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("(state = 'locked') = (locked_at is not null)", name="locked_has_instant"),
        CheckConstraint("(state = 'locked') = (record is not null)", name="locked_has_record"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    code: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(12))
    method: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    criteria: Mapped[str] = mapped_column(String(1000))
    decided_by: Mapped[str] = mapped_column(String(120), default="")
    treatment_cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"))
    control_cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"))
    procedure: Mapped[str | None]
    procedure_sha256: Mapped[str | None] = mapped_column(String(64))
    pool_sha256: Mapped[str | None] = mapped_column(String(64))
    pool_frozen_at: Mapped[dt.datetime | None]
    seed: Mapped[int | None] = mapped_column(BigInteger)
    software: Mapped[str | None] = mapped_column(String(120))
    record: Mapped[str | None]
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    locked_by: Mapped[str | None] = mapped_column(String(20))
    locked_at: Mapped[dt.datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))
    replacement_reason: Mapped[str] = mapped_column(String(400), default="", server_default="")


class AssignmentMember(Base):
    """One person of an assignment's pool: eligible or why not, stratum and cluster, place on the waiting list, and the arm."""

    __tablename__ = "assignment_members"
    __table_args__ = (UniqueConstraint("assignment_id", "entrepreneur_id"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id", ondelete="CASCADE"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    is_eligible: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(200), default="")
    stratum: Mapped[str] = mapped_column(String(120), default="")
    cluster: Mapped[str] = mapped_column(String(60), default="")
    position: Mapped[int | None]
    arm: Mapped[str | None] = mapped_column(String(12))


LATER = {"replaced_by_id"}  # what may still be written into a locked assignment


@event.listens_for(Assignment, "before_update")
@event.listens_for(Assignment, "before_delete")
@event.listens_for(AssignmentMember, "before_update")
@event.listens_for(AssignmentMember, "before_delete")
def refuse_locked(_mapper: Mapper[Base], connection: Connection, row: Assignment | AssignmentMember) -> None:
    """Refuse whatever would change or delete an assignment that is locked in the database, or a member of one."""
    key = row.id if isinstance(row, Assignment) else row.assignment_id
    stored = connection.scalar(select(Assignment.__table__.c.state).where(Assignment.__table__.c.id == key))
    state: Any = inspect(row)
    changed = {attribute.key for attribute in state.attrs if attribute.history.has_changes()}
    harmless = bool(changed) and changed <= LATER
    if stored == "locked" and not harmless:
        raise AppError(Message("This assignment is locked: nothing in it can be changed or deleted."))
