"""All that is known of a person over time, out of every stage, the newest first. No answers and nothing that identifies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.language import Message
from evalapp.people.consents.queries import list_consent_history
from evalapp.people.contacts.queries import find_exit, list_contacts, seoul_day
from evalapp.people.enterprises.queries import list_enterprises
from evalapp.people.listing.queries import get_registration
from evalapp.people.records.queries import find_erasure, list_merges
from evalapp.people.rights.queries import list_requests_of
from evalapp.surveys.queries import list_submissions_of
from evalapp.training.enrolments.queries import list_steps_of
from evalapp.training.queries import count_attendance_of
from evalapp.web.people import words

KINDS = {
    "record": Message("Record"),
    "consent": Message("Consent"),
    "contact": Message("Contact"),
    "enterprise": Message("Enterprise"),
    "training": Message("Training"),
    "survey": Message("Survey"),
}


@dataclass(frozen=True)
class Event:
    """One thing that happened: the day, what kind it is (KINDS), what it was, who wrote it down."""

    on: dt.date
    kind: str
    text: Message
    account: str | None = None


def list_events(db: Session, viewer: Viewer, programme: Any, person: Any, language: str) -> list[Event]:
    """Return what happened to a person in a programme, as far as the viewer may know it, the newest first."""
    events = [
        *_record(db, programme, person),
        *_consents(db, programme, person),
        *_enterprises(db, person),
        *_surveys(db, programme, person, language),
        *_contacts(db, programme, person),
    ]
    if viewer.may("cohort.view"):
        events += _training(db, programme, person)
    return sorted(events, key=lambda event: event.on, reverse=True)


def _record(db: Session, programme: Any, person: Any) -> Iterator[Event]:
    registration = get_registration(db, programme.id, person)
    yield Event(registration.registered_on, "record", Message("Registered in the programme"))
    for merge in list_merges(db, person):
        text = Message("%(study_id)s turned out to be the same person", study_id=merge.merged_study_id)
        yield Event(seoul_day(merge.merged_at), "record", text, merge.merged_by)
    if left := find_exit(db, programme.id, person.id):
        text = Message("Left the programme: %(reason)s", reason=words.EXIT_REASONS[left.reason])
        yield Event(left.left_on, "record", text, left.account)
    for asked in list_requests_of(db, person.id):
        text = Message(
            "Asked on the own page: %(kind)s, %(state)s",
            kind=words.REQUEST_KINDS[asked.kind],
            state=words.REQUEST_STATES[asked.state],
        )
        yield Event(seoul_day(asked.asked_at), "record", text)
    if erasure := find_erasure(db, person.study_id):
        yield Event(seoul_day(erasure.erased_at), "record", Message("The identity was erased"), erasure.erased_by)


def _consents(db: Session, programme: Any, person: Any) -> Iterator[Event]:
    for said in reversed(list_consent_history(db, programme.id, person.id)):
        state = words.CONSENT_STATES["requested" if said.kind == "asked" else said.kind]
        text = Message(
            "%(purpose)s: %(said)s (version %(version)s)", purpose=words.PURPOSES[said.purpose], said=state, version=said.version
        )
        yield Event(said.happened_on, "consent", text, said.recorded_by)


def _contacts(db: Session, programme: Any, person: Any) -> Iterator[Event]:
    for contact in list_contacts(db, programme.id, person.id):
        text = Message("%(channel)s: %(outcome)s", channel=words.CHANNELS[contact.channel], outcome=words.OUTCOMES[contact.outcome])
        yield Event(seoul_day(contact.at), "contact", text, contact.account)


def _enterprises(db: Session, person: Any) -> Iterator[Event]:
    for history in list_enterprises(db, person):
        for event in history.events:
            text = words.EVENTS[event.kind]
            if event.industry:
                text = Message("%(event)s: %(industry)s", event=text, industry=words.INDUSTRY_WORDS[event.industry])
            yield Event(event.happened_on, "enterprise", text, event.account)


def _surveys(db: Session, programme: Any, person: Any, language: str) -> Iterator[Event]:
    for submission in list_submissions_of(db, programme.id, person.id):
        state = words.SUBMISSION_STATES[submission.state]
        text = Message("%(wave)s: %(state)s", wave=submission.label[language], state=state)
        yield Event(submission.answered_on or seoul_day(submission.received_at), "survey", text)


def _training(db: Session, programme: Any, person: Any) -> Iterator[Event]:
    for step in reversed(list_steps_of(db, programme.id, person.id)):
        facts = {"cohort": step.cohort_code, "stage": words.STAGES[step.to_stage], "reason": words.STEP_REASONS[step.reason]}
        text = Message("Training: %(stage)s (%(reason)s)", **facts)
        if step.cohort_code:
            text = Message("Cohort %(cohort)s: %(stage)s (%(reason)s)", **facts)
        if step.note:
            text = Message("%(event)s: %(note)s", event=text, note=step.note)
        yield Event(step.stepped_on, "training", text, step.account)
    attendance = count_attendance_of(db, programme.id, person.id)
    if attendance.last_on:
        text = Message("Came to %(came)s of %(held)s sessions", came=attendance.came, held=attendance.held)
        yield Event(attendance.last_on, "training", text)
