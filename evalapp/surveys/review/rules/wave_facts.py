"""What checks know of a wave: its submissions, their answers as they stand, their pace, and what people said in earlier waves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from evalapp.people.tables import Registration
from evalapp.people.vault.tables import IdentityField
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.corrections.apply_corrections import Answers, Place, standing_answers
from evalapp.surveys.tables import Submission, Wave

T = TypeVar("T")
COUNTING = ("received", "has_issues", "approved")
MANY = 10  # submissions, below which a median says nothing
NORMAL = 1.4826  # makes the median absolute deviation of a normal variable its standard deviation


@dataclass(frozen=True)
class Line:
    """A submission without its answers. `seconds` is how long its screens were open, else from begin to end, else None.

    `form_faults` is what the submission says of answers that the form would not have let pass.
    """

    key: int
    person: int
    state: str
    instrument: int
    seconds: float | None
    form_faults: str | None = None


class WaveFacts:
    """A wave for the checks of some of its submissions (`only`, None for all). What no rule asks about is not read."""

    def __init__(self, db: Session, wave: Wave, only: Collection[int] | None = None) -> None:
        self.db = db
        self.wave = wave
        self.only = only
        self._logs: dict[str, tuple[float, float, int]] = {}
        self._kept: dict[Hashable, Any] = {}

    def once(self, name: Hashable, work: Callable[[], T]) -> T:
        """Return what a check works out for all submissions together, worked out when it is first asked for."""
        if name not in self._kept:
            self._kept[name] = work()
        found: T = self._kept[name]
        return found

    @cached_property
    def lines(self) -> Mapping[int, Line]:
        """The submissions of the wave that were handed in."""
        return _lines(self.db, self.wave)

    @cached_property
    def keys(self) -> tuple[int, ...]:
        """The submissions that are to be checked."""
        return tuple(key for key in self.lines if self.only is None or key in self.only)

    @cached_property
    def answers(self) -> Mapping[int, Answers]:
        """The answers that are to be checked, as they stand after corrections."""
        standing = standing_answers(self.db, self._handed_in if self.only is None else self.keys)
        return {key: standing.get(key, {}) for key in self.keys}

    @cached_property
    def earlier(self) -> Mapping[int, Mapping[str, str]]:
        """What the people last answered before this wave, by person and variable."""
        return earlier_answers(self.db, self.wave, self._people)

    @cached_property
    def screens(self) -> Mapping[int, list[float]]:
        """The seconds that each screen was open, by submission."""
        return _screens(self.db, self.wave, None if self.only is None else self._people)

    @cached_property
    def twins(self) -> Mapping[int, int]:
        """How many others of the programme have a person's registration number."""
        return _twins(self.db, self.wave, self._people)

    @cached_property
    def _people(self) -> set[int]:
        return {self.lines[key].person for key in self.keys}

    @property
    def _handed_in(self) -> Select[int]:
        return select(Submission.id).where(Submission.wave_id == self.wave.id, Submission.state != "draft")

    @cached_property
    def _definitions(self) -> dict[int, InstrumentDefinition]:
        return {key: get_instrument_definition(self.db, key) for key in {self.lines[key].instrument for key in self.keys}}

    def definition(self, key: int) -> InstrumentDefinition:
        """Return the form that a submission answers."""
        return self._definitions[self.lines[key].instrument]

    @cached_property
    def counting(self) -> tuple[int, ...]:
        """The submissions that others are compared with: neither drafts nor rejected."""
        return tuple(key for key, line in self.lines.items() if line.state in COUNTING)

    @cached_property
    def usual_seconds(self) -> float | None:
        """The median duration, where enough are known."""
        known = [seconds for key in self.counting if (seconds := self.lines[key].seconds) is not None]
        return float(np.median(known)) if len(known) >= MANY else None

    def log_amounts(self, variable: str) -> tuple[float, float, int]:
        """Return median, robust spread and number of the logarithms of a variable's positive amounts in the wave."""
        if variable not in self._logs:
            given = standing_answers(self.db, self._handed_in, [variable])
            stated = (as_number(given[key].get(Place(variable), "")) for key in self.counting if key in given)
            amounts = [amount for amount in stated if amount is not None and amount > 0]
            logs = np.log(amounts) if amounts else np.array([np.nan])
            middle = float(np.median(logs))
            self._logs[variable] = (middle, float(np.median(np.abs(logs - middle))) * NORMAL, len(amounts))
        return self._logs[variable]

    def amount(self, key: int, variable: str) -> float | None:
        """Return a submission's number under a variable, or None."""
        return as_number(self.answers[key].get(Place(variable), ""))

    @cached_property
    def codes(self) -> tuple[dict[int, int], np.ndarray]:
        """The row of each counting submission, and a number for each of its answers; equal answers have equal numbers, none has 0."""
        answers = standing_answers(self.db, self._handed_in)
        places = {place: at for at, place in enumerate(sorted({place for each in answers.values() for place in each}))}
        table = np.zeros((len(self.counting), len(places)), dtype=np.int32)
        numbers: defaultdict[str, int] = defaultdict(lambda: len(numbers) + 1)
        for row, key in enumerate(self.counting):
            for place, text in answers.get(key, {}).items():
                table[row, places[place]] = numbers[text]
        return {key: row for row, key in enumerate(self.counting)}, table


def as_number(text: str) -> float | None:
    """Return a stored answer as a number, or None."""
    try:
        return float(text)
    except ValueError:
        return None


def _lines(db: Session, wave: Wave) -> dict[int, Line]:
    shown = (
        select(Invitation.entrepreneur_id, func.sum(ScreenVisit.seconds).label("seconds"))
        .join(ScreenVisit, ScreenVisit.invitation_id == Invitation.id)
        .where(Invitation.wave_id == wave.id)
        .group_by(Invitation.entrepreneur_id)
        .subquery()
    )
    rows = db.execute(
        select(Submission, shown.c.seconds)
        .outerjoin(shown, shown.c.entrepreneur_id == Submission.entrepreneur_id)
        .where(Submission.wave_id == wave.id, Submission.state != "draft")
        .order_by(Submission.id)
    )
    return {
        row.id: Line(
            row.id, row.entrepreneur_id, row.state, row.instrument_id or wave.instrument_id, _seconds(row, seconds), row.form_faults
        )
        for row, seconds in rows
    }


def _seconds(submission: Submission, shown: float | None) -> float | None:
    return submission.seconds if shown is None else float(shown)


def earlier_answers(db: Session, wave: Wave, people: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what people last answered to each question before a wave, by person and variable."""
    before = (
        select(Submission.id, Submission.entrepreneur_id)
        .join(Wave, Wave.id == Submission.wave_id)
        .where(Wave.programme_id == wave.programme_id, Wave.round < wave.round, Submission.state.in_(COUNTING))
        .order_by(Wave.round)
    )
    if len(people) == 1:
        before = before.where(Submission.entrepreneur_id.in_(people))
    said: dict[int, dict[str, str]] = {}
    rows = [(key, person) for key, person in db.execute(before) if person in people]
    answers = standing_answers(db, [key for key, _person in rows])
    for key, person in rows:
        said.setdefault(person, {}).update({place.variable: text for place, text in answers[key].items() if not place.repeat_path})
    return said


def _screens(db: Session, wave: Wave, people: Collection[int] | None) -> dict[int, list[float]]:
    visits = (
        select(Submission.id, ScreenVisit.seconds)
        .join(Invitation, (Invitation.wave_id == Submission.wave_id) & (Invitation.entrepreneur_id == Submission.entrepreneur_id))
        .join(ScreenVisit, ScreenVisit.invitation_id == Invitation.id)
        .where(Submission.wave_id == wave.id)
    )
    if people is not None:
        visits = visits.where(Submission.entrepreneur_id.in_(people))
    screens: defaultdict[int, list[float]] = defaultdict(list)
    for key, seconds in db.execute(visits):
        screens[key].append(seconds)
    return screens


def _twins(db: Session, wave: Wave, people: Collection[int]) -> dict[int, int]:
    """Count the other people of the programme whose enterprise has the same registration number, found by its blind index."""
    theirs, others = aliased(IdentityField), aliased(IdentityField)
    same = (others.field == theirs.field) & (others.blind_index == theirs.blind_index)
    rows = db.execute(
        select(theirs.entrepreneur_id, func.count(others.entrepreneur_id.distinct()))
        .join(others, same & (others.entrepreneur_id != theirs.entrepreneur_id))
        .join(
            Registration,
            (Registration.entrepreneur_id == others.entrepreneur_id) & (Registration.programme_id == wave.programme_id),
        )
        .where(theirs.field == "registration_number")
        .group_by(theirs.entrepreneur_id)
    )
    return {person: count for person, count in rows if person in people}
