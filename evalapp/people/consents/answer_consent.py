"""Write down what a person was asked and what they said: asked, given, refused, renewed."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.consents.consent_states import VALID, consent_state
from evalapp.people.consents.queries import get_consent_text, list_consent_rows
from evalapp.people.tables import Consent, ConsentText, Entrepreneur, Programme


@dataclass(frozen=True)
class Asked:
    """What a person is asked: a purpose, in a version of its text, in a language."""

    purpose: str
    version: str
    language: str


def ask_consent(db: Session, programme: Programme, person: Entrepreneur, asked: Asked, asked_on: dt.date) -> Consent:
    """Record that a person was asked; while that question is open, asking the same again changes nothing."""
    _published(db, programme, asked)
    _refuse_future(asked_on)
    rows = list_consent_rows(db, programme.id, person.id, asked.purpose)
    row = _open_question(rows, asked)
    if row is None:
        row = _new_row(db, programme, person, asked)
        row.asked_on = asked_on
        _record(db, "consent_asked", programme, person, row, asked_on)
    return row


def give_consent(db: Session, programme: Programme, person: Entrepreneur, asked: Asked, given_on: dt.date) -> Consent:
    """Record a first consent; it expires after the months its text names. The same again changes nothing."""
    text = _published(db, programme, asked)
    rows = list_consent_rows(db, programme.id, person.id, asked.purpose)
    same = _same_statement(rows, asked, given_on)
    if same:
        return same
    if any(row.given_on for row in rows):
        raise AppError(Message("The person has given this consent before. Record a renewal instead."))
    return _give(db, programme, person, asked, text, given_on, "consent_given")


def renew_consent(db: Session, programme: Programme, person: Entrepreneur, asked: Asked, given_on: dt.date) -> Consent:
    """Record that a person consents again, after an expiry or a withdrawal or before either. The earlier statements stay."""
    text = _published(db, programme, asked)
    rows = list_consent_rows(db, programme.id, person.id, asked.purpose)
    same = _same_statement(rows, asked, given_on)
    if same and same.withdrawn_on is None:
        return same
    if same:
        raise AppError(Message("The same consent of this day was withdrawn. A renewal needs a later day or another version."))
    earlier = [row.given_on for row in rows if row.given_on]
    if not earlier:
        raise AppError(Message("There is no earlier consent to renew. Record the consent as given."))
    last = max(earlier + [row.withdrawn_on for row in rows if row.withdrawn_on])
    if given_on < last:
        raise AppError(Message("A renewal cannot be earlier than the last statement, %(date)s.", date=last))
    return _give(db, programme, person, asked, text, given_on, "consent_renewed")


def refuse_consent(db: Session, programme: Programme, person: Entrepreneur, asked: Asked, refused_on: dt.date) -> Consent:
    """Record that a person said no. Where an earlier consent to the purpose still holds, the no to its renewal ends it."""
    _published(db, programme, asked)
    _refuse_future(refused_on)
    rows = list_consent_rows(db, programme.id, person.id, asked.purpose)
    same = next((row for row in rows if row.refused_on == refused_on and row.text_version == asked.version), None)
    if same:
        return same
    row = _open_question(rows, asked)
    if row is None and consent_state(rows, today()) in VALID:
        raise AppError(Message("The person has given this consent. Record a withdrawal instead."))
    row = row or _new_row(db, programme, person, asked)
    _check_after_question(row, refused_on)
    row.refused_on, row.language = refused_on, asked.language
    _record(db, "consent_refused", programme, person, row, refused_on)
    return row


def _give(
    db: Session, programme: Programme, person: Entrepreneur, asked: Asked, text: ConsentText, given_on: dt.date, action: str
) -> Consent:
    _refuse_future(given_on)
    rows = list_consent_rows(db, programme.id, person.id, asked.purpose)
    row = _open_question(rows, asked) or _new_row(db, programme, person, asked)
    _check_after_question(row, given_on)
    row.given_on, row.language = given_on, asked.language
    row.expires_on = None if text.valid_months is None else months_later(given_on, text.valid_months)
    _record(db, action, programme, person, row, given_on)
    return row


def _published(db: Session, programme: Programme, asked: Asked) -> ConsentText:
    return get_consent_text(db, programme.id, asked.purpose, asked.version, asked.language)


def _same_statement(rows: Sequence[Consent], asked: Asked, given_on: dt.date) -> Consent | None:
    return next((row for row in rows if row.given_on == given_on and row.text_version == asked.version), None)


def _open_question(rows: Sequence[Consent], asked: Asked) -> Consent | None:
    return next((row for row in rows if row.text_version == asked.version and not (row.given_on or row.refused_on)), None)


def _new_row(db: Session, programme: Programme, person: Entrepreneur, asked: Asked) -> Consent:
    row = Consent(programme_id=programme.id, entrepreneur_id=person.id, purpose=asked.purpose, text_version=asked.version)
    row.language = asked.language
    db.add(row)
    return row


def _check_after_question(row: Consent, answered_on: dt.date) -> None:
    if row.asked_on and answered_on < row.asked_on:
        raise AppError(Message("The answer cannot be earlier than the question, %(date)s.", date=row.asked_on))


def _refuse_future(day: dt.date) -> None:
    if day > today():
        raise AppError(Message("%(date)s lies in the future.", date=day))


def _record(db: Session, action: str, programme: Programme, person: Entrepreneur, row: Consent, day: dt.date) -> None:
    row.recorded_by = actor_of(db).account
    db.flush()
    after = {"programme": programme.code, "purpose": row.purpose, "version": row.text_version, "on": day}
    record_entry(db, action, "consent", row.id, subject=person.study_id, after=after)


def months_later(day: dt.date, months: int) -> dt.date:
    """Return the same day some months later, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
