"""Take an import back: all that it brought, if nothing was built on it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.tables import BackCheck, Correction, QualityFlag, ReviewStep, SubmissionQuery
from evalapp.surveys.tables import Submission, SurveyImport
from evalapp.surveys.wave_locks import refuse_if_locked


def undo_import(db: Session, taken: SurveyImport, reason: str) -> int:
    """Remove the submissions and the proposed corrections of an import; return how many submissions went.

    Refused are imports into a locked wave, and those on which something was built: a submission that was approved or decided on, a
    query, a back-check, another correction, a corrected answer that counts. Review states that the import brought to older
    submissions stay; the history of each submission says so.
    """
    why = check_comment(reason)
    db.refresh(taken, with_for_update=True)
    if taken.undone_at is not None:
        raise AppError(Message("This import was undone already."))
    refuse_if_locked(db, taken.wave_id)
    if count := count_built_on(db, taken.id):
        raise AppError(
            Message(
                "%(count)s submissions or corrections of this import were approved, decided on, asked about or corrected since. "
                "Reject single submissions in the review instead.",
                count=count,
            )
        )
    db.execute(delete(Correction).where(Correction.import_id == taken.id))
    gone = db.scalars(delete(Submission).where(Submission.import_id == taken.id).returning(Submission.id)).all()
    taken.undone_at = now()
    db.flush()
    facts = {"submissions": len(gone), "sha256": taken.sha256}
    record_entry(db, "import_undone", "survey_import", taken.id, after=facts, reason=why)
    return len(gone)


def count_built_on(db: Session, import_id: int) -> int:
    """Return how many submissions and corrections of an import somebody has built on."""
    theirs = [
        exists().where(table.submission_id == Submission.id)
        for table in (ReviewStep, SubmissionQuery, BackCheck)
    ]  # fmt: skip
    built = or_(
        Submission.state == "approved",
        *theirs,
        exists().where(QualityFlag.submission_id == Submission.id, QualityFlag.cleared_at.is_not(None)),
        exists().where(Correction.submission_id == Submission.id, _of_another(import_id)),
    )
    submissions = select(func.count()).select_from(Submission).where(Submission.import_id == import_id, built)
    corrections = select(func.count()).where(Correction.import_id == import_id, Correction.approved_at.is_not(None))
    return (db.scalar(submissions) or 0) + (db.scalar(corrections) or 0)


def _of_another(import_id: int) -> ColumnElement[bool]:
    return or_(Correction.import_id.is_(None), Correction.import_id != import_id)
