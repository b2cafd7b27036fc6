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
    """A group trained together, or the comparison group, which has no training dates.

    Someone has completed the training when they were there for `completion_share` of the planned minutes; the share is fixed once the
    training has begun.
    """

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
    name_ko: Mapped[str] = mapped_column(String(80), default="", server_default="")
    name_en: Mapped[str] = mapped_column(String(80), default="", server_default="")
    capacity: Mapped[int | None]


class Trainer(Base):
    """A trainer, by code: trainers come from the same community and are protected alike.

    `programme_id` is the programme whose register they stand in; sessions and the account's memberships may lead them to others.
    """

    __tablename__ = "trainers"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programmes.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    certified_on: Mapped[dt.date | None]
    certificate: Mapped[str] = mapped_column(String(80), default="", server_default="")
    left_on: Mapped[dt.date | None]


class Enrolment(Base):
    """An entrepreneur's place in a programme's training: one cohort each, none before one is found.

    The stage is the last of the steps in `enrolment_steps`.
    """

    __tablename__ = "enrolments"
    __table_args__ = (UniqueConstraint("programme_id", "entrepreneur_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    cohort_id: Mapped[int | None] = mapped_column(ForeignKey("cohorts.id"), index=True)
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    stage: Mapped[str] = mapped_column(String(12))
    stage_on: Mapped[dt.date | None]
    reason: Mapped[str | None] = mapped_column(String(200))


class TrainingSession(Base):
    """One meeting of a cohort on one module.

    `held_on` is the day it is planned for, or was held on; `starts_at` the planned beginning; `began_at` and `ended_at` what happened.
    `make_up_of_id` is the session whose absentees it makes up for. The note may hold anything a trainer hears, so it is sealed.
    """

    __tablename__ = "sessions"
    __table_args__ = (UniqueConstraint("cohort_id", "number"), CheckConstraint("planned_minutes > 0", name="some_minutes"))

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohorts.id"))
    lead_trainer_id: Mapped[int] = mapped_column(ForeignKey("trainers.id"), index=True)
    number: Mapped[int]
    module: Mapped[str] = mapped_column(String(40))
    held_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(String(12))
    planned_minutes: Mapped[int]
    starts_at: Mapped[dt.datetime | None]
    began_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
    place: Mapped[str] = mapped_column(String(80), default="", server_default="")
    state_reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    make_up_of_id: Mapped[int | None] = mapped_column(ForeignKey("sessions.id"), index=True)
    materials_version: Mapped[str] = mapped_column(String(40), default="", server_default="")
    note_sealed: Mapped[str | None]


class Attendance(Base):
    """Whether one person came to one session, and for how many minutes.

    `version` counts the changes: whoever marks says which version they saw, so that two trainers cannot overwrite each other unseen.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("session_id", "entrepreneur_id"),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(12))
    minutes: Mapped[int]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    recorded_by: Mapped[str] = mapped_column(String(20), default="", server_default="")
    recorded_at: Mapped[dt.datetime | None]
    note_sealed: Mapped[str | None]
