"""Plan who is asked in a wave, and when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.wave_locks import refuse_if_locked


class Window(NamedTuple):
    """When one person can answer, and the day by which they are expected to."""

    opens_on: dt.date
    due_on: dt.date
    closes_on: dt.date


class Planned(NamedTuple):
    """How many invitations were added, how many got another window, and how many were taken back."""

    added: int
    moved: int
    dropped: int


def plan_invitations(db: Session, wave: Wave, windows: Mapping[int, Window]) -> Planned:
    """Store an invitation for everyone in `windows`, by the person's key. The same plan again changes nothing.

    What has been sent stays as it was sent. A planned invitation of someone who is not to be asked any more is taken back; whoever
    has answered already gets none. In a locked wave nothing is planned.
    """
    refuse_if_locked(db, wave.id)
    stored = {i.entrepreneur_id: i for i in db.scalars(select(Invitation).where(Invitation.wave_id == wave.id).with_for_update())}
    answered = set(db.scalars(select(Submission.entrepreneur_id).where(Submission.wave_id == wave.id)))
    new = [person for person in windows if person not in stored and person not in answered]
    db.add_all(_planned(db, wave, person, windows[person]) for person in new)
    unsent = [i for i in stored.values() if i.state == "planned"]
    moved = [i for i in unsent if i.entrepreneur_id in windows and _move(i, windows[i.entrepreneur_id])]
    dropped = [i for i in unsent if i.entrepreneur_id not in windows and i.token_hash is None]
    for invitation in dropped:
        db.delete(invitation)
    db.flush()
    planned = Planned(len(new), len(moved), len(dropped))
    if any(planned):
        record_entry(db, "invitations_planned", "wave", wave.id, after={"wave": wave.code, **planned._asdict()})
    return planned


def _planned(db: Session, wave: Wave, person: int, window: Window) -> Invitation:
    return Invitation(
        wave_id=wave.id,
        entrepreneur_id=person,
        **window._asdict(),
        state="planned",
        second_secret=wave.second_secret,
        created_by=actor_of(db).account,
        created_at=now(),
    )


def _move(invitation: Invitation, window: Window) -> bool:
    if Window(invitation.opens_on, invitation.due_on, invitation.closes_on) == window:
        return False
    invitation.opens_on, invitation.due_on, invitation.closes_on = window
    return True
