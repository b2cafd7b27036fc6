"""What is said of a wave, and what must hold of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.create_waves import CODE
from evalapp.surveys.invitations.links import BIRTH_YEAR
from evalapp.surveys.invitations.tables import SECOND_SECRETS
from evalapp.surveys.tables import ANCHORS, Wave

RESERVED: Final = frozenset({"new", "monitor", "schedule"})  # addresses of other pages
MOST_REMINDERS: Final = 5
LATEST_REMINDER: Final = 120
REMINDERS = re.compile(r"\d{1,3}(\s*[,;\s]\s*\d{1,3})*")


class RefusedWave(AppError):  # noqa: N818 - what it is, in words
    """One thing wrong with a wave: the field and the message."""

    def __init__(self, field: str, message: Message) -> None:
        self.field = field
        super().__init__(message)


@dataclass(frozen=True)
class WaveDetails:
    """A wave as people describe it; the fields are those of the table `waves`, `reminders` as a tuple of days."""

    instrument_id: int
    label_ko: str
    label_en: str
    opens_on: dt.date
    closes_on: dt.date
    anchor: str = "calendar"
    day_offset: int | None = None
    offset_min: int | None = None
    offset_max: int | None = None
    arm: str | None = None
    second_secret: str = BIRTH_YEAR
    reminders: tuple[int, ...] = ()


def read_reminders(text: str) -> tuple[int, ...]:
    """Read days like `7, 14, 21`: each after the one before."""
    if not text.strip():
        return ()
    if not REMINDERS.fullmatch(text.strip()):
        raise RefusedWave("reminders", Message("Write the days after the invitation with commas between them, like 7, 14."))
    return tuple(int(day) for day in re.findall(r"\d+", text))


def check_details(details: WaveDetails) -> None:
    """Refuse a description that cannot be a wave."""
    if details.closes_on < details.opens_on:
        raise RefusedWave("closes_on", Message("A wave cannot close before it opens."))
    if details.anchor not in ANCHORS or details.second_secret not in SECOND_SECRETS:
        raise KeyError(details.anchor, details.second_secret)
    if details.anchor != "calendar" and details.day_offset is None:
        raise RefusedWave("day_offset", Message("Say how many days after that the survey is due."))
    days = details.reminders
    if len(days) > MOST_REMINDERS or any(not 0 < day <= LATEST_REMINDER for day in days) or list(days) != sorted(set(days)):
        message = Message(
            "At most %(most)s reminders, each later than the one before and within %(days)s days.",
            most=MOST_REMINDERS,
            days=LATEST_REMINDER,
        )
        raise RefusedWave("reminders", message)


def check_code(db: Session, programme_id: int, code: str) -> None:
    """Refuse a code that a wave cannot have, or that another wave has."""
    if not CODE.fullmatch(code) or code in RESERVED:
        raise RefusedWave("code", Message("The code has small letters, digits and _, at most 20 of them, like fu1."))
    if db.scalar(select(Wave.id).where(Wave.programme_id == programme_id, Wave.code == code)) is not None:
        raise RefusedWave("code", Message("There is a wave with this code already. Choose another."))


def check_order(db: Session, programme_id: int, round_: int, opens_on: dt.date) -> None:
    """Refuse a first day that would change the order of the waves: it is the time of every estimate."""
    others = db.execute(select(Wave.round, Wave.opens_on, Wave.code).where(Wave.programme_id == programme_id)).all()
    for other_round, other_opens_on, code in others:
        if (other_round < round_ and opens_on < other_opens_on) or (other_round > round_ and opens_on > other_opens_on):
            raise RefusedWave(
                "opens_on",
                Message(
                    "Waves are numbered in the order in which they open; %(code)s opens %(date)s.", code=code, date=other_opens_on
                ),
            )
