"""Send the one-time code that opens a survey, to the telephone or the e-mail address in the vault."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.limit_attempts import Limit, note_attempt, refuse_if_exhausted
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.messages.messenger import Messenger, OutgoingMessage
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.use_identity import use_identity
from evalapp.surveys.invitations.deliver import Letter, Outcome, Writing, deliver
from evalapp.surveys.invitations.links import ONE_TIME_CODE, new_code, secret_index
from evalapp.surveys.invitations.open_invitation import demand_open, find_invitation, is_locked
from evalapp.surveys.invitations.send_invitation import ADDRESS_FIELDS
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.invitations.wording import SUBJECT, code_text

GOOD_FOR = dt.timedelta(minutes=15)
FOR_ONE_LINK = Limit("send_code", most=4, within=dt.timedelta(hours=1))


def send_code(writing: Writing, messenger: Messenger, token: str) -> Outcome:
    """Send a new code for a link; it ends an older one. `skipped` for an unknown link and where there is no address.

    TooManyAttempts when too many were asked for, ClosedInvitation when there is nothing to answer.
    """
    with writing() as db:
        found = find_invitation(db, token)
        if found is None or found.second_secret != ONE_TIME_CODE:
            return "skipped"
        demand_open(found)
        refuse_if_exhausted(db, FOR_ONE_LINK, str(found.id))
        note_attempt(db, FOR_ONE_LINK, str(found.id))
        number = found.id
    key = secrets.token_hex(16)
    return deliver(writing, messenger, number, key, lambda db: _compose(db, messenger, number, key))


def _compose(db: Session, messenger: Messenger, number: int, key: str) -> Letter | None:
    invitation = db.scalars(select(Invitation).where(Invitation.id == number).with_for_update()).one()
    if is_locked(invitation):
        return None
    kept = use_identity(db, invitation.entrepreneur_id, ("phone", "email"), "survey code")
    channel = next((name for name in messenger.channels if ADDRESS_FIELDS[name] in kept), None)
    if channel is None:
        return None
    code = new_code()
    invitation.secret_index = secret_index(db, invitation, code)
    invitation.secret_expires_at = now() + GOOD_FOR
    study_id = db.get_one(Entrepreneur, invitation.entrepreneur_id).study_id
    record_entry(db, "invitation_code_sent", "invitation", number, subject=study_id, after={"channel": channel})
    text = code_text(code, int(GOOD_FOR.total_seconds() // 60), invitation.language)
    subject = SUBJECT if channel == "email" else ""
    return Letter("code", OutgoingMessage(key, channel, kept[ADDRESS_FIELDS[channel]], subject, text))
