"""Invitations, the messages that carried them, and how long the screens of their answering were open."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

INVITATION_STATES = ("planned", "sent", "opened", "submitted", "refused", "cancelled")
SECOND_SECRETS = ("birth_year", "one_time_code")
MESSAGE_KINDS = ("invitation", "reminder", "code", "receipt")


class OfWave(Protocol):
    """Whatever is of one person in one wave: an invitation, a form on paper."""

    @property
    def wave_id(self) -> int:
        """The wave's key."""

    @property
    def entrepreneur_id(self) -> int:
        """The person's key."""


class Invitation(Base):
    """One person asked in one wave, in a window of their own. The link's token is kept as a hash, and sealed to be sent again.

    `secret_index` is the blind index of the second secret; `disposition` the final outcome in AAPOR's families, once there is one.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("wave_id", "entrepreneur_id"),
        CheckConstraint("closes_on >= opens_on", name="closes_after_opens"),
    )

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    opens_on: Mapped[dt.date]
    due_on: Mapped[dt.date]
    closes_on: Mapped[dt.date]
    state: Mapped[str] = mapped_column(String(12), default="planned")
    language: Mapped[str] = mapped_column(String(2), default="ko")
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_sealed: Mapped[str | None]
    second_secret: Mapped[str] = mapped_column(String(16), default="birth_year")
    secret_index: Mapped[str | None] = mapped_column(String(64))
    secret_expires_at: Mapped[dt.datetime | None]
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    opened_at: Mapped[dt.datetime | None]
    disposition: Mapped[str | None] = mapped_column(String(8))
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]


class InvitationMessage(Base):
    """One message sent, or tried: never its words, which hold the link."""

    __tablename__ = "invitation_messages"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str] = mapped_column(String(12))
    fault: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[dt.datetime]


class ScreenVisit(Base):
    """How long one screen was open and how many of its answers were changed when it was left."""

    __tablename__ = "screen_visits"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), index=True)
    screen: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[dt.datetime]
    seconds: Mapped[float]
    changed: Mapped[int] = mapped_column(default=0)
