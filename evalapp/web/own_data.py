"""All that is kept about one person, as files for themselves: a page to read, the same as data, and every row behind it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.people.consents.queries import list_consent_history
from evalapp.people.contacts.queries import list_contacts
from evalapp.people.contacts.read_contact_notes import read_contact_notes
from evalapp.people.enterprises.queries import list_enterprises
from evalapp.people.records.own_rows import list_own_rows
from evalapp.people.rights.hand_over_data import OwnField
from evalapp.people.rights.queries import list_requests_of
from evalapp.people.words import (
    CHANNELS,
    CONSENT_STATES,
    EVENTS,
    INDUSTRY_WORDS,
    OUTCOMES,
    PERSON_COLUMNS,
    PURPOSES,
    REQUEST_KINDS,
    REQUEST_STATES,
)
from evalapp.surveys.own_page.queries import list_own_answers, list_own_programmes
from evalapp.training.sessions.own_sessions import list_attended_days
from evalapp.web.formats import date, instant, said
from evalapp.web.review.shown_answers import shown_answer, shown_label
from evalapp.web.training.attendance_words import STATUSES

Row = tuple[Message | str, ...]


@dataclass(frozen=True)
class Section:
    """One kind of data: a heading, what its columns are, and the rows."""

    title: Message
    columns: tuple[Message, ...]
    rows: Sequence[Row]

    def as_data(self) -> dict[str, Any]:
        """Return the same in the reader's words, as plain data."""
        return {
            "title": said(self.title),
            "columns": [said(column) for column in self.columns],
            "rows": [[said(cell) for cell in row] for row in self.rows],
        }


def own_data_files(db: Session, person: Any, identity: Sequence[OwnField], language: str) -> dict[str, bytes]:
    """Return the files by name, in a language."""
    around, g.language = g.language, language
    try:
        sections = [section for section in _sections(db, person, identity) if section.rows]
        page = render_template("requests/own_data.html", sections=sections, person=person, today=today())
        data = {"study_id": person.study_id, "sections": [section.as_data() for section in sections]}
    finally:
        g.language = around
    rows = list_own_rows(db, person)
    return {"my-data.html": page.encode(), "my-data.json": _json(data), "every-row.json": _json(rows)}


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1, default=str).encode()


def _sections(db: Session, person: Any, identity: Sequence[OwnField]) -> list[Section]:
    programmes = list_own_programmes(db, person)
    return [
        Section(
            Message("Who you are"),
            (Message("Field"), Message("Value")),
            [(PERSON_COLUMNS[own.field], own.value) for own in identity],
        ),
        Section(
            Message("Consents"),
            (Message("Day"), Message("For what"), Message("What was said"), Message("Version")),
            _consents(db, person, programmes),
        ),
        *_surveys(db, person),
        Section(
            Message("Meetings"),
            (Message("Day"), Message("Attendance"), Message("Minutes")),
            [(date(one.held_on), STATUSES[one.status], str(one.minutes)) for one in list_attended_days(db, person.id)],
        ),
        Section(
            Message("Contacts"),
            (Message("When"), Message("How"), Message("What came of it"), Message("Note")),
            _contacts(db, person, programmes),
        ),
        Section(
            Message("Your business"), (Message("Day"), Message("What happened"), Message("Industry")), _enterprises(db, person)
        ),
        Section(
            Message("What you asked for"),
            (Message("When"), Message("What"), Message("State"), Message("Answer")),
            [
                (instant(one.asked_at), REQUEST_KINDS[one.kind], REQUEST_STATES[one.state], one.reason)
                for one in list_requests_of(db, person.id)
            ],
        ),
    ]


def _consents(db: Session, person: Any, programmes: Sequence[Any]) -> list[Row]:
    return [
        (
            date(one.happened_on),
            PURPOSES[one.purpose],
            CONSENT_STATES["requested" if one.kind == "asked" else one.kind],
            one.version,
        )
        for programme in programmes
        for one in list_consent_history(db, programme.id, person.id)
    ]


def _surveys(db: Session, person: Any) -> list[Section]:
    sections = []
    for seen in list_own_answers(db, person):
        submission = seen.submission
        title = Message("Survey, %(date)s", date=date(submission.answered_on or submission.received_at.date()))
        rows: list[Row] = [(Message("Receipt number"), submission.receipt)] if submission.receipt else []
        rows += [
            (shown_label(line.question, line.place.variable), shown_answer(line.question, line.stands))
            for line in seen.lines
            if line.stands is not None
        ]
        sections.append(Section(title, (Message("Question"), Message("Answer")), rows))
    return sections


def _contacts(db: Session, person: Any, programmes: Sequence[Any]) -> list[Row]:
    rows: list[Row] = []
    for programme in programmes:
        notes = read_contact_notes(db, programme, person)
        rows += [
            (instant(one.at), CHANNELS[one.channel], OUTCOMES[one.outcome], notes.get(one.id, ""))
            for one in list_contacts(db, programme.id, person.id)
        ]
    return rows


def _enterprises(db: Session, person: Any) -> list[Row]:
    return [
        (date(event.happened_on), EVENTS[event.kind], INDUSTRY_WORDS[event.industry] if event.industry else "")
        for history in list_enterprises(db, person)
        for event in history.events
    ]
