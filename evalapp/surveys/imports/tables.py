"""Files that wait to be confirmed, and how the columns of other tools' files map to a form, remembered for the next file."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

SOURCES = ("kobo", "odk", "surveycto", "plain")


class ImportMapping(Base):
    """A mapping under a name: which column is which variable, how choices are written. `mapping` is JSON."""

    __tablename__ = "import_mappings"
    __table_args__ = (UniqueConstraint("programme_id", "instrument_code", "name"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    instrument_code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(10))
    mapping: Mapped[str]
    saved_by: Mapped[str] = mapped_column(String(20))
    saved_at: Mapped[dt.datetime]


class SurveyUpload(Base):
    """A file looked at but not taken in yet, sealed: until it is checked it may hold anything. `mapping` is JSON."""

    __tablename__ = "survey_uploads"

    key: Mapped[str] = mapped_column(String(64), unique=True)
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"), index=True)
    content_sealed: Mapped[str] = mapped_column(deferred=True)
    suffix: Mapped[str] = mapped_column(String(8))
    mapping: Mapped[str]
    uploaded_by: Mapped[str] = mapped_column(String(20))
    uploaded_at: Mapped[dt.datetime]
