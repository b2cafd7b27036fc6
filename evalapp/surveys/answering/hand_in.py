"""Hand the answers in: the draft becomes a submission, once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.answering.keep_identifiers import keep_identifiers
from evalapp.surveys.answering.queries import Answering, draft_key, find_answering, list_open_questions
from evalapp.surveys.answering.receipts import mint_receipt
from evalapp.surveys.answering.stored_answers import filled_form
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.answering.taking_part.survey_consent import has_consent
from evalapp.surveys.invitations.open_invitation import demand_open
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Submission
from evalapp.surveys.wave_locks import is_locked

COMPLETE = "1.1"  # of AAPOR's final dispositions


class NotComplete(AppError):  # noqa: N818 - what it is, in words
    """Questions are open that must be answered before."""


@dataclass(frozen=True)
class HandedIn:
    """A submission with its receipt; `is_new` is false where the same draft was handed in before."""

    submission: Submission
    is_new: bool


def hand_in(db: Session, invitation: Invitation) -> HandedIn:
    """Turn the draft of an invitation into a submission. Pressed twice, the first counts and both get its receipt."""
    db.refresh(invitation, with_for_update=True)
    before = db.scalar(select(Submission).where(Submission.key == draft_key(invitation.id)))
    if before is not None:
        return HandedIn(before, is_new=False)
    demand_open(invitation)
    if is_locked(db, invitation.wave_id):
        raise AppError(Message("This survey has been closed. Your answers so far are kept, but no longer counted."))
    answering = find_answering(db, invitation, to_write=True)
    if answering is None or list_open_questions(answering):
        raise NotComplete(Message("Some questions are still open. Answer them, then hand in."))
    if not has_consent(db, invitation):
        raise AppError(
            Message("The consent to be surveyed has ended, so the answers cannot be taken. Open the link again to be asked.")
        )
    _refuse_second(db, invitation)
    return HandedIn(_submitted(db, answering), is_new=True)


def _refuse_second(db: Session, invitation: Invitation) -> None:
    other = (Submission.wave_id == invitation.wave_id, Submission.entrepreneur_id == invitation.entrepreneur_id)
    if db.scalar(select(Submission.id).where(*other)) is not None:
        raise AppError(Message("Answers to this survey have reached us in another way already. You need not do anything more."))


def _submitted(db: Session, answering: Answering) -> Submission:
    invitation, draft = answering.invitation, answering.draft
    answering.instance.finish()
    filled = filled_form(answering.instance)
    submission = Submission(
        wave_id=invitation.wave_id,
        entrepreneur_id=invitation.entrepreneur_id,
        state="received",
        mode=draft.mode,
        answered_on=today(),
        received_at=now(),
        instrument_id=draft.instrument_id,
        language=draft.language,
        started_at=draft.started_at,
        receipt=mint_receipt(),
        key=draft_key(invitation.id),
        account=draft.account,
    )
    db.add(submission)
    db.flush()
    for answer in filled.answers:
        answer.submission_id = submission.id
    db.add_all(filled.answers)
    invitation.state, invitation.disposition = "submitted", COMPLETE
    db.execute(delete(SurveyDraft).where(SurveyDraft.id == draft.id))
    person = db.get_one(Entrepreneur, invitation.entrepreneur_id)
    keep_identifiers(db, person, filled.identifiers)
    after = {"mode": draft.mode, "answers": len(filled.answers)}
    record_entry(db, "answers_received", "submission", submission.id, subject=person.study_id, after=after)
    return submission
