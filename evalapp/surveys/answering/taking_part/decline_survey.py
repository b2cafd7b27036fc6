"""Say no: to this survey, or to all of them."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.people.consents.queries import list_consents
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.open_invitation import demand_open
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Wave

REFUSAL = "2.1"  # of AAPOR's final dispositions
PURPOSE = "survey"


def decline_survey(db: Session, invitation: Invitation, *, withdraw: bool) -> None:
    """Record that a person does not take part and forget what they answered so far; `withdraw` ends their consent to surveys too."""
    db.refresh(invitation, with_for_update=True)
    demand_open(invitation)
    person = db.get_one(Entrepreneur, invitation.entrepreneur_id)
    programme = db.get_one(Programme, db.get_one(Wave, invitation.wave_id).programme_id)
    invitation.state, invitation.disposition = "refused", REFUSAL
    db.execute(delete(SurveyDraft).where(SurveyDraft.invitation_id == invitation.id))
    record_entry(db, "survey_declined", "invitation", invitation.id, subject=person.study_id, after={"withdraws": withdraw})
    consents = {consent.purpose: consent for consent in list_consents(db, programme.id, person.id)}
    if withdraw and consents[PURPOSE].is_valid:
        withdraw_consent(db, programme, person, today(), "no_longer_wishes", {PURPOSE})
