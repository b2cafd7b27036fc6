"""Go from one's own page on to a survey, without being asked again who one is."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.invitations.open_invitation import demand_open, hold_invitation, hold_of
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.own_page.queries import list_own_surveys


def go_on_with_survey(db: Session, person: Entrepreneur, invitation_id: int, on: dt.date) -> str:
    """Let the browser that holds a person's page hold one of their open surveys too; return what it is to keep."""
    if not any(own.invitation_id == invitation_id for own in list_own_surveys(db, person, on)):
        raise NotFound(Message("This survey does not wait for you any more."))
    invitation = db.scalars(select(Invitation).where(Invitation.id == invitation_id).with_for_update()).one()
    demand_open(invitation)
    record_entry(db, "own_page_survey_opened", "invitation", invitation.id, subject=person.study_id)
    return hold_of(hold_invitation(db, invitation))
