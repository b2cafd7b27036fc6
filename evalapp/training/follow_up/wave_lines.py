"""Everybody of the roster in a wave: where they stand, and what is to be done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.messages.messenger import Channel
from evalapp.people.listing.roster import RosterLine, list_roster
from evalapp.people.vault.queries import list_known_fields
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.plan_invitations import Window
from evalapp.surveys.invitations.queries import InvitationFacts, list_invitations, reminder_days
from evalapp.surveys.invitations.send_invitation import ADDRESS_FIELDS
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.queries import list_states
from evalapp.surveys.tables import Wave
from evalapp.training.follow_up.schedule_waves import list_cohorts_by_person, list_windows
from evalapp.training.follow_up.wave_outcomes import WAITING, Standing


@dataclass(frozen=True)
class WaveLine:
    """One person in one wave on a day. `counts` says that an answer was due by then; `channels` how the person can be written to."""

    person: RosterLine
    cohort: str
    arm: str
    window: Window | None
    invitation: InvitationFacts | None
    status: str
    code: str
    counts: bool
    answered: bool
    channels: tuple[Channel, ...]
    reminder_is_due: bool

    @property
    def to_invite(self) -> bool:
        """Say whether a first message can go out."""
        return self.status in WAITING and bool(self.channels) and self.invitation is not None and not self.invitation.tries

    @property
    def to_remind(self) -> bool:
        """Say whether the person was asked, has not answered and can be written to again."""
        return self.status in WAITING and bool(self.channels) and self.invitation is not None and bool(self.invitation.tries)

    @property
    def without_address(self) -> bool:
        """Say whether somebody is to be asked whom no message can reach."""
        return self.status in WAITING and not self.channels


def list_wave_lines(db: Session, wave: Wave, on: dt.date, roster: Sequence[RosterLine] | None = None) -> list[WaveLine]:
    """Return everybody on the roster of a wave's programme, by study ID."""
    people = list_roster(db, wave.programme_id, on) if roster is None else roster
    windows, invitations = list_windows(db, wave, people), list_invitations(db, wave.id)
    states, begun = list_states(db, wave.id), _begun(db, wave.id)
    cohorts, known = list_cohorts_by_person(db, wave.programme_id), list_known_fields(db, wave.programme_id)
    days = reminder_days(wave)
    lines = []
    for person in people:
        invitation = invitations.get(person.id)
        standing = Standing(person, windows.get(person.id), invitation, states.get(person.id), person.id in begun)
        cohort = cohorts.get(person.id)
        reminder_on = invitation.next_reminder_on(days) if invitation else None
        lines.append(
            WaveLine(
                person=person,
                cohort=cohort.code if cohort else "",
                arm=cohort.arm if cohort else "",
                window=invitation.window if invitation else windows.get(person.id),
                invitation=invitation,
                status=standing.status(on),
                code=standing.final_code(on),
                counts=standing.counts(on),
                answered=standing.answered,
                channels=_channels(known.get(person.id, frozenset())),
                reminder_is_due=reminder_on is not None and reminder_on <= on,
            )
        )
    return lines


def _channels(fields: frozenset[str]) -> tuple[Channel, ...]:
    return tuple(channel for channel, field in ADDRESS_FIELDS.items() if field in fields)


def _begun(db: Session, wave_id: int) -> set[int]:
    drafts = select(Invitation.entrepreneur_id).join(SurveyDraft, SurveyDraft.invitation_id == Invitation.id)
    return set(db.scalars(drafts.where(Invitation.wave_id == wave_id)))
