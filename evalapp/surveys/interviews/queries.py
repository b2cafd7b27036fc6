"""Reads of interviews that are due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.consents.queries import consenting_people
from evalapp.people.contacts.tables import ContactAttempt, ProgrammeExit
from evalapp.people.queries import get_programme_for
from evalapp.people.tables import Consent, Entrepreneur, Programme
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Wave

ASKED = ("planned", "sent", "opened")
NEEDED = ("survey", "recontact")


@dataclass(frozen=True)
class DueInterview:
    """Someone whose answers are awaited: the wave's label by language, the days, what was begun, and the last try at reaching them."""

    invitation_id: int
    study_id: str
    wave: Mapping[str, str]
    due_on: dt.date
    closes_on: dt.date
    saved_at: dt.datetime | None
    tried_at: dt.datetime | None
    outcome: str | None
    next_on: dt.date | None

    def is_overdue(self, on: dt.date) -> bool:
        """Say whether the answers should have come by a day."""
        return self.due_on < on


def list_due_interviews(db: Session, programme: Programme, on: dt.date) -> list[DueInterview]:
    """Return whose answers are awaited on a day: those to be called again by then first, then by the end of their window.

    Who left the programme, and who said no to surveys or to being contacted, is not asked.
    """
    rows = db.execute(_due(programme, on)).all()
    return sorted(map(_interview, rows), key=lambda due: (due.next_on or dt.date.max, due.closes_on, due.study_id))


def get_interview(db: Session, viewer: Viewer, code: str, invitation_id: int) -> tuple[Programme, Entrepreneur, Invitation]:
    """Return an invitation of a programme that an account may see, with the person, or raise NotFound."""
    programme = get_programme_for(db, viewer, code)
    found = db.execute(
        select(Entrepreneur, Invitation)
        .join(Invitation, Invitation.entrepreneur_id == Entrepreneur.id)
        .join(Wave, Wave.id == Invitation.wave_id)
        .where(Invitation.id == invitation_id, Wave.programme_id == programme.id)
    ).one_or_none()
    if found is None:
        raise NotFound(Message("There is no such interview in this programme."))
    return programme, found[0], found[1]


def _due(programme: Programme, on: dt.date) -> Select[*tuple[Any, ...]]:
    last, newer = aliased(ContactAttempt), aliased(ContactAttempt)
    newest = (
        select(func.max(newer.id))
        .where(newer.programme_id == programme.id, newer.entrepreneur_id == Invitation.entrepreneur_id)
        .scalar_subquery()
    )
    left = select(ProgrammeExit.entrepreneur_id).where(ProgrammeExit.programme_id == programme.id)
    silent = select(Consent.entrepreneur_id).where(
        Consent.programme_id == programme.id,
        Consent.purpose.in_(NEEDED),
        or_(Consent.refused_on.is_not(None), Consent.withdrawn_on.is_not(None)),
        *(
            Consent.entrepreneur_id.not_in(consenting_people(programme.id, purpose, on)) | (Consent.purpose != purpose)
            for purpose in NEEDED
        ),
    )
    return (
        select(
            Invitation.id, Entrepreneur.study_id, Wave.label_ko, Wave.label_en, Invitation.due_on, Invitation.closes_on,
            SurveyDraft.saved_at, last.at, last.outcome, last.next_on,
        )
        .join(Wave, Wave.id == Invitation.wave_id)
        .join(Entrepreneur, Entrepreneur.id == Invitation.entrepreneur_id)
        .outerjoin(SurveyDraft, SurveyDraft.invitation_id == Invitation.id)
        .outerjoin(last, last.id == newest)
        .where(Wave.programme_id == programme.id, Invitation.state.in_(ASKED))
        .where(Invitation.opens_on <= on, Invitation.closes_on >= on)
        .where(Invitation.entrepreneur_id.not_in(left), Invitation.entrepreneur_id.not_in(silent))
    )  # fmt: skip


def _interview(row: Row[*tuple[Any, ...]]) -> DueInterview:
    key, study_id, ko, en, *rest = row
    return DueInterview(key, study_id, {"ko": ko, "en": en}, *rest)
