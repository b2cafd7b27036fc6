"""Send an invitation or a reminder to one person, when everything still speaks for it at the moment of sending."""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now, today
from evalapp.core.messages.messenger import Channel, Messenger, OutgoingMessage
from evalapp.people.consents.queries import consenting_people
from evalapp.people.contacts.queries import find_exit, find_no_contact_day
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.use_identity import use_identity
from evalapp.surveys.invitations.deliver import ARRIVING, Letter, Outcome, Writing, deliver
from evalapp.surveys.invitations.links import BIRTH_YEAR, ONE_TIME_CODE, link_to, secret_index, token_of
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.invitations.wording import SUBJECT, invitation_text
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.wave_locks import is_locked

ADDRESS_FIELDS: Final[dict[Channel, str]] = {"sms": "phone", "kakaotalk": "phone", "email": "email"}
MOST_REMINDERS: Final = 6
APART: Final = dt.timedelta(hours=20)  # between two messages to one person about one survey, whoever presses the button


def send_invitation(writing: Writing, messenger: Messenger, invitation_id: int, key: str, first_choice: str = "") -> Outcome:
    """Send the first message of a planned invitation, or the reminder of one that was sent; `skipped` where something forbids it.

    `first_choice` is a channel; left empty, that of the last message. Another is taken where there is no address for it.
    """

    def compose(db: Session) -> Letter | None:
        invitation = db.scalars(select(Invitation).where(Invitation.id == invitation_id).with_for_update()).one()
        wave = db.get_one(Wave, invitation.wave_id)
        if not may_write(db, invitation, wave):
            return None
        reminder = invitation.state != "planned"
        kept = use_identity(db, invitation.entrepreneur_id, ("phone", "email", "birth_date"), "survey message")
        address = _address(kept, messenger, first_choice or _last_channel(db, invitation))
        if address is None:
            return None
        _settle_secret(db, invitation, kept.get("birth_date"))
        return _letter(db, invitation, wave, key, address, messenger.public_url, reminder=reminder)

    return deliver(writing, messenger, invitation_id, key, compose)


def may_write(db: Session, invitation: Invitation, wave: Wave) -> bool:
    """Say whether this person may be written to now.

    Not where they answered, outside of their window, in a locked wave, without a consent, after they left, or too often.
    """
    person, programme = invitation.entrepreneur_id, wave.programme_id
    if invitation.state not in ("planned", "sent", "opened") or not invitation.opens_on <= today() <= invitation.closes_on:
        return False
    if is_locked(db, wave.id):
        return False
    may = consenting_people(programme, "survey", today()).subquery()
    consents = db.scalar(select(exists().where(may.c.entrepreneur_id == person)))
    answered = db.scalar(select(exists().where(Submission.wave_id == wave.id, Submission.entrepreneur_id == person)))
    if not consents or answered or find_exit(db, programme, person) or find_no_contact_day(db, programme, person):
        return False
    tried = list_tries(db, invitation)
    too_soon = bool(tried) and tried[-1] > now() - APART
    return not too_soon and len(tried) <= MOST_REMINDERS


def list_tries(db: Session, invitation: Invitation) -> list[dt.datetime]:
    """Return when an invitation's link was sent, the first message and every reminder, oldest first."""
    of_link = InvitationMessage.kind.in_(("invitation", "reminder")), InvitationMessage.outcome.in_(ARRIVING)
    sent = select(InvitationMessage.sent_at).where(InvitationMessage.invitation_id == invitation.id, *of_link)
    return list(db.scalars(sent.order_by(InvitationMessage.sent_at)))


def _last_channel(db: Session, invitation: Invitation) -> str:
    sent = select(InvitationMessage.channel).where(InvitationMessage.invitation_id == invitation.id)
    return db.scalar(sent.order_by(InvitationMessage.id.desc()).limit(1)) or ""


def _address(kept: dict[str, str], messenger: Messenger, first_choice: str) -> tuple[Channel, str] | None:
    """Return where to write: by the first choice where there is an address for it, else by whatever there is."""
    usable = [channel for channel in messenger.channels if ADDRESS_FIELDS[channel] in kept]
    channel = next((name for name in usable if name == first_choice), next(iter(usable), None))
    return (channel, kept[ADDRESS_FIELDS[channel]]) if channel else None


def _settle_secret(db: Session, invitation: Invitation, birth_date: str | None) -> None:
    """Settle what is asked besides the link: the birth year as the vault has it now, or a code where it has none."""
    if invitation.second_secret != BIRTH_YEAR:
        return
    if birth_date is None:
        invitation.second_secret = ONE_TIME_CODE
    else:
        invitation.secret_index = secret_index(db, invitation, birth_date[:4])


def _letter(
    db: Session, invitation: Invitation, wave: Wave, key: str, address: tuple[Channel, str], public_url: str, *, reminder: bool
) -> Letter:
    channel, to = address
    kind = "reminder" if reminder else "invitation"
    link = link_to(public_url, token_of(db, invitation))
    text = invitation_text(channel, link, invitation.closes_on, invitation.second_secret, invitation.language, reminder=reminder)
    study_id = db.get_one(Entrepreneur, invitation.entrepreneur_id).study_id
    record_entry(
        db, "invitation_sent", "invitation", invitation.id, subject=study_id,
        after={"wave": wave.code, "kind": kind, "channel": channel},
    )  # fmt: skip
    return Letter(kind, OutgoingMessage(key, channel, to, SUBJECT if channel == "email" else "", text))
