"""Take an invitation back, note that the person refused, or make its link anew."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.invitations.links import give_token
from evalapp.surveys.invitations.tables import Invitation

ENDED = ("submitted", "refused", "cancelled")
ACTIONS: Final = {"refused": "invitation_refused", "cancelled": "invitation_cancelled"}


def end_invitation(db: Session, invitation: Invitation, state: Literal["refused", "cancelled"], reason: str) -> None:
    """End an invitation: its link leads nowhere any more and no message follows."""
    why = check_reason(reason)
    if invitation.state in ENDED:
        raise AppError(Message("This invitation is over already."))
    before = {"state": invitation.state}
    invitation.state, invitation.token_hash, invitation.token_sealed = state, None, None
    invitation.secret_index = invitation.secret_expires_at = None
    db.flush()
    record_entry(db, ACTIONS[state], "invitation", invitation.id, subject=_study_id(db, invitation), before=before, reason=why)


def renew_link(db: Session, invitation: Invitation) -> None:
    """Give an invitation a new link, which goes out with its next message; the old one and an open page end at once."""
    if invitation.state in ENDED:
        raise AppError(Message("This invitation is over already."))
    give_token(db, invitation)
    invitation.opened_at, invitation.failed_attempts, invitation.locked_until = None, 0, None
    if invitation.state == "opened":
        invitation.state = "sent"
    db.flush()
    record_entry(db, "invitation_link_renewed", "invitation", invitation.id, subject=_study_id(db, invitation))


def _study_id(db: Session, invitation: Invitation) -> str:
    return db.get_one(Entrepreneur, invitation.entrepreneur_id).study_id
