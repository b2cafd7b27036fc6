"""What reviewers decided, asked and corrected, the rules of quality, and the flags they raised."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base

SEVERITIES = ("block", "warn", "info")
QUERY_STATES = ("open", "answered", "closed")
CORRECTION_SOURCES = ("call_back", "paper_form", "back_check", "respondent", "records")


class ReviewStep(Base):
    """One decision on a submission: from which state to which, by whom, and why."""

    __tablename__ = "review_steps"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    from_state: Mapped[str] = mapped_column(String(12))
    to_state: Mapped[str] = mapped_column(String(12))
    comment: Mapped[str] = mapped_column(String(500), default="")
    account: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[dt.datetime]


class QualityRule(Base):
    """A rule of one programme, beside those that are shipped; one of the same name takes the shipped one's place.

    `expression` is an XPath expression that is true where there is a doubt, or one of the checks that are built in.
    """

    __tablename__ = "quality_rules"
    __table_args__ = (UniqueConstraint("programme_id", "rule_id"),)

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    rule_id: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str] = mapped_column(String(8))
    severity: Mapped[str] = mapped_column(String(8))
    when: Mapped[str] = mapped_column(String(24))
    expression: Mapped[str]
    message_ko: Mapped[str] = mapped_column(String(300))
    message_en: Mapped[str] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    changed_by: Mapped[str] = mapped_column(String(20))
    changed_at: Mapped[dt.datetime]


class QualityFlag(Base):
    """One rule's doubt about a submission. `facts` is JSON for the rule's message; `cleared_by` is who judged it harmless."""

    __tablename__ = "quality_flags"
    __table_args__ = (UniqueConstraint("submission_id", "rule", "variable"),)

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str] = mapped_column(String(8))
    variable: Mapped[str] = mapped_column(String(40), default="")
    facts: Mapped[str] = mapped_column(default="{}")
    raised_at: Mapped[dt.datetime]
    cleared_by: Mapped[str | None] = mapped_column(String(20))
    cleared_at: Mapped[dt.datetime | None]
    cleared_reason: Mapped[str] = mapped_column(String(400), default="")


class SubmissionQuery(Base):
    """A question about one answer, to the respondent or interviewer, and what came back."""

    __tablename__ = "submission_queries"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    variable: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="open")
    question: Mapped[str] = mapped_column(String(500))
    reply: Mapped[str] = mapped_column(String(500), default="")
    asked_by: Mapped[str] = mapped_column(String(20))
    asked_at: Mapped[dt.datetime]
    closed_by: Mapped[str | None] = mapped_column(String(20))
    closed_at: Mapped[dt.datetime | None]


class Correction(Base):
    """A changed value beside the raw answer: applied in order, and only while `old` is what stands before it."""

    __tablename__ = "corrections"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    variable: Mapped[str] = mapped_column(String(40))
    repeat_path: Mapped[str] = mapped_column(String(120), default="")
    old: Mapped[str | None]
    new: Mapped[str | None]
    reason: Mapped[str] = mapped_column(String(500))
    source: Mapped[str] = mapped_column(String(12))
    made_by: Mapped[str] = mapped_column(String(20))
    made_at: Mapped[dt.datetime]
    approved_by: Mapped[str | None] = mapped_column(String(20))
    approved_at: Mapped[dt.datetime | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("survey_imports.id"), index=True)


class BackCheck(Base):
    """A second interview of some questions, to compare with the first. `answers` is JSON by variable."""

    __tablename__ = "back_checks"

    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    answers: Mapped[str]
    account: Mapped[str] = mapped_column(String(20))
    checked_at: Mapped[dt.datetime]
