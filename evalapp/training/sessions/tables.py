"""Who teaches a session, days without training, and calendars to subscribe to."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

TRAINER_ROLES = ("co_trainer", "substitute", "observer")


class SessionTrainer(Base):
    """Someone beside the lead trainer of a session: a co-trainer, a substitute who leads it instead, or an observer."""

    __tablename__ = "session_trainers"
    __table_args__ = (UniqueConstraint("session_id", "trainer_id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainers.id"), index=True)
    role: Mapped[str] = mapped_column(String(12))


class SessionChange(Base):
    """One change of a session's plan: moved, cancelled, another trainer; from what to what, by whom and why."""

    __tablename__ = "session_changes"
    __table_args__ = (Index("ix_session_changes_session", "session_id", "id"),)

    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(12))
    before: Mapped[str] = mapped_column(String(80))
    after: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(200))
    account: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[dt.datetime]


class ClosedDay(Base):
    """A day on which a programme does not train, beside the public holidays."""

    __tablename__ = "closed_days"
    __table_args__ = (UniqueConstraint("programme_id", "closed_on"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    closed_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(String(120))


class CalendarFeed(Base):
    """A secret address under which a trainer's calendar is read by a calendar program, which cannot sign in."""

    __tablename__ = "calendar_feeds"

    trainer_id: Mapped[int] = mapped_column(ForeignKey("trainers.id"), index=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[dt.datetime]
    last_read_at: Mapped[dt.datetime | None]
    ended_at: Mapped[dt.datetime | None]
