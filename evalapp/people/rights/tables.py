"""Requests of people about their own data."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base, unique_where

REQUEST_KINDS = ("access", "correction", "restriction", "erasure")
REQUEST_STATES = ("open", "done", "refused")


class RespondentRequest(Base):
    """Something a person asked for, to be settled by `due_on`; of each kind one at a time.

    `details_sealed` is what they wrote, `reason` what they are told of the decision. The row outlives an erased person: it then says
    that a study ID asked and what became of it, and nothing about who it was.
    """

    __tablename__ = "respondent_requests"
    __table_args__ = (unique_where("uq_respondent_requests_open", "study_id", "kind", condition="state = 'open'"),)

    study_id: Mapped[str] = mapped_column(String(20))
    entrepreneur_id: Mapped[int | None] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="SET NULL"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10), default="open")
    language: Mapped[str] = mapped_column(String(2), default="ko")
    details_sealed: Mapped[str | None]
    asked_at: Mapped[dt.datetime]
    due_on: Mapped[dt.date]
    decided_by: Mapped[str | None] = mapped_column(String(20))
    decided_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(400), default="")
