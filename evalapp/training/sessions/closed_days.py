"""Days without training: South Korea's public holidays, and those a programme closes itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache

import holidays
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.tables import Programme
from evalapp.training.sessions.tables import ClosedDay

COUNTRY = "KR"
LIBRARY_LANGUAGES: Mapping[str, str] = {"ko": "ko", "en": "en_US"}


@cache
def holidays_of(year: int, language: str) -> Mapping[dt.date, str]:
    """Return the public holidays of a year, substitute holidays and election days among them, by their name in a language.

    Source: the `holidays` library, which follows the country's decrees; a holiday declared after its release is a closed day to add.
    """
    return dict(holidays.country_holidays(COUNTRY, years=year, language=LIBRARY_LANGUAGES[language]))


def list_closed_days(db: Session, programme_id: int, first: dt.date, last: dt.date, language: str) -> dict[dt.date, str]:
    """Return the days without training from the first to the last, each with why, in the order of the calendar."""
    found = {
        day: name
        for year in range(first.year, last.year + 1)
        for day, name in holidays_of(year, language).items()
        if first <= day <= last
    }
    own = select(ClosedDay.closed_on, ClosedDay.reason).where(
        ClosedDay.programme_id == programme_id, ClosedDay.closed_on.between(first, last)
    )
    found |= {day: reason for day, reason in db.execute(own)}  # noqa: C416 - typed pairs out of rows
    return dict(sorted(found.items()))


def list_own_closed_days(db: Session, programme_id: int) -> list[ClosedDay]:
    """Return the days that a programme closes itself, the newest first."""
    own = select(ClosedDay).where(ClosedDay.programme_id == programme_id)
    return list(db.scalars(own.order_by(ClosedDay.closed_on.desc())))


def add_closed_day(db: Session, programme: Programme, day: dt.date, reason: str) -> ClosedDay:
    """Close a day for a programme's training. Sessions that stand on it stay where they are: they are moved by hand."""
    said = check_reason(reason)
    if db.scalar(select(ClosedDay.id).where(ClosedDay.programme_id == programme.id, ClosedDay.closed_on == day)):
        raise AppError(Message("%(date)s is closed already.", date=day))
    closed = ClosedDay(programme_id=programme.id, closed_on=day, reason=said)
    db.add(closed)
    db.flush()
    record_entry(db, "day_closed", "programme", programme.code, after={"closed_on": day}, reason=said)
    return closed


def open_closed_day(db: Session, programme: Programme, day: dt.date) -> None:
    """Open a day again that a programme had closed."""
    closed = db.scalar(select(ClosedDay).where(ClosedDay.programme_id == programme.id, ClosedDay.closed_on == day))
    if closed is None:
        raise NotFound(Message("%(date)s is not closed.", date=day))
    db.delete(closed)
    db.flush()
    record_entry(db, "day_opened", "programme", programme.code, before={"closed_on": day})
