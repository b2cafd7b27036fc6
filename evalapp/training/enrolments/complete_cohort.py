"""Apply the completion rule of a cohort: first to see who meets it, then to write it down."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.training.enrolments.minutes import Minutes, count_sessions_left, list_minutes
from evalapp.training.enrolments.move_stage import move_stage
from evalapp.training.tables import Cohort, Enrolment


@dataclass(frozen=True)
class CompletionLine:
    """Someone in training, and whether they were there for the share that the rule asks for."""

    entrepreneur_id: int
    study_id: str
    minutes: Minutes
    completes: bool


@dataclass(frozen=True)
class CompletionPreview:
    """Who would complete a cohort today and who would not; `left` sessions are still to come."""

    lines: tuple[CompletionLine, ...]
    left: int

    @property
    def completing(self) -> list[int]:
        """The keys of those who meet the rule."""
        return [line.entrepreneur_id for line in self.lines if line.completes]

    @property
    def missing(self) -> list[int]:
        """The keys of those who do not."""
        return [line.entrepreneur_id for line in self.lines if not line.completes]


def preview_completion(db: Session, cohort: Cohort) -> CompletionPreview:
    """Return everyone in training in a cohort with what they attended, by study ID."""
    people = select(Entrepreneur.id, Entrepreneur.study_id).join(Enrolment, Enrolment.entrepreneur_id == Entrepreneur.id)
    active = people.where(Enrolment.cohort_id == cohort.id, Enrolment.stage == "active").order_by(Entrepreneur.study_id)
    rows = db.execute(active).all()
    minutes = list_minutes(db, cohort, [row.id for row in rows])
    lines = (CompletionLine(key, name, minutes[key], minutes[key].meets(cohort.completion_share)) for key, name in rows)
    return CompletionPreview(tuple(lines), count_sessions_left(db, cohort))


def complete_cohort(db: Session, cohort: Cohort, on: dt.date, *, end_others: bool = False) -> tuple[int, int]:
    """Let everyone in training who meets the rule complete it; with `end_others` the training of the others ends, for that reason.

    Returns how many completed and how many others were ended.
    """
    preview = preview_completion(db, cohort)
    if preview.left:
        raise AppError(
            Message("Sessions still to come: %(count)s. Hold them, or cancel those that will not be held.", count=preview.left)
        )
    if cohort.ends_on and on < cohort.ends_on:
        raise AppError(Message("The training goes on until %(date)s.", date=cohort.ends_on))
    if not preview.lines:
        raise AppError(Message("Nobody of this cohort is in training now."))
    others = preview.missing if end_others else []
    completed = move_stage(db, cohort.programme_id, preview.completing, "completed", on, "rule_met") if preview.completing else 0
    ended = move_stage(db, cohort.programme_id, others, "withdrawn", on, "rule_missed") if others else 0
    after = {"completed": completed, "ended": ended, "completion_share": cohort.completion_share, "on": on}
    record_entry(db, "cohort_completed", "cohort", cohort.code, after=after)
    return completed, ended
