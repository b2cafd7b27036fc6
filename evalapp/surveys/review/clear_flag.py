"""Judge a flag harmless, with a reason that stays beside it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.tables import QualityFlag
from evalapp.surveys.tables import Submission
from evalapp.surveys.wave_locks import refuse_if_locked


def clear_flag(db: Session, flag: QualityFlag, reason: str) -> None:
    """Clear a flag. It comes back by itself when what it was raised for changes."""
    why = check_comment(reason)
    submission = db.get_one(Submission, flag.submission_id)
    refuse_if_locked(db, submission.wave_id)
    if flag.cleared_at is not None:
        raise AppError(Message("This flag was cleared already."))
    flag.cleared_by, flag.cleared_at, flag.cleared_reason = actor_of(db).account, now(), why
    db.flush()
    person = db.get_one(Entrepreneur, submission.entrepreneur_id)
    facts = {"rule": flag.rule, "variable": flag.variable, "submission": submission.id}
    record_entry(db, "flag_cleared", "quality_flag", flag.id, subject=person.study_id, after=facts, reason=why)
