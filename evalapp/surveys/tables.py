"""Instruments, the waves that put them to people, and the submissions that came back."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

ANCHORS = ("calendar", "enrolment", "cohort_start", "cohort_end")
SUBMISSION_STATES = ("draft", "received", "has_issues", "approved", "rejected")
MODES = ("web", "phone", "face_to_face", "paper")


class Instrument(Base):
    """One published version of a survey form.

    `definition` is the form as JSON that imports and panels read; `model` is the whole compiled form as JSON, which answering needs,
    `xform` the same for ODK's apps, `workbook` the XLSForm it came from, and `sha256` the fingerprint of that form's sheets. Versions
    from before forms were compiled have a definition only, and its fingerprint.
    """

    __tablename__ = "instruments"
    __table_args__ = (UniqueConstraint("code", "version"),)

    code: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(20))
    definition: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[dt.datetime]
    published_by: Mapped[str | None] = mapped_column(String(20))
    model: Mapped[str | None] = mapped_column(deferred=True)
    xform: Mapped[str | None] = mapped_column(deferred=True)
    workbook: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    workbook_name: Mapped[str | None] = mapped_column(String(120))


class InstrumentDraft(Base):
    """An uploaded form: its workbook, what it compiled to (nothing where it has errors), and what is wrong with it (JSON).

    It stays after it was published, so that publishing it twice is the same as once.
    """

    __tablename__ = "instrument_drafts"

    code: Mapped[str] = mapped_column(String(40), index=True)
    version: Mapped[str] = mapped_column(String(20))
    workbook: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    workbook_name: Mapped[str] = mapped_column(String(120))
    sha256: Mapped[str] = mapped_column(String(64))
    definition: Mapped[str | None] = mapped_column(deferred=True)
    model: Mapped[str | None] = mapped_column(deferred=True)
    xform: Mapped[str | None] = mapped_column(deferred=True)
    faults: Mapped[str] = mapped_column(default="[]")
    uploaded_by: Mapped[str] = mapped_column(String(20))
    uploaded_at: Mapped[dt.datetime]


class Wave(Base):
    """One round of one instrument in calendar time. `round` orders a programme's waves from 1 and is the time of every estimate.

    A wave is anchored in the calendar, or a number of days (`day_offset`, with a window from `offset_min` to `offset_max`) after a
    person's enrolment or their cohort's start or end; `arm` limits it to one arm. `reminders` is JSON: days after the invitation.
    """

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
    anchor: Mapped[str] = mapped_column(String(12), default="calendar", server_default="calendar")
    day_offset: Mapped[int | None]
    offset_min: Mapped[int | None]
    offset_max: Mapped[int | None]
    arm: Mapped[str | None] = mapped_column(String(12))
    second_secret: Mapped[str] = mapped_column(String(16), default="birth_year", server_default="birth_year")
    reminders: Mapped[str] = mapped_column(String(60), default="[]", server_default="[]")


class Submission(Base):
    """One person's answers in one wave, with the review state that decides whether they enter a panel.

    `finished_at` is when answering ended, where it was sent later. `form_faults` is JSON: answers that came from elsewhere and that the
    form's own conditions would not have let pass.
    """

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
    instrument_id: Mapped[int | None] = mapped_column(ForeignKey("instruments.id"))
    language: Mapped[str | None] = mapped_column(String(2))
    started_at: Mapped[dt.datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(16), unique=True)
    key: Mapped[str | None] = mapped_column(String(64), unique=True)
    account: Mapped[str | None] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    finished_at: Mapped[dt.datetime | None]
    form_faults: Mapped[str | None]

    @property
    def seconds(self) -> float | None:
        """How long answering took from begin to end, where the begin is known."""
        if self.started_at is None:
            return None
        return ((self.finished_at or self.received_at) - self.started_at).total_seconds()


class Answer(Base):
    """One answer as it was given: `text` is the choice name, number or words; `number` the same where it is one.

    `repeat_path` tells the rounds of repeated groups apart: `trade[2]`, empty outside of any.
    """

    __tablename__ = "answers"
    __table_args__ = (UniqueConstraint("submission_id", "variable", "repeat_path"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    variable: Mapped[str] = mapped_column(String(40))
    text: Mapped[str]
    number: Mapped[float | None]
    repeat_path: Mapped[str] = mapped_column(String(120), default="", server_default="")


class SurveyImport(Base):
    """One file of answers taken in: its fingerprint, so that the same file is not taken twice, and how many rows it had."""

    __tablename__ = "survey_imports"
    __table_args__ = (UniqueConstraint("wave_id", "sha256"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    sha256: Mapped[str] = mapped_column(String(64))
    rows: Mapped[int]
    imported_at: Mapped[dt.datetime]
    imported_by: Mapped[str | None] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(10), default="plain", server_default="plain")
    undone_at: Mapped[dt.datetime | None]


class WaveLock(Base):
    """A wave closed to change: one person asks, another confirms; opening it again needs a reason."""

    __tablename__ = "wave_locks"

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), index=True)
    asked_by: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[dt.datetime]
    confirmed_by: Mapped[str | None] = mapped_column(String(20))
    confirmed_at: Mapped[dt.datetime | None]
    opened_by: Mapped[str | None] = mapped_column(String(20))
    opened_at: Mapped[dt.datetime | None]
    reason: Mapped[str] = mapped_column(String(500), default="")
