"""Reads of a person's enterprises and what became of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Enterprise, EnterpriseEvent, Entrepreneur


@dataclass(frozen=True)
class EnterpriseHistory:
    """One enterprise and its dated events, the oldest first. One that came with an import may have none."""

    enterprise: Enterprise
    events: tuple[EnterpriseEvent, ...]

    @property
    def is_open(self) -> bool:
        """Say whether the enterprise is in business: its last opening has no closing after it."""
        kinds = [event.kind for event in self.events if event.kind in {"closed", "reopened"}]
        return not kinds or kinds[-1] == "reopened"

    @property
    def last_on(self) -> dt.date | None:
        """The day of the last event, before which no other can happen any more."""
        return self.events[-1].happened_on if self.events else None


def list_enterprises(db: Session, person: Entrepreneur) -> list[EnterpriseHistory]:
    """Return a person's enterprises with their histories, the current one first."""
    of_person = select(Enterprise).where(Enterprise.entrepreneur_id == person.id)
    enterprises = db.scalars(of_person.order_by(Enterprise.is_current.desc(), Enterprise.id.desc())).all()
    return _histories(db, enterprises)


def get_enterprise(db: Session, person: Entrepreneur, enterprise_id: int) -> EnterpriseHistory:
    """Return one enterprise of a person with its history, or raise NotFound."""
    found = db.scalars(select(Enterprise).where(Enterprise.id == enterprise_id, Enterprise.entrepreneur_id == person.id)).all()
    if not found:
        raise NotFound(Message("The person has no such enterprise."))
    return _histories(db, found)[0]


def _histories(db: Session, enterprises: Sequence[Enterprise]) -> list[EnterpriseHistory]:
    events: dict[int, list[EnterpriseEvent]] = defaultdict(list)
    of_these = select(EnterpriseEvent).where(EnterpriseEvent.enterprise_id.in_([enterprise.id for enterprise in enterprises]))
    for event in db.scalars(of_these.order_by(EnterpriseEvent.happened_on, EnterpriseEvent.id)):
        events[event.enterprise_id].append(event)
    return [EnterpriseHistory(enterprise, tuple(events[enterprise.id])) for enterprise in enterprises]
