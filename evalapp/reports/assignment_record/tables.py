"""Records of assignments as they were printed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class AssignmentRecord(Base):
    """The PDF of one locked assignment in one language, kept as bytes with their SHA-256; printed once."""

    __tablename__ = "assignment_records"
    __table_args__ = (UniqueConstraint("assignment_id", "language"),)

    assignment_id: Mapped[int] = mapped_column(ForeignKey("assignments.id"))
    language: Mapped[str] = mapped_column(String(2))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    pages: Mapped[int]
    composed_at: Mapped[dt.datetime]
