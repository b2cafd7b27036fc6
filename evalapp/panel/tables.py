"""Frozen panels."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class PanelSnapshot(Base):
    """One frozen panel: the rows as compressed canonical CSV, their SHA-256, and the flow of people that led to them as JSON."""

    __tablename__ = "panel_snapshots"
    __table_args__ = (UniqueConstraint("programme_id", "sha256"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    flow: Mapped[str]
    rows: Mapped[int]
    people: Mapped[int]
    frozen_at: Mapped[dt.datetime]
