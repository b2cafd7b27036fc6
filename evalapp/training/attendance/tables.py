"""Marks as they arrived from the trainers' devices."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class AttendanceTap(Base):
    """One mark as a device sent it. `key` is made by the device, so that a mark sent twice counts once.

    `seen_version` is the version of the attendance that the trainer saw. A mark on an older version than the one stored, with
    another status or other minutes, is a conflict: it changes nothing until somebody settles it. `version` is the one that a mark
    made; a mark that changed nothing made none. A mark without a status took one away. `outcome` is taken, conflict or settled.
    """

    __tablename__ = "attendance_taps"
    __table_args__ = (Index("ix_attendance_taps_person", "session_id", "entrepreneur_id"),)

    key: Mapped[str] = mapped_column(String(64), unique=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    status: Mapped[str | None] = mapped_column(String(12))
    minutes: Mapped[int | None]
    seen_version: Mapped[int]
    version: Mapped[int | None]
    outcome: Mapped[str] = mapped_column(String(10))
    account: Mapped[str] = mapped_column(String(20))
    tapped_at: Mapped[dt.datetime]
    received_at: Mapped[dt.datetime]
