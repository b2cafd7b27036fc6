"""Merged and erased records, and identities that left with two people's leave."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

ERASURE_KINDS = ("identity_only", "everything")


class MergedRecord(Base):
    """Two records were one person: the kept one, the study ID of the other, and what it takes to part them again (JSON).

    The other record stays, empty but for what the kept one already said, so that its study ID is never used again.
    """

    __tablename__ = "merged_records"

    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    merged_study_id: Mapped[str] = mapped_column(String(20))
    undo: Mapped[str]
    merged_by: Mapped[str] = mapped_column(String(20))
    merged_at: Mapped[dt.datetime]
    undone_at: Mapped[dt.datetime | None]


class NotDuplicate(Base):
    """Two records that look alike were judged to be two people."""

    __tablename__ = "not_duplicates"

    first_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    second_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    judged_by: Mapped[str] = mapped_column(String(20))
    judged_at: Mapped[dt.datetime]


class Erasure(Base):
    """A person asked to be forgotten: which study ID, what was removed, when. Says nothing about who it was."""

    __tablename__ = "erasures"

    study_id: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    erased_by: Mapped[str] = mapped_column(String(20))
    erased_at: Mapped[dt.datetime]


class ErasedAlias(Base):
    """An identifier under which an erased person's data once came in, as a blind index: the same list must not bring them back."""

    __tablename__ = "erased_aliases"
    __table_args__ = (UniqueConstraint("programme_id", "alias_index"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    alias_index: Mapped[str] = mapped_column(String(64))


class IdentifiedExport(Base):
    """A list with identities that someone asked for and another person allowed. The file itself is never kept.

    `fields` are names of identity fields, comma-separated; `expires_at` ends an approval; `people` counts those in the file.
    """

    __tablename__ = "identified_exports"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    fields: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12), default="requested")
    requested_by: Mapped[str] = mapped_column(String(20))
    requested_at: Mapped[dt.datetime]
    decided_by: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[dt.datetime | None]
    expires_at: Mapped[dt.datetime | None]
    downloaded_at: Mapped[dt.datetime | None]
    people: Mapped[int | None]
