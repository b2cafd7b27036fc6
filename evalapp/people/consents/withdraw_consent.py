"""End a person's consent, for one purpose or for all, at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Consent, Entrepreneur, Programme

WITHDRAWAL_REASONS = ("not_said", "no_longer_wishes", "privacy", "burden", "safety", "moved", "other")


def withdraw_consent(
    db: Session,
    programme: Programme,
    person: Entrepreneur,
    withdrawn_on: dt.date,
    reason: str,
    purposes: Collection[str] | None = None,
) -> tuple[str, ...]:
    """End every standing consent to some purposes (None: all of them) and return the purposes it ended."""
    if reason not in WITHDRAWAL_REASONS:
        raise AppError(Message("“%(reason)s” is not a reason of withdrawal.", reason=reason))
    if withdrawn_on > today():
        raise AppError(Message("%(date)s lies in the future.", date=withdrawn_on))
    standing = select(Consent).where(
        Consent.programme_id == programme.id,
        Consent.entrepreneur_id == person.id,
        Consent.given_on.is_not(None),
        Consent.withdrawn_on.is_(None),
    )
    rows = db.scalars(standing if purposes is None else standing.where(Consent.purpose.in_(purposes))).all()
    if not rows:
        raise AppError(Message("There is no consent to withdraw: none was given, or it was withdrawn already."))
    latest = max(row.given_on for row in rows if row.given_on)
    if withdrawn_on < latest:
        raise AppError(Message("A consent cannot be withdrawn before it was given, %(date)s.", date=latest))
    db.execute(update(Consent).where(Consent.id.in_([row.id for row in rows])).values(withdrawn_on=withdrawn_on))
    ended = tuple(sorted({row.purpose for row in rows}))
    after = {"programme": programme.code, "purposes": ended, "on": withdrawn_on}
    record_entry(db, "consent_withdrawn", "entrepreneur", person.study_id, subject=person.study_id, after=after, reason=reason)
    return ended
