"""Contact attempts with their outcome, and exits from a programme with their reason."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

CHANNELS = ("phone", "kakaotalk", "sms", "email", "visit")
OUTCOMES = (
    "complete", "partial_cut_off", "partial_refused", "appointment", "no_answer", "not_available", "switched_off", "network_failure",
    "unreachable", "invalid_number", "wrong_person", "refused", "message_sent",
)  # fmt: skip
EXIT_REASONS = ("withdrawn", "moved", "unreachable", "ineligible", "died")


class ContactAttempt(Base):
    """One try at reaching a person. The note may hold anything a caller hears, so it is sealed like an identity.

    `key` is made by the client, so that a form sent twice counts once.
    """

    __tablename__ = "contact_attempts"
    __table_args__ = (Index("ix_contact_attempts_person", "programme_id", "entrepreneur_id", "at"),)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"))
    at: Mapped[dt.datetime]
    channel: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(20))
    next_on: Mapped[dt.date | None]
    note_sealed: Mapped[str | None]
    account: Mapped[str] = mapped_column(String(20))


class ProgrammeExit(Base):
    """A person has left a programme, for a reason that is not the same as a withdrawn consent."""

    __tablename__ = "programme_exits"
    __table_args__ = (UniqueConstraint("programme_id", "entrepreneur_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(12))
    left_on: Mapped[dt.date]
    account: Mapped[str] = mapped_column(String(20))
