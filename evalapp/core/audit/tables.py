"""The audit log and its head. Triggers of the database refuse to change or delete an entry."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class AuditEntry(Base):
    """One action. `number` runs from 1 without a gap; `hash` covers every column and the hash before it.

    `subject` is the study ID of the person concerned; `before` and `after` are JSON without anything that identifies a person.
    """

    __tablename__ = "audit_entries"

    number: Mapped[int] = mapped_column(unique=True)
    at: Mapped[dt.datetime] = mapped_column(index=True)
    account: Mapped[str] = mapped_column(String(20), index=True)
    role: Mapped[str] = mapped_column(String(20))
    address: Mapped[str] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(60), index=True)
    object_type: Mapped[str] = mapped_column(String(40))
    object_key: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(20), index=True)
    before: Mapped[str]
    after: Mapped[str]
    reason: Mapped[str] = mapped_column(String(500))
    request_id: Mapped[str] = mapped_column(String(32))
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(Base):
    """The last entry's number and hash: one row, locked while an entry is added, so that a cut-off end shows."""

    __tablename__ = "audit_heads"

    number: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
