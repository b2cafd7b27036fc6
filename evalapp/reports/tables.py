"""Reports as they were printed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class Report(Base):
    """One PDF of one run in one language, kept as bytes with their SHA-256.

    Accounts are named by code. A released report is a row of its own: its bytes say that it is released.
    """

    __tablename__ = "reports"
    __table_args__ = (UniqueConstraint("run_id", "language", "sha256"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    language: Mapped[str] = mapped_column(String(2))
    state: Mapped[str] = mapped_column(String(12), default="draft")
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    pages: Mapped[int]
    composed_at: Mapped[dt.datetime]
    composed_by: Mapped[str] = mapped_column(String(20), default="terminal", server_default="terminal")
    submitted_by: Mapped[str | None] = mapped_column(String(20))
    released_by: Mapped[str | None] = mapped_column(String(20))
    released_at: Mapped[dt.datetime | None]
