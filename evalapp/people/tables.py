"""Programmes, the entrepreneurs in them, their enterprises and their consent. No name, address or number that identifies a person."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base, unique_where

CONSENT_PURPOSES = ("survey", "linkage", "quotation", "recontact", "training", "sharing")
ENTERPRISE_EVENTS = ("opened", "registered", "industry_changed", "closed", "reopened")
RECRUITMENT_CHANNELS = ("staff_contact", "website", "word_of_mouth")
INDUSTRIES = (
    "agriculture", "fisheries", "mining", "lumber", "catering", "retail", "distribution", "haulage", "individual_services",
    "wholesale", "trade", "manufacturing", "industrial_services", "education", "entertainment", "lodging", "other",
)  # fmt: skip


class Programme(Base):
    """What a funder pays for: curriculum, cohorts, waves, plan, reports."""

    __tablename__ = "programmes"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_ko: Mapped[str] = mapped_column(String(200))
    name_en: Mapped[str] = mapped_column(String(200))
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    data_note_ko: Mapped[str] = mapped_column(default="")
    data_note_en: Mapped[str] = mapped_column(default="")
    identity_kept_until: Mapped[dt.date | None]
    created_at: Mapped[dt.datetime]


class ProgrammeMember(Base):
    """An account that may see a programme, as far as its roles go. The row stays when the membership ends."""

    __tablename__ = "programme_members"
    __table_args__ = (unique_where("uq_programme_members_now", "programme_id", "account_id", condition="ended_at is null"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    added_by: Mapped[str] = mapped_column(String(20))
    added_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class SavedView(Base):
    """A list of people as someone likes to see it: the filters of its address, under a name. Holds no search for an identity."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("programme_id", "account_id", "name"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(400))


class Entrepreneur(Base):
    """A person, known here by a study ID only."""

    __tablename__ = "entrepreneurs"

    study_id: Mapped[str] = mapped_column(String(20), unique=True)
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1, server_default="1")


class StudyIdAlias(Base):
    """An identifier that came with a programme's imported data and still finds the person there."""

    __tablename__ = "study_id_aliases"
    __table_args__ = (UniqueConstraint("programme_id", "alias"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    alias: Mapped[str] = mapped_column(String(60))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)


class Registration(Base):
    """An entrepreneur in a programme: how and when they came. `key` is the form's that registered them, so that it counts once."""

    __tablename__ = "registrations"
    __table_args__ = (UniqueConstraint("programme_id", "entrepreneur_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    recruitment_channel: Mapped[str | None] = mapped_column(String(20))
    registered_on: Mapped[dt.date]
    key: Mapped[str | None] = mapped_column(String(64), unique=True)


class Enterprise(Base):
    """A firm. An entrepreneur may have had several; at most one is current. Its name and number are in the vault."""

    __tablename__ = "enterprises"
    __table_args__ = (unique_where("uq_enterprises_current", "entrepreneur_id", condition="is_current"),)

    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"))
    industry: Mapped[str | None] = mapped_column(String(40))
    start_year: Mapped[int | None]
    is_current: Mapped[bool] = mapped_column(default=True)


class EnterpriseEvent(Base):
    """What became of a firm, dated: opened, registered, changed its industry, closed, re-opened."""

    __tablename__ = "enterprise_events"

    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    happened_on: Mapped[dt.date]
    industry: Mapped[str | None] = mapped_column(String(40))
    account: Mapped[str] = mapped_column(String(20))


class ConsentText(Base):
    """What people are asked to agree to: one purpose, one version, one language. Never changed once published."""

    __tablename__ = "consent_texts"
    __table_args__ = (UniqueConstraint("programme_id", "purpose", "version", "language"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    purpose: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str]
    valid_months: Mapped[int | None]
    published_at: Mapped[dt.datetime]


class Consent(Base):
    """What one person was asked for one purpose in one version of its text, and what they said.

    Asked (`asked_on`), then given or refused; a given one ends when it is withdrawn or expires. A renewal is a new row. `recorded_by`
    is empty where the statement came with an imported list.
    """

    __tablename__ = "consents"
    __table_args__ = (
        UniqueConstraint("programme_id", "entrepreneur_id", "purpose", "text_version", "given_on", name="uq_consents_statement"),
        CheckConstraint("withdrawn_on is null or withdrawn_on >= given_on", name="withdrawn_after_given"),
        CheckConstraint("given_on is null or refused_on is null", name="given_or_refused"),
        CheckConstraint("given_on is not null or refused_on is not null or asked_on is not null", name="some_date"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    text_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str | None] = mapped_column(String(2))
    asked_on: Mapped[dt.date | None]
    given_on: Mapped[dt.date | None]
    refused_on: Mapped[dt.date | None]
    expires_on: Mapped[dt.date | None]
    withdrawn_on: Mapped[dt.date | None]
    recorded_by: Mapped[str | None] = mapped_column(String(20))
