"""Averages of group-time effects: overall, by time since treatment, by cohort, by calendar period.

Each average is a row of numbers: an estimate and its derivative in the cells and in the cohorts' shares of the sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from collections.abc import Iterable

KINDS = ("simple", "dynamic", "group", "calendar")


@dataclass(frozen=True)
class Average:
    """One average: estimate, loading (K + G,) on the K cells and on the sample shares of the G cohorts."""

    estimate: float
    loading: np.ndarray

    @staticmethod
    def mean(parts: list[Average]) -> Average:
        """Plain mean of averages."""
        estimate = float(np.mean([part.estimate for part in parts]))
        return Average(estimate, np.mean([part.loading for part in parts], axis=0))


@dataclass(frozen=True)
class Averages:
    """The `overall` average and, for each of `labels` (m,), one of `parts`; `key` names the labels' column."""

    overall: Average
    key: str
    labels: np.ndarray
    parts: list[Average]


@dataclass(frozen=True)
class Window:
    """Which event times count: at least `first`, at most `last`; `balance` keeps cohorts observed that long after treatment."""

    first: float
    last: float
    balance: float | None


@dataclass(frozen=True)
class Shares:
    """K cells to average: group, time, att (K,), usable (K,) those that count; groups (G,) and their shares of the sample (G,)."""

    group: np.ndarray
    time: np.ndarray
    att: np.ndarray
    usable: np.ndarray
    groups: np.ndarray
    share: np.ndarray

    def averages(self, kind: str, window: Window, first_period: float) -> Averages:
        """Build the averages of one kind."""
        event, post = self.time - self.group, self.usable & (self.group <= self.time)
        if kind == "simple":
            return Averages(self._weighted(post & (event <= window.last)), "term", np.array([]), [])
        if kind == "group":
            return self._by_group(post & (event <= window.last))
        if kind == "calendar":
            labels = np.unique(self.time[post])
            parts = [self._weighted(post & (self.time == time)) for time in labels]
            return Averages(_overall(parts), "time", labels, parts)
        return self._by_event(event, window, first_period)

    def _by_event(self, event: np.ndarray, window: Window, first_period: float) -> Averages:
        usable, low, high = self.usable, window.first, window.last
        if window.balance is not None:
            last_period = self.time[usable].max(initial=first_period)
            usable = usable & (last_period - self.group >= window.balance)
            low, high = max(low, window.balance - last_period + first_period), min(high, window.balance)
        labels = np.unique(event[usable & (event >= low) & (event <= high)])
        parts = [self._weighted(usable & (event == label)) for label in labels]
        return Averages(
            _overall(part for part, label in zip(parts, labels, strict=True) if label >= 0), "event_time", labels, parts
        )

    def _by_group(self, post: np.ndarray) -> Averages:
        labels = np.unique(self.group[post])
        parts = []
        for label in labels:
            members = post & (self.group == label)
            loading = np.concatenate([members / members.sum(), np.zeros(len(self.groups))])
            parts.append(Average(float(self.att[members].mean()), loading))
        if not parts:
            raise _nothing()
        at = np.searchsorted(self.groups, labels)
        weight = self.share[at] / self.share[at].sum()
        estimate = float(weight @ [part.estimate for part in parts])
        loading = weight @ np.stack([part.loading for part in parts])
        loading[len(self.att) + at] += (np.array([part.estimate for part in parts]) - estimate) / self.share[at].sum()
        return Averages(Average(estimate, loading), "group", labels, parts)

    def _weighted(self, members: np.ndarray) -> Average:
        """Average of cells weighted by their cohort's share of the sample."""
        if not members.any():
            raise _nothing()
        at = np.searchsorted(self.groups, self.group)
        weight = np.where(members, self.share[at], 0.0)
        total = weight.sum()
        estimate = float(weight[members] @ self.att[members] / total)
        drift = np.where(members, np.where(members, self.att, 0.0) - estimate, 0.0) / total
        return Average(estimate, np.concatenate([weight / total, np.bincount(at, drift, minlength=len(self.groups))]))


def _overall(parts: Iterable[Average]) -> Average:
    kept = list(parts)
    if not kept:
        raise _nothing()
    return Average.mean(kept)


def _nothing() -> StatsError:
    return StatsError(
        "no post-treatment cell is left to average in the window asked for; widen min_event, max_event or balance_event"
    )
