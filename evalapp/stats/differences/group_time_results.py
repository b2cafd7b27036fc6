"""What a group-time analysis returns: cells, pre-test, cautions, and averages on demand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.differences.group_time_aggregates import KINDS, Averages, Shares, Window
from evalapp.stats.differences.group_time_inference import Pretest, intervals
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from evalapp.stats.differences.group_time_variance import Spread

FEW_TREATED = 5


@dataclass(frozen=True)
class Overall:
    """One average effect on the treated: estimate and interval in outcome units; df is infinite for a normal reference."""

    estimate: float
    std_error: float
    df: float
    conf_low: float
    conf_high: float
    p_value: float


@dataclass(frozen=True)
class AggregateEffects:
    """Averages of group-time effects.

    kind; overall; table with one row per event time, cohort or period (none for "simple"): event_time, group or time; att,
    std_error, df, conf_low, conf_high, p_value; treated (units of the cohorts averaged); warning (codes, comma-separated).
    covariance (m, m) belongs to the table's rows in order. Intervals of the table are simultaneous when draws were asked for.
    """

    kind: str
    overall: Overall
    table: pd.DataFrame
    covariance: np.ndarray
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class GroupTimeEffects:
    """Group-time average effects on the treated.

    table, one row per cohort and period: group, time, att, std_error, conf_low, conf_high, p_value, df, std_error_classical
    (outcome units), n = treated + controls (units; rows in repeated cross-sections), warning (codes, comma-separated).
    pretest; cautions; dropped (unit, cohort, reason); n_units in the sample; control_group and inference in force; level;
    bootstrap, the number of Rademacher draws or None (then intervals are pointwise).
    """

    table: pd.DataFrame
    pretest: Pretest
    cautions: tuple[Caution, ...]
    dropped: pd.DataFrame
    n_units: int
    control_group: str
    inference: str
    level: float
    bootstrap: int | None
    _sums: Sums = field(repr=False)

    def aggregate(
        self,
        kind: str,
        min_event: float | None = None,
        max_event: float | None = None,
        balance_event: float | None = None,
        min_treated: int = FEW_TREATED,
    ) -> AggregateEffects:
        """Average the post-treatment cells: "simple", "dynamic" (event time), "group" (cohort) or "calendar" (period).

        `min_event`, `max_event` bound the event times of "dynamic" (`max_event` those of "simple" and "group" too); `balance_event`
        keeps cohorts observed at least that long after treatment. Small-sample inference leaves out cells with fewer than
        `min_treated` treated units unless nothing would be left; classical inference averages all cells, as R does.
        """
        if kind not in KINDS:
            raise StatsError("kind is %(given)r; choose one of %(choices)s", given=kind, choices=", ".join(KINDS))
        window = Window(-np.inf if min_event is None else min_event, np.inf if max_event is None else max_event, balance_event)
        usable, cautions = self._sums.usable(min_treated, self.inference)
        averages = self._sums.shares(usable).averages(kind, window, self._sums.first_period)
        return self._sums.report(kind, averages, self.level, self.inference, cautions)


@dataclass(frozen=True)
class Sums:
    """What all aggregates share, free of any unit-level array: K cells, G cohorts, their `spread`, the outcome's `scale`.

    blocked names the cells (K,) that allow no interval, by caution code.
    """

    group: np.ndarray
    time: np.ndarray
    att: np.ndarray
    treated: np.ndarray
    blocked: dict[str, np.ndarray]
    groups: np.ndarray
    share: np.ndarray
    size: np.ndarray
    first_period: float
    spread: Spread
    scale: float

    def usable(self, min_treated: int, inference: str) -> tuple[np.ndarray, list[Caution]]:
        """Which cells (K,) count in averages, and what is to be said about the others."""
        estimable = np.isfinite(self.att) & (self.share[np.searchsorted(self.groups, self.group)] > 0)
        lost = int((~estimable & self.after).sum())
        cautions = [Caution("cells_left_out", {"cells": lost})] if lost else []
        small = estimable & (self.treated < min_treated)
        if inference == "classical" or not small.any():
            return estimable, cautions
        if not (estimable & ~small & self.after).any():
            return estimable, [*cautions, Caution("small_cohorts_kept", {"threshold": min_treated})]
        facts = {"threshold": min_treated, "cohorts": ", ".join(f"{g:g}" for g in np.unique(self.group[small]))}
        return estimable & ~small, [*cautions, Caution("small_cohorts_left_out", facts)]

    @property
    def after(self) -> np.ndarray:
        """Cells (K,) from treatment on."""
        post: np.ndarray = self.group <= self.time
        return post

    def shares(self, usable: np.ndarray) -> Shares:
        """Return the cells to average, those in `usable` (K,)."""
        return Shares(self.group, self.time, self.att, usable, self.groups, self.share)

    def report(self, kind: str, averages: Averages, level: float, inference: str, cautions: list[Caution]) -> AggregateEffects:
        """Put estimates, intervals and cautions of averages into a result."""
        everything = [averages.overall, *averages.parts]
        loadings = np.stack([part.loading for part in everything])
        contrasts = loadings if inference == "classical" else loadings[:, : len(self.att)]
        used = np.abs(loadings[:, : len(self.att)]) > 0
        reasons = [(code, (used & cells).any(axis=1)) for code, cells in self.blocked.items()]
        blocked = np.any([where for _, where in reasons], axis=0)
        estimates = np.array([part.estimate for part in everything])
        pointwise = replace(self.spread, draws=None)
        head, flat_head = intervals(estimates[:1], contrasts[:1], pointwise, level=level, blocked=blocked[:1], scale=self.scale)
        rows, flat = intervals(estimates[1:], contrasts[1:], self.spread, level=level, blocked=blocked[1:], scale=self.scale)
        members = np.stack([(used[1:] & (self.group == group)).any(axis=1) for group in self.groups], axis=1)
        reasons.append(("contrast_does_not_vary", np.concatenate([flat_head, flat])))
        warning = joined([(code, where[1:]) for code, where in reasons], len(flat))
        table = pd.DataFrame({averages.key: averages.labels, **rows, "treated": members @ self.size, "warning": warning})
        cautions = [*cautions, *(Caution(code) for code, where in reasons if where[0])]
        overall = Overall(*(float(column[0]) for column in head.values()))
        return AggregateEffects(kind, overall, table, self.spread.covariance(contrasts[1:]), tuple(cautions))


def joined(reasons: list[tuple[str, np.ndarray]], rows: int) -> list[str]:
    """Codes that apply to each of `rows` table rows, comma-separated."""
    return [", ".join(code for code, where in reasons if where[row]) for row in range(rows)]
