"""Everybody registered in a programme, with what stands against asking them: the roster that follow-up is measured against."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.consents.consent_states import VALID, State, consent_state
from evalapp.people.contacts.queries import seoul_day
from evalapp.people.contacts.tables import ContactAttempt, ProgrammeExit
from evalapp.people.records.queries import list_kept
from evalapp.people.tables import Consent, Entrepreneur, Registration

Obstacle = Literal["", "no_consent", "left", "no_contact"]
SAID_NO: tuple[State, ...] = ("refused", "withdrawn")


@dataclass(frozen=True)
class RosterLine:
    """One registered person on a day: the consent to the survey, how they left, and each contact as its day and outcome.

    `obstacle` is why they must not be asked: no consent that holds, gone, or a no to being contacted again.
    """

    id: int
    study_id: str
    registered_on: dt.date
    consent: State
    left_for: str | None
    no_contact: bool
    contacts: tuple[tuple[dt.date, str], ...] = ()

    @property
    def obstacle(self) -> Obstacle:
        """Why the person must not be asked, or nothing."""
        if self.left_for is not None:
            return "left"
        if self.consent not in VALID:
            return "no_consent"
        return "no_contact" if self.no_contact else ""


def list_roster(db: Session, programme_id: int, on: dt.date) -> list[RosterLine]:
    """Return everybody registered by study ID; a record that was merged into another is not somebody."""
    registered = (
        select(Entrepreneur.id, Entrepreneur.study_id, Registration.registered_on)
        .join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
        .where(Registration.programme_id == programme_id)
    )
    rows = db.execute(registered.order_by(Entrepreneur.study_id)).all()
    merged = list_kept(db, [row.id for row in rows])
    left = select(ProgrammeExit.entrepreneur_id, ProgrammeExit.reason).where(ProgrammeExit.programme_id == programme_id)
    reasons = {person: reason for person, reason in db.execute(left)}  # noqa: C416 - typed pairs out of rows
    survey, recontact = (_states(db, programme_id, purpose, on) for purpose in ("survey", "recontact"))
    contacts = _contacts(db, programme_id)
    return [
        RosterLine(
            person, study_id, registered_on, survey.get(person, "not_asked"), reasons.get(person),
            recontact.get(person) in SAID_NO, tuple(contacts.get(person, ())),
        )
        for person, study_id, registered_on in rows if person not in merged
    ]  # fmt: skip


def _states(db: Session, programme_id: int, purpose: str, on: dt.date) -> dict[int, State]:
    rows: defaultdict[int, list[Consent]] = defaultdict(list)
    for row in db.scalars(
        select(Consent).where(Consent.programme_id == programme_id, Consent.purpose == purpose).order_by(Consent.id)
    ):
        rows[row.entrepreneur_id].append(row)
    return {person: consent_state(consents, on) for person, consents in rows.items()}


def _contacts(db: Session, programme_id: int) -> dict[int, list[tuple[dt.date, str]]]:
    attempts = select(ContactAttempt.entrepreneur_id, ContactAttempt.at, ContactAttempt.outcome)
    of_programme = attempts.where(ContactAttempt.programme_id == programme_id).order_by(ContactAttempt.at, ContactAttempt.id)
    contacts: defaultdict[int, list[tuple[dt.date, str]]] = defaultdict(list)
    for person, at, outcome in db.execute(of_programme):
        contacts[person].append((seoul_day(at), outcome))
    return contacts
