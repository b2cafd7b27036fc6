"""Devices that collect answers, and what they sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

LONGEST_INSTANCE_ID = 249


class OpenRosaDevice(Base):
    """What lets one telephone or tablet of an interviewer fetch forms and send answers. The password is kept as a hash only."""

    __tablename__ = "openrosa_devices"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    username: Mapped[str] = mapped_column(String(20), unique=True)
    password_hash: Mapped[str] = mapped_column(String(64))
    account: Mapped[str] = mapped_column(String(20))
    expires_on: Mapped[dt.date]
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    revoked_by: Mapped[str | None] = mapped_column(String(20))
    revoked_at: Mapped[dt.datetime | None]
    last_used_at: Mapped[dt.datetime | None]
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]


class OpenRosaInstance(Base):
    """One filled form as a device sent it, known by its instance ID for good.

    `sha256` is that of the bytes that came. `xml_sealed` holds the form: while it waits for a person and wave to belong to, as it
    came; once placed, without what went to the vault. It goes with its submission. `root_id` is the first instance of a form that was
    edited, and `is_current` marks its newest. `state` is placed, waiting, rejected or
    replaced; `problem` says why it waits.
    """

    __tablename__ = "openrosa_instances"
    __table_args__ = (
        UniqueConstraint("programme_id", "instance_id"),
        CheckConstraint("state <> 'rejected' or reason is not null", name="rejected_with_reason"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    device_id: Mapped[int] = mapped_column(ForeignKey("openrosa_devices.id"), index=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), index=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    instance_id: Mapped[str] = mapped_column(String(LONGEST_INSTANCE_ID))
    root_id: Mapped[str] = mapped_column(String(LONGEST_INSTANCE_ID))
    deprecated_id: Mapped[str | None] = mapped_column(String(LONGEST_INSTANCE_ID))
    is_current: Mapped[bool] = mapped_column(default=True)
    sha256: Mapped[str] = mapped_column(String(64))
    xml_sealed: Mapped[str | None] = mapped_column(deferred=True)
    state: Mapped[str] = mapped_column(String(10))
    problem: Mapped[str] = mapped_column(String(24), default="")
    received_at: Mapped[dt.datetime]
    decided_by: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str | None] = mapped_column(String(400))


class OpenRosaFile(Base):
    """A file that came with a filled form: the log of its answering, without places and without answers."""

    __tablename__ = "openrosa_files"
    __table_args__ = (UniqueConstraint("instance_id", "name"),)

    instance_id: Mapped[int] = mapped_column(ForeignKey("openrosa_instances.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    content_sealed: Mapped[str]
    received_at: Mapped[dt.datetime]
