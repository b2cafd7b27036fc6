"""Send one message of an invitation and keep what came of it, in short transactions around the sending.

Between the two the message is `sending`: a process that dies there leaves it so, and it is never sent a second time under its key.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final, Literal, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now, today
from evalapp.core.messages.messenger import Messenger, OutgoingMessage, Undelivered
from evalapp.people.contacts.queries import list_contacts
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.tables import Wave

Writing = Callable[[], AbstractContextManager[Session]]
Outcome = Literal["sent", "failed", "skipped"]
ARRIVING: Final = ("sending", "sent")


class Letter(NamedTuple):
    """A message that is ready to go, and of which kind (MESSAGE_KINDS) it is."""

    kind: str
    message: OutgoingMessage


Compose = Callable[[Session], Letter | None]


def deliver(writing: Writing, messenger: Messenger, invitation_id: int, key: str, compose: Compose) -> Outcome:
    """Send what `compose` returns, unless it is None or was tried under this key before.

    `compose` looks at the conditions once more and writes what the message rests on (a token, a code) in the same transaction.
    """
    with writing() as db:
        if db.scalar(select(InvitationMessage.id).where(InvitationMessage.key == key)) is not None:
            return "skipped"
        letter = compose(db)
        if letter is None:
            return "skipped"
        facts = {"kind": letter.kind, "channel": letter.message.channel, "outcome": "sending", "sent_at": now()}
        db.add(InvitationMessage(invitation_id=invitation_id, key=key, **facts))
    fault = _send(messenger, letter.message)
    with writing() as db:
        _note(db, key, letter, fault)
    return "failed" if fault else "sent"


def _send(messenger: Messenger, message: OutgoingMessage) -> str:
    try:
        messenger.send(message)
    except Undelivered as error:
        return error.kind
    return ""


def _note(db: Session, key: str, letter: Letter, fault: str) -> None:
    sent = db.scalars(select(InvitationMessage).where(InvitationMessage.key == key)).one()
    sent.outcome, sent.fault = ("failed", fault) if fault else ("sent", "")
    if fault:
        return
    invitation, programme, person = db.execute(
        select(Invitation, Programme, Entrepreneur)
        .join(Wave, Wave.id == Invitation.wave_id)
        .join(Programme, Programme.id == Wave.programme_id)
        .join(Entrepreneur, Entrepreneur.id == Invitation.entrepreneur_id)
        .where(Invitation.id == sent.invitation_id)
    ).one()
    if invitation.state == "planned":
        invitation.state = "sent"
    _record_attempt(db, programme, person, key, letter.message.channel)


def _record_attempt(db: Session, programme: Programme, person: Entrepreneur, key: str, channel: str) -> None:
    """Count a message as a contact; a call that was promised before it stays promised."""
    promised = next((contact.next_on for contact in list_contacts(db, programme.id, person.id)), None)
    next_on = max(promised, today()) if promised else None
    record_contact(db, programme, person, key, Attempt(now(), channel, "message_sent", next_on))
