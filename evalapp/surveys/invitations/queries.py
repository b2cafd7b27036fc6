"""Reads of invitations and their messages."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.surveys.invitations.deliver import ARRIVING
from evalapp.surveys.invitations.plan_invitations import Window
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.tables import Wave


@dataclass(frozen=True)
class InvitationFacts:
    """An invitation as lists need it: `tries` are the instants at which its link went out, `fault` why the last message did not."""

    id: int
    entrepreneur_id: int
    state: str
    window: Window
    opened: bool
    tries: tuple[dt.datetime, ...]
    fault: str

    def next_reminder_on(self, days: Sequence[int]) -> dt.date | None:
        """Return when the schedule asks for the next reminder: the n-th comes `days[n]` days after the invitation."""
        reminded = len(self.tries) - 1
        if not 0 <= reminded < len(days):
            return None
        return self.tries[0].astimezone(SEOUL).date() + dt.timedelta(days=days[reminded])


def list_invitations(db: Session, wave_id: int) -> dict[int, InvitationFacts]:
    """Return the invitations of a wave by person."""
    messages: defaultdict[int, list[InvitationMessage]] = defaultdict(list)
    of_wave = select(InvitationMessage).join(Invitation, Invitation.id == InvitationMessage.invitation_id)
    for message in db.scalars(of_wave.where(Invitation.wave_id == wave_id).order_by(InvitationMessage.id)):
        messages[message.invitation_id].append(message)
    invitations = db.scalars(select(Invitation).where(Invitation.wave_id == wave_id))
    return {i.entrepreneur_id: _facts(i, messages[i.id]) for i in invitations}


def _facts(invitation: Invitation, messages: Sequence[InvitationMessage]) -> InvitationFacts:
    links = [message for message in messages if message.kind in ("invitation", "reminder")]
    return InvitationFacts(
        invitation.id,
        invitation.entrepreneur_id,
        invitation.state,
        Window(invitation.opens_on, invitation.due_on, invitation.closes_on),
        invitation.opened_at is not None,
        tuple(message.sent_at for message in links if message.outcome in ARRIVING),
        links[-1].fault if links else "",
    )


def get_invitation(db: Session, wave: Wave, invitation_id: int, *, to_write: bool = False) -> Invitation:
    """Return an invitation of a wave, or raise NotFound. `to_write` keeps other writers waiting."""
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.wave_id == wave.id)
    found = db.scalar(query.with_for_update() if to_write else query)
    if found is None:
        raise NotFound(Message("This wave has no such invitation."))
    return found


def list_messages(db: Session, invitation_id: int) -> Sequence[InvitationMessage]:
    """Return the messages of an invitation, the newest first."""
    of_invitation = select(InvitationMessage).where(InvitationMessage.invitation_id == invitation_id)
    return db.scalars(of_invitation.order_by(InvitationMessage.id.desc())).all()


def has_begun(db: Session, wave_id: int) -> bool:
    """Say whether anybody was sent an invitation of a wave, or opened one."""
    return db.scalar(select(Invitation.id).where(Invitation.wave_id == wave_id, Invitation.state != "planned").limit(1)) is not None


def reminder_days(wave: Wave) -> tuple[int, ...]:
    """Return on which days after the invitation a wave's reminders go out."""
    return tuple(json.loads(wave.reminders))
