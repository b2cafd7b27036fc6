"""Correct an answer beside the one that was given: one person proposes, another approves, the raw answer is never touched."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell, plain_text
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_resident_number
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.check_answers import AnswerReader
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.review.corrections.apply_corrections import Place, apply_corrections, list_stale_corrections, standing_answers
from evalapp.surveys.review.tables import CORRECTION_SOURCES, Correction
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.wave_locks import refuse_if_locked


@dataclass(frozen=True)
class Proposal:
    """What a correction says: where, from `old` to `new` (None is no answer), why, and from which of CORRECTION_SOURCES."""

    place: Place
    old: str | None
    new: str | None
    reason: str
    source: str


def record_correction(db: Session, submission: Submission, proposal: Proposal) -> Correction:
    """Propose a correction. `old` must be what stands; the new answer must be one that the question can take."""
    why = check_comment(proposal.reason)
    if proposal.source not in CORRECTION_SOURCES:
        raise AppError(Message("“%(source)s” is not a source of corrections.", source=proposal.source))
    refuse_if_locked(db, submission.wave_id)
    db.scalar(select(Submission.id).where(Submission.id == submission.id).with_for_update())
    new = None if proposal.new is None else _read(db, submission, proposal.place.variable, proposal.new)
    stands = standing_answers(db, [submission.id]).get(submission.id, {}).get(proposal.place)
    if stands != proposal.old:
        raise AppError(Message("The answer has changed while you looked at it. Look at it again, then correct it."))
    if new == stands:
        raise AppError(Message("This is the answer that stands already."))
    _refuse_second(db, submission, proposal.place)
    variable, repeat_path = proposal.place
    place = {"variable": variable, "repeat_path": repeat_path}
    words = {"old": proposal.old, "new": new, "reason": why, "source": proposal.source}
    correction = Correction(submission_id=submission.id, **place, **words, made_by=actor_of(db).account, made_at=now())
    db.add(correction)
    db.flush()
    _record(db, "correction_made", correction, why)
    return correction


def approve_correction(db: Session, correction: Correction) -> None:
    """Let a correction count that another person made. The answer before it must be what it was then."""
    submission = _held(db, correction)
    if correction.approved_at is not None:
        raise AppError(Message("This correction was approved already."))
    if correction.made_by == actor_of(db).account:
        raise AppError(Message("A second person approves a correction: whoever made it cannot."))
    stand = standing_answers(db, [submission.id])
    apply_corrections(stand, [correction])
    correction.approved_by, correction.approved_at = actor_of(db).account, now()
    db.flush()
    _record(db, "correction_approved", correction)


def drop_correction(db: Session, correction: Correction, reason: str) -> None:
    """Give up a correction that does not count yet, or that does not fit any more."""
    why = check_comment(reason)
    submission = _held(db, correction)
    if correction.approved_at is not None and correction not in list_stale_corrections(db, submission.id):
        raise AppError(Message("This correction counts already. Make another one that takes it back."))
    _record(db, "correction_dropped", correction, why)
    db.delete(correction)
    db.flush()


def _held(db: Session, correction: Correction) -> Submission:
    submission = db.get_one(Submission, correction.submission_id)
    refuse_if_locked(db, submission.wave_id)
    db.refresh(correction, with_for_update=True)
    return submission


def _read(db: Session, submission: Submission, variable: str, text: str) -> str:
    """Return a new answer as it would be stored had it been given so."""
    instrument = submission.instrument_id or db.get_one(Wave, submission.wave_id).instrument_id
    question = get_instrument_definition(db, instrument).by_name.get(variable)
    if question is None or question.sensitivity == "identifier":
        raise AppError(Message("“%(variable)s” cannot be corrected here.", variable=variable))
    if holds_resident_number(text):
        raise AppError(Message("This holds a resident registration number, which must not be kept here. Remove it."))
    try:
        answer = AnswerReader(question).read(text.strip()).text
        return plain_text(answer) if question.type == "text" else answer
    except BadCell as bad:
        raise AppError(bad.message) from bad


def _refuse_second(db: Session, submission: Submission, place: Place) -> None:
    here = Correction.submission_id == submission.id, Correction.variable == place.variable
    waiting = select(Correction.id).where(*here, Correction.repeat_path == place.repeat_path, Correction.approved_at.is_(None))
    if db.scalar(waiting):
        raise AppError(Message("A correction of this answer waits for a second person. Approve or drop it first."))


def _record(db: Session, action: str, correction: Correction, reason: str = "") -> None:
    """Write an entry that says which answer was corrected, never what it was or became: a text may name people."""
    submission = db.get_one(Submission, correction.submission_id)
    person = db.get_one(Entrepreneur, submission.entrepreneur_id)
    facts = {"variable": correction.variable, "source": correction.source, "submission": submission.id}
    record_entry(db, action, "correction", correction.id, subject=person.study_id, after=facts, reason=reason)
