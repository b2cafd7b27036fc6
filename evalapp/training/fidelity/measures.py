"""Adherence to a checklist, agreement of raters, and change between two ratings: what is counted, of how many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from evalapp.stats.mean_interval import MeanInterval, mean_interval

LEAST_PEOPLE = 5  # fewer say nothing of a group, and something of each


@dataclass(frozen=True)
class Count:
    """So many of so many. The share is None where there is nothing to count among."""

    part: int = 0
    whole: int = 0

    @property
    def share(self) -> float | None:
        """The share of the whole."""
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True)
class Adherence:
    """Items of a checklist that were delivered, of those asked; `changed` were delivered in another way than planned."""

    delivered: int
    asked: int
    changed: int = 0

    @property
    def share(self) -> float | None:
        """The share that was delivered; None where nothing was asked."""
        return self.delivered / self.asked if self.asked else None


def add_up(parts: Iterable[Adherence]) -> Adherence:
    """Return several checklists as one."""
    known = list(parts)
    return Adherence(sum(p.delivered for p in known), sum(p.asked for p in known), sum(p.changed for p in known))


@dataclass(frozen=True)
class Rating:
    """How somebody saw a session, each from 1 to 5."""

    role: str
    engagement: int
    quality: int


@dataclass(frozen=True)
class Agreement:
    """Pairs of a trainer's and an observer's rating of one thing: how many are the same, how many at most one step apart."""

    pairs: int = 0
    same: int = 0
    near: int = 0


def compare_raters(sessions: Iterable[Sequence[Rating]]) -> Agreement:
    """Compare each trainer's rating of a session with each observer's, engagement and quality apart."""
    apart = [
        abs(one - other)
        for ratings in sessions
        for trainer in ratings
        for observer in ratings
        if (trainer.role, observer.role) == ("trainer", "observer")
        for one, other in ((trainer.engagement, observer.engagement), (trainer.quality, observer.quality))
    ]
    return Agreement(len(apart), sum(step == 0 for step in apart), sum(step <= 1 for step in apart))


@dataclass(frozen=True)
class MeanRating:
    """The mean of some ratings of sessions and how many they are; None where there is none."""

    n: int
    engagement: float | None = None
    quality: float | None = None


def average(ratings: Sequence[Rating]) -> MeanRating:
    """Return the mean ratings."""
    if not ratings:
        return MeanRating(0)
    return MeanRating(len(ratings), fmean(r.engagement for r in ratings), fmean(r.quality for r in ratings))


@dataclass(frozen=True)
class TraitChange:
    """How a trait was rated at the start and at the end of the training, of the people rated by the same trainer both times.

    The numbers are None where so few people were rated that they would say something of each.
    """

    n: int
    start: float | None = None
    end: float | None = None
    change: MeanInterval | None = None


def measure_change(pairs: Iterable[tuple[int, int, int]]) -> TraitChange:
    """Return the change of one trait from (person, start, end), one for each rater; several raters of one person count as one."""
    by_person: dict[int, list[tuple[int, int]]] = {}
    for person, start, end in pairs:
        by_person.setdefault(person, []).append((start, end))
    starts = [fmean(start for start, _ in theirs) for theirs in by_person.values()]
    ends = [fmean(end for _, end in theirs) for theirs in by_person.values()]
    n = len(by_person)
    if n < LEAST_PEOPLE:
        return TraitChange(n)
    change = mean_interval([end - start for start, end in zip(starts, ends, strict=True)])
    return TraitChange(n, fmean(starts), fmean(ends), change)
