"""Cohorts, who teaches them, who is in them, their sessions and who came."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

ARMS = ("treatment", "waitlist", "comparison")
STAGES = ("applied", "declined", "waitlisted", "enrolled", "active", "completed", "withdrawn")
SESSION_STATES = ("planned", "held", "cancelled", "rescheduled")
ATTENDANCE = ("present", "late", "left_early", "excused", "unexcused")
ATTENDED = ("present", "late", "left_early")


class Cohort(Base):
    """A group trained together, or the comparison group, which has no training dates."""

    __tablename__ = "cohorts"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        CheckConstraint("(arm = 'treatment') = (starts_on is not null)", name="treatment_has_start"),
        CheckConstraint("ends_on is null or ends_on >= starts_on", name="ends_after_start"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    code: Mapped[str] = mapped_column(String(20))
    arm: Mapped[str] = mapped_column(String(12))
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]
    completion_share: Mapped[float] = mapped_column(default=0.8)


class Trainer(Base):
    """A trainer, by code: trainers come from the same community and are protected alike."""

    __tablename__ = "trainers"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), unique=True)


class Enrolment(Base):
    """An entrepreneur in a cohort of a programme, one cohort each."""

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("programme_id", "entrepreneur_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"), index=True)
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(12))
    stage_on: Mapped[dt.date | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class TrainingSession(Base):
    """One meeting of a cohort on one module."""

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("cohort_id", "number"), CheckConstraint("planned_minutes > 0", name="some_minutes"))

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    lead_trainer_id: Mapped[int] = mapped_column(ForeignKey("trainers.id"), index=True)
    number: Mapped[int]
    module: Mapped[str] = mapped_column(String(40))
    held_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(String(12))
    planned_minutes: Mapped[int]


class Attendance(Base):
    """Whether one person came to one session, and for how many minutes."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "entrepreneur_id"),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
