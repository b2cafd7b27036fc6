"""What a person's own page shows of surveys: those to be answered, and what was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.consents.queries import list_consents
from evalapp.people.contacts.queries import find_exit
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.review.queries import ReviewedSubmission, review_of
from evalapp.surveys.tables import Submission, Wave

ASKED = ("planned", "sent", "opened")
SAID_NO = ("withdrawn", "refused")


@dataclass(frozen=True)
class OwnSurvey:
    """A survey that waits for a person, now or later; never what it is about. `begun` says that some of it is answered."""

    invitation_id: int
    opens_on: dt.date
    due_on: dt.date
    closes_on: dt.date
    begun: bool

    def is_open(self, on: dt.date) -> bool:
        """Say whether it can be answered on a day."""
        return self.opens_on <= on <= self.closes_on


@dataclass(frozen=True)
class HandedIn:
    """Answers that arrived: when they were given or came in, and the receipt, if one was given."""

    on: dt.date
    receipt: str | None


def list_own_programmes(db: Session, person: Entrepreneur) -> Sequence[Programme]:
    """Return the programmes that a person is registered in, the newest first."""
    theirs = select(Programme).join(Registration, Registration.programme_id == Programme.id)
    return db.scalars(theirs.where(Registration.entrepreneur_id == person.id).order_by(Registration.id.desc())).all()


def list_own_surveys(db: Session, person: Entrepreneur, on: dt.date) -> list[OwnSurvey]:
    """Return the surveys that wait for a person from a day on, the first due first.

    Where the person left, or said no to surveys, none waits.
    """
    asking = [programme.id for programme in list_own_programmes(db, person) if _may_be_asked(db, programme, person, on)]
    rows = db.execute(
        select(Invitation, SurveyDraft.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .outerjoin(SurveyDraft, SurveyDraft.invitation_id == Invitation.id)
        .outerjoin(
            Submission, (Submission.wave_id == Invitation.wave_id) & (Submission.entrepreneur_id == Invitation.entrepreneur_id)
        )
        .where(Invitation.entrepreneur_id == person.id, Wave.programme_id.in_(asking))
        .where(Invitation.state.in_(ASKED), Invitation.closes_on >= on, Submission.id.is_(None))
        .order_by(Invitation.due_on, Invitation.id)
    )
    return [
        OwnSurvey(invited.id, invited.opens_on, invited.due_on, invited.closes_on, draft is not None) for invited, draft in rows
    ]


def _may_be_asked(db: Session, programme: Programme, person: Entrepreneur, on: dt.date) -> bool:
    consents = {consent.purpose: consent.state for consent in list_consents(db, programme.id, person.id, on)}
    return consents["survey"] not in SAID_NO and find_exit(db, programme.id, person.id) is None


def list_own_answers(db: Session, person: Entrepreneur) -> list[ReviewedSubmission]:
    """Return what a person answered in each survey, as it stands after corrections, the oldest first."""
    rows = select(Submission).where(Submission.entrepreneur_id == person.id, Submission.state != "draft")
    return [review_of(db, found) for found in db.scalars(rows.order_by(Submission.received_at, Submission.id)).all()]


def list_handed_in(db: Session, person: Entrepreneur) -> list[HandedIn]:
    """Return the answers of a person that arrived, the newest first."""
    rows = select(Submission).where(Submission.entrepreneur_id == person.id, Submission.state != "draft")
    return [
        HandedIn(found.answered_on or found.received_at.date(), found.receipt)
        for found in db.scalars(rows.order_by(Submission.received_at.desc(), Submission.id.desc()))
    ]
