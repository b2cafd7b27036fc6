"""Every step of everyone on their way through the training."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

REASONS = (
    "eligible", "drawn", "decided", "place_free", "begun", "not_eligible", "no_time", "no_interest", "work", "family", "illness",
    "moved", "rule_met", "rule_missed", "returned", "mistake", "imported", "other",
)  # fmt: skip


class EnrolmentStep(Base):
    """One dated move from a stage to the next, with its reason. Steps are added, never changed."""

    __tablename__ = "enrolment_steps"
    __table_args__ = (Index("ix_enrolment_steps_enrolment", "enrolment_id", "id"),)

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    from_stage: Mapped[str | None] = mapped_column(String(12))
    to_stage: Mapped[str] = mapped_column(String(12))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"))
    stepped_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(200), default="")
    account: Mapped[str] = mapped_column(String(20))
    recorded_at: Mapped[dt.datetime]
