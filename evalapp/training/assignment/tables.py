"""Assignments: their pool, their procedure, their draw or the decision, and everyone's place."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

KINDS = ("randomised", "decided")
METHODS = ("complete", "stratified", "blocked", "clustered")
STATES = ("draft", "pool_frozen", "locked")


class Assignment(Base):
    """How the people of a pool got to a training cohort and to the group they are compared with.

    `procedure` is the JSON from which the draw is replayed: units in their order, strata, clusters, numbers, covariates and balance
    criterion; `procedure_sha256` its fingerprint. A locked assignment is never changed; one that had to be repeated is `replaced_by_id`.
    """

    __tablename__ = "assignments"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("(state = 'locked') = (locked_at is not null)", name="locked_has_instant"),
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
    seed: Mapped[int | None]
    software: Mapped[str | None] = mapped_column(String(120))
    record: Mapped[str | None]
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    locked_by: Mapped[str | None] = mapped_column(String(20))
    locked_at: Mapped[dt.datetime | None]
    replaced_by_id: Mapped[int | None] = mapped_column(ForeignKey("assignments.id"))


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
