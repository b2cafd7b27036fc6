"""Write down what became of an enterprise: opened, registered, changed its industry, closed, opened again; and which is current."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.enterprises.queries import EnterpriseHistory, get_enterprise
from evalapp.people.tables import ENTERPRISE_EVENTS, INDUSTRIES, Enterprise, EnterpriseEvent, Entrepreneur


def open_enterprise(
    db: Session, person: Entrepreneur, opened_on: dt.date, industry: str | None = None, *, current: bool = True
) -> Enterprise:
    """Add an enterprise that opened on a day; unless it is said otherwise it becomes the person's current one."""
    _refuse_future(opened_on)
    _check_industry(industry)
    enterprise = Enterprise(entrepreneur_id=person.id, industry=industry, start_year=opened_on.year, is_current=False)
    db.add(enterprise)
    db.flush()
    if current:
        _make_current(db, enterprise)
    _add(db, person, enterprise, "opened", opened_on, industry)
    return enterprise


def record_enterprise_event(
    db: Session, person: Entrepreneur, enterprise_id: int, kind: str, happened_on: dt.date, industry: str | None = None
) -> None:
    """Add an event, not earlier than the last one. A closed enterprise is current no more; one that opens again is."""
    history = get_enterprise(db, person, enterprise_id)
    enterprise = history.enterprise
    _check_event(history, kind, happened_on, industry)
    if kind == "industry_changed":
        enterprise.industry = industry
    elif kind == "closed":
        enterprise.is_current = False
    elif kind == "reopened":
        _make_current(db, enterprise)
    _add(db, person, enterprise, kind, happened_on, industry)


def switch_current_enterprise(db: Session, person: Entrepreneur, enterprise_id: int) -> None:
    """Make another of a person's enterprises the current one."""
    history = get_enterprise(db, person, enterprise_id)
    if not history.is_open:
        raise AppError(Message("The enterprise is closed. Record that it opened again first."))
    if not history.enterprise.is_current:
        _make_current(db, history.enterprise)
        record_entry(db, "current_enterprise_switched", "enterprise", enterprise_id, subject=person.study_id)


def _check_event(history: EnterpriseHistory, kind: str, happened_on: dt.date, industry: str | None) -> None:
    if kind not in ENTERPRISE_EVENTS:
        raise AppError(Message("“%(kind)s” is not an event of an enterprise.", kind=kind))
    if kind in {event.kind for event in history.events} & {"opened", "registered"}:
        raise AppError(Message("This was recorded before; it happens once."))
    if kind == "opened" and history.events:
        raise AppError(Message("The opening comes before every other event. It cannot be added now."))
    if history.is_open == (kind == "reopened"):
        raise AppError(Message("Only a closed enterprise opens again, and nothing else can happen to it before."))
    if kind == "industry_changed" and (industry is None or industry == history.enterprise.industry):
        raise AppError(Message("Choose the industry it changed to."))
    _check_industry(industry)
    _refuse_future(happened_on)
    if history.last_on and happened_on < history.last_on:
        raise AppError(Message("The day is before the last event, %(date)s. Events are recorded in order.", date=history.last_on))


def _check_industry(industry: str | None) -> None:
    if industry is not None and industry not in INDUSTRIES:
        raise AppError(Message("“%(industry)s” is not an industry of the list.", industry=industry))


def _refuse_future(day: dt.date) -> None:
    if day > today():
        raise AppError(Message("%(date)s lies in the future.", date=day))


def _make_current(db: Session, enterprise: Enterprise) -> None:
    # The others first: the database allows one current enterprise at any moment.
    of_person = Enterprise.entrepreneur_id == enterprise.entrepreneur_id
    db.execute(update(Enterprise).where(of_person, Enterprise.is_current).values(is_current=False))
    enterprise.is_current = True
    db.flush()


def _add(db: Session, person: Entrepreneur, enterprise: Enterprise, kind: str, happened_on: dt.date, industry: str | None) -> None:
    event = EnterpriseEvent(enterprise_id=enterprise.id, kind=kind, happened_on=happened_on, account=actor_of(db).account)
    event.industry = industry
    db.add(event)
    db.flush()
    after = {"kind": kind, "on": happened_on, "industry": industry}
    record_entry(db, "enterprise_event_recorded", "enterprise", enterprise.id, subject=person.study_id, after=after)
