"""Paper forms and what two people typed from each."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base
from evalapp.surveys.answering.tables import Draft

NUMBERS = (1, 2)


class PaperForm(Base):
    """One person's form of one wave on paper. `compared` and `differing` count its fields once it was typed twice.

    When the entries were merged, `submission_id` is what came of them and `decisions_sealed` (JSON) what was decided where they differ.
    """

    __tablename__ = "paper_forms"
    __table_args__ = (UniqueConstraint("wave_id", "entrepreneur_id"),)

    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id"))
    entrepreneur_id: Mapped[int] = mapped_column(ForeignKey("entrepreneurs.id", ondelete="CASCADE"), index=True)
    instrument_id: Mapped[int] = mapped_column(ForeignKey("instruments.id"))
    compared: Mapped[int | None]
    differing: Mapped[int | None]
    decisions_sealed: Mapped[str | None]
    merged_by: Mapped[str | None] = mapped_column(String(20))
    merged_at: Mapped[dt.datetime | None]
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), unique=True)


class PaperEntry(Draft, Base):
    """What one account typed from a paper form: the first or the second of two. Once finished it never changes.

    `filled_on` is the day on the paper; `errors` counts the fields that were decided to be something else.
    """

    __tablename__ = "paper_entries"
    __table_args__ = (
        UniqueConstraint("form_id", "number"),
        UniqueConstraint("form_id", "account"),
        CheckConstraint("number in (1, 2)", name="first_or_second"),
    )

    form_id: Mapped[int] = mapped_column(ForeignKey("paper_forms.id", ondelete="CASCADE"))
    number: Mapped[int]
    account: Mapped[str] = mapped_column(String(20))
    filled_on: Mapped[dt.date]
    finished_at: Mapped[dt.datetime | None]
    errors: Mapped[int | None]
