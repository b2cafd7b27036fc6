"""Reports as they were printed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

REPORT_STATES = ("draft", "in_review", "released", "withdrawn")


class Report(Base):
    """One PDF of one run in one language, kept as bytes with their SHA-256."""

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("run_id", "language", "sha256"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    pages: Mapped[int]
    composed_at: Mapped[dt.datetime]
