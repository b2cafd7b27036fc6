"""Decide on a submission: there are issues, it is approved, it is rejected. An edit puts it before the reviewers again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.tables import QualityFlag, ReviewStep
from evalapp.surveys.tables import Submission
from evalapp.surveys.wave_locks import refuse_if_locked

DECISIONS = ("approved", "has_issues", "rejected")
COMMENTED = ("has_issues", "rejected")
LONGEST_REASON = 200


def decide_submission(db: Session, submission: Submission, to_state: str, comment: str = "", *, version: int | None = None) -> None:
    """Move a submission to one of DECISIONS. A comment says why, unless it is approved at first sight.

    `version` is that of the submission which the reviewer saw; where it has changed since, nothing is decided.
    """
    if to_state not in DECISIONS:
        raise AppError(Message("“%(state)s” is not a decision.", state=to_state))
    if submission.state == "draft":
        raise AppError(Message("The submission was not handed in yet."))
    if submission.state == to_state:
        raise AppError(Message("This was decided already."))
    why = check_comment(comment, needed=to_state != "approved" or submission.state == "rejected")
    refuse_if_locked(db, submission.wave_id)
    if to_state == "approved":
        _refuse_blocked(db, submission)
    _move(db, submission, to_state, why, submission.version if version is None else version)


def approve_unflagged(db: Session, submissions: Sequence[Submission]) -> int:
    """Approve those of some received submissions that no open flag doubts; return how many."""
    keys = [submission.id for submission in submissions]
    theirs = QualityFlag.submission_id.in_(keys), QualityFlag.cleared_at.is_(None)
    doubted = set(db.scalars(select(QualityFlag.submission_id).where(*theirs)))
    clear = [submission for submission in submissions if submission.state == "received" and submission.id not in doubted]
    for submission in clear:
        decide_submission(db, submission, "approved")
    return len(clear)


def reopen_submission(db: Session, submission: Submission) -> None:
    """Put a submission whose answers were edited, by the respondent or an interviewer, before the reviewers again."""
    refuse_if_locked(db, submission.wave_id)
    if submission.state != "received":
        _move(db, submission, "received", "", submission.version)


def _move(db: Session, submission: Submission, to_state: str, why: str, version: int) -> None:
    before = submission.state
    changed = update(Submission).where(Submission.id == submission.id, Submission.version == version, Submission.state == before)
    values = {"state": to_state, "version": version + 1, "reason": why[:LONGEST_REASON] if to_state in COMMENTED else None}
    if db.scalar(changed.values(values).returning(Submission.id)) is None:
        raise AppError(Message("Someone else changed this submission while you looked at it. Look at it again, then decide."))
    db.refresh(submission)
    account = actor_of(db).account
    step = ReviewStep(submission_id=submission.id, from_state=before, to_state=to_state, comment=why, account=account)
    step.decided_at = now()
    db.add(step)
    db.flush()
    person = db.scalar(select(Entrepreneur.study_id).where(Entrepreneur.id == submission.entrepreneur_id)) or ""
    states = {"before": {"state": before}, "after": {"state": to_state}}
    record_entry(db, "submission_decided", "submission", submission.id, subject=person, reason=why, **states)


def _refuse_blocked(db: Session, submission: Submission) -> None:
    theirs = QualityFlag.submission_id == submission.id, QualityFlag.severity == "block", QualityFlag.cleared_at.is_(None)
    if count := db.scalar(select(func.count()).select_from(QualityFlag).where(*theirs)):
        raise AppError(
            Message(
                "Flags that block approval: %(count)s. Correct the answers, or clear each flag with a reason.",
                count=count,
            )
        )
