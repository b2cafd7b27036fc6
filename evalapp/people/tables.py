"""Programmes, the entrepreneurs in them, their enterprises and their consent. No name, address or number that identifies a person."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

CONSENT_PURPOSES = ("survey", "linkage", "quotation", "recontact")
RECRUITMENT_CHANNELS = ("staff_contact", "website", "word_of_mouth")


class Programme(Base):
    """What a funder pays for: curriculum, cohorts, waves, plan, reports."""

    __tablename__ = "programmes"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_ko: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    data_note_ko: Mapped[str] = mapped_column(default="")
    data_note_en: Mapped[str] = mapped_column(default="")
    created_at: Mapped[dt.datetime]


class Entrepreneur(Base):
    """A person, known here by a study ID only."""

    __tablename__ = "entrepreneurs"

    study_id: Mapped[str] = mapped_column(String(20), unique=True)
    created_at: Mapped[dt.datetime]


class StudyIdAlias(Base):
    """An identifier that came with a programme's imported data and still finds the person there."""

    __tablename__ = "study_id_aliases"
    __table_args__ = (UniqueConstraint("programme_id", "alias"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    alias: Mapped[str] = mapped_column(String(60))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)


class Registration(Base):
    """An entrepreneur in a programme: how and when they came."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("programme_id", "entrepreneur_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    recruitment_channel: Mapped[str | None] = mapped_column(String(20))
    registered_on: Mapped[dt.date]


class Enterprise(Base):
    """A firm. An entrepreneur may have had several; at most one is current."""

    __tablename__ = "enterprises"
    __table_args__ = (
        Index(
            "uq_enterprises_current",
            "entrepreneur_id",
            unique=True,
            sqlite_where=text("is_current"),
            postgresql_where=text("is_current"),
        ),
    )

    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"))
    industry: Mapped[str | None] = mapped_column(String(40))
    start_year: Mapped[int | None]
    is_current: Mapped[bool] = mapped_column(default=True)


class Consent(Base):
    """A dated statement for one purpose, in one version of its text; withdrawn when `withdrawn_on` is set."""

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("programme_id", "entrepreneur_id", "purpose", "text_version"),
        CheckConstraint("withdrawn_on is null or withdrawn_on >= given_on", name="withdrawn_after_given"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    text_version: Mapped[str] = mapped_column(String(20))
    given_on: Mapped[dt.date]
    withdrawn_on: Mapped[dt.date | None]
