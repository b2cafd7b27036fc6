"""Instruments, the waves that put them to people, and the submissions that came back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

SUBMISSION_STATES = ("draft", "received", "has_issues", "approved", "rejected")
MODES = ("web", "phone", "face_to_face")


class Instrument(Base):
    """One published version of a survey form. `definition` is the whole form as JSON; `sha256` its fingerprint."""

    __tablename__ = "instruments"
    __table_args__ = (UniqueConstraint("code", "version"),)

    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    definition: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[dt.datetime]


class Wave(Base):
    """One round of one instrument in calendar time. `round` orders a programme's waves from 1 and is the time of every estimate."""

    __tablename__ = "waves"
    __table_args__ = (
        UniqueConstraint("programme_id", "code"),
        UniqueConstraint("programme_id", "round"),
        CheckConstraint("closes_on >= opens_on", name="closes_after_opens"),
    )

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    round: Mapped[int]
    label_ko: Mapped[str] = mapped_column(String(80))
    label_en: Mapped[str] = mapped_column(String(80))
    opens_on: Mapped[dt.date] = mapped_column(Date)
    closes_on: Mapped[dt.date] = mapped_column(Date)
    survey_year: Mapped[int]


class Submission(Base):
    """One person's answers in one wave, with the review state that decides whether they enter a panel."""

    __tablename__ = "submissions"
    __table_args__ = (
        UniqueConstraint("wave_id", "entrepreneur_id"),
        CheckConstraint("state <> 'rejected' or reason is not null", name="rejected_with_reason"),
    )

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(200))
    mode: Mapped[str | None] = mapped_column(String(14))
    answered_on: Mapped[dt.date | None]
    received_at: Mapped[dt.datetime]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("survey_imports.id"), index=True)
    source_row: Mapped[int | None]


class Answer(Base):
    """One answer as it was given: `text` is the choice name, number or words; `number` the same where it is one."""

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("submission_id", "variable"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    variable: Mapped[str] = mapped_column(String(40))
    text: Mapped[str]
    number: Mapped[float | None]


class SurveyImport(Base):
    """One file of answers taken in: its fingerprint, so that the same file is not taken twice, and how many rows it had."""

    __tablename__ = "survey_imports"
    __table_args__ = (UniqueConstraint("wave_id", "sha256"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    imported_at: Mapped[dt.datetime]
