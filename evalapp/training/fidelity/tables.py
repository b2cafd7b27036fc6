"""Checklists, ratings of sessions, and ratings of people's personal initiative."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

RATER_ROLES = ("trainer", "observer")
TRAITS = ("self_starting", "future_thinking", "overcoming_barriers")
OCCASIONS = ("start", "end")
ADAPTATIONS = ("shortened", "lengthened", "replaced", "reordered", "left_out", "added")
LOWEST, HIGHEST = 1, 5


class ChecklistMark(Base):
    """Whether one planned item of a module was brought in a session, and if it was changed, how and why."""

    __tablename__ = "checklist_marks"
    __table_args__ = (UniqueConstraint("session_id", "item_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    item_id: Mapped[int] = mapped_column(ForeignKey("module_items.id"), index=True)
    was_delivered: Mapped[bool]
    adaptation: Mapped[str | None] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(200), default="")
    account: Mapped[str] = mapped_column(String(20))
    marked_at: Mapped[dt.datetime]


class SessionRating(Base):
    """How one rater saw a session, each from 1 to 5; the remark is sealed."""

    __tablename__ = "session_ratings"
    __table_args__ = (
        UniqueConstraint("session_id", "account"),
        CheckConstraint("engagement between 1 and 5 and quality between 1 and 5", name="one_to_five"),
    )

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(10))
    engagement: Mapped[int]
    quality: Mapped[int]
    remark_sealed: Mapped[str | None]
    account: Mapped[str] = mapped_column(String(20))
    rated_at: Mapped[dt.datetime]


class TraitRating(Base):
    """How a trainer rates one trait of one person, from 1 to 5, at the start or the end of the training."""

    __tablename__ = "trait_ratings"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "trait", "occasion", "account"),
        CheckConstraint("rating between 1 and 5", name="one_to_five"),
    )

    enrolment_id: Mapped[int] = mapped_column(ForeignKey("enrolments.id", ondelete="CASCADE"))
    trait: Mapped[str] = mapped_column(String(20))
    occasion: Mapped[str] = mapped_column(String(6))
    rating: Mapped[int]
    account: Mapped[str] = mapped_column(String(20))
    rated_at: Mapped[dt.datetime]


class Homework(Base):
    """Whether someone handed in what a session gave them to do."""

    __tablename__ = "homework"
    __table_args__ = (UniqueConstraint("session_id", "entrepreneur_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    was_handed_in: Mapped[bool]
    account: Mapped[str] = mapped_column(String(20))
    marked_at: Mapped[dt.datetime]
