"""Ask the respondent or the interviewer about one answer, write down what they said, and close the question."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.tables import SubmissionQuery
from evalapp.surveys.tables import Submission
from evalapp.surveys.wave_locks import refuse_if_locked


def ask_query(db: Session, submission: Submission, variable: str, question: str) -> SubmissionQuery:
    """Ask about an answer; the question waits until somebody replies."""
    words = check_comment(question)
    refuse_if_locked(db, submission.wave_id)
    account = actor_of(db).account
    query = SubmissionQuery(submission_id=submission.id, variable=variable, question=words, asked_by=account, asked_at=now())
    db.add(query)
    db.flush()
    _record(db, "query_asked", query)
    return query


def reply_to_query(db: Session, query: SubmissionQuery, reply: str) -> None:
    """Write down what came back."""
    words = check_comment(reply)
    if query.state == "closed":
        raise AppError(Message("This question is closed."))
    query.reply, query.state = words, "answered"
    db.flush()
    _record(db, "query_answered", query)


def close_query(db: Session, query: SubmissionQuery) -> None:
    """Close a question, answered or not."""
    if query.state == "closed":
        raise AppError(Message("This question is closed."))
    query.state, query.closed_by, query.closed_at = "closed", actor_of(db).account, now()
    db.flush()
    _record(db, "query_closed", query)


def _record(db: Session, action: str, query: SubmissionQuery) -> None:
    submission = db.get_one(Submission, query.submission_id)
    person = db.get_one(Entrepreneur, submission.entrepreneur_id)
    facts = {"variable": query.variable, "submission": submission.id}
    record_entry(db, action, "submission_query", query.id, subject=person.study_id, after=facts)
