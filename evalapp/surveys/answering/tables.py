"""Drafts of answers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base
from evalapp.surveys.invitations.tables import ScreenVisit

__all__ = ["Draft", "ScreenVisit", "SurveyDraft"]


class Draft:
    """What every form has that is being filled in: its answers so far, sealed, for they may hold what identifies a person.

    `version` guards against two devices.
    """

    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    answers_sealed: Mapped[str]
    screen: Mapped[str] = mapped_column(String(200), default="")
    language: Mapped[str] = mapped_column(String(2), default="ko")
    version: Mapped[int] = mapped_column(default=1)
    started_at: Mapped[dt.datetime]
    saved_at: Mapped[dt.datetime]


class SurveyDraft(Draft, Base):
    """The answers of one invitation so far, how they are given, and by whom where somebody else enters them."""

    __tablename__ = "survey_drafts"

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitations.id", ondelete="CASCADE"), unique=True)
    mode: Mapped[str] = mapped_column(String(14), default="web")
    account: Mapped[str | None] = mapped_column(String(20))
