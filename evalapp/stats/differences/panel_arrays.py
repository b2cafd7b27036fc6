"""From validated rows to the arrays of an estimation sample: who counts as never treated, who is dropped, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from evalapp.stats.differences.panel_rows import NEVER, Rows
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class Wide:
    """A balanced panel: y (N, T), x (N, T, p), w (N, T), the units of a period side by side in memory.

    x and w keep one period when they never change.
    """

    y: np.ndarray
    x: np.ndarray
    w: np.ndarray

    def keep(self, units: np.ndarray) -> Wide:
        """Return the units (N,) asked for."""
        return Wide(*(array.T[..., units].T for array in (self.y, self.x, self.w)))

    def at(self, period: int, units: list[slice]) -> tuple[np.ndarray, np.ndarray]:
        """Covariates (n, p) and weights (n,) of some units in one period."""
        x, w = (array[:, min(period, array.shape[1] - 1)] for array in (self.x, self.w))
        return np.concatenate([x.T[:, part] for part in units], axis=1).T, np.concatenate([w[part] for part in units])

    def changes(self, period: np.ndarray, base: np.ndarray, units: list[slice]) -> np.ndarray:
        """Return how some units changed (n, m) from periods `base` (m,) to `period` (m,)."""
        rises = [np.stack([self.y[part, t] - self.y[part, b] for t, b in zip(period, base, strict=True)]) for part in units]
        change: np.ndarray = np.concatenate(rises, axis=1).T
        return change


@dataclass(frozen=True)
class Observations:
    """R observations: unit (R,) index of the sampling unit, period (R,) index, y (R,), x (R, p), w (R,)."""

    unit: np.ndarray
    period: np.ndarray
    y: np.ndarray
    x: np.ndarray
    w: np.ndarray

    def keep(self, units: np.ndarray) -> Observations:
        """Return the observations of the units (N,) asked for, these numbered anew."""
        seen, number = units[self.unit], np.cumsum(units) - 1
        return Observations(number[self.unit[seen]], self.period[seen], self.y[seen], self.x[seen], self.w[seen])


@dataclass(frozen=True)
class Sample:
    """An estimation sample of N sampling units (sorted by cohort), T periods, p covariates.

    periods (T,); groups (G,) cohorts to estimate; cohort (N,) inf for never; weight (N,) first-period (panel) or mean weight;
    cluster (N,) codes or None; data a balanced panel, or single observations (repeated cross-sections, panels with gaps).
    """

    periods: np.ndarray
    groups: np.ndarray
    cohort: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray | None
    data: Wide | Observations

    @property
    def covariates(self) -> int:
        """Number of covariates."""
        return int(self.data.x.shape[-1])

    @cached_property
    def cohorts(self) -> np.ndarray:
        """Cohorts (S,) of the sample in order, those that are only controls and the never treated included."""
        cohorts: np.ndarray = self.cohort[self._first]
        return cohorts

    @cached_property
    def stratum(self) -> np.ndarray:
        """Index (N,) into `cohorts` of each unit's."""
        index: np.ndarray = np.cumsum(self._first) - 1
        return index

    @property
    def _first(self) -> np.ndarray:
        """Whether a unit (N,) is the first of its cohort."""
        first: np.ndarray = np.concatenate([[True], self.cohort[1:] != self.cohort[:-1]])
        return first

    def members(self, cohort: float) -> slice:
        """Units of a cohort."""
        return slice(*(int(np.searchsorted(self.cohort, cohort, side)) for side in ("left", "right")))

    def without(self, unit: int) -> Sample:
        """Return the sample less one unit."""
        others = np.arange(len(self.cohort)) != unit
        cluster = None if self.cluster is None else self.cluster[others]
        return replace(self, cohort=self.cohort[others], weight=self.weight[others], cluster=cluster, data=self.data.keep(others))


@dataclass(frozen=True)
class Prepared:
    """A `sample`, the `dropped` units (columns unit, cohort, reason), the control group in force, and what was done on the way."""

    sample: Sample
    dropped: pd.DataFrame
    control_group: str
    cautions: tuple[Caution, ...]


def prepare(rows: Rows, control_group: str | None, anticipation: float, panel_type: str) -> Prepared:
    """Apply the sample rules of R's did to complete rows: late cohorts, no never-treated arm, always treated, incomplete units."""
    cautions = [Caution("missing_rows_dropped", {"rows": rows.missing})] if rows.missing else []
    rows, control_group, found = _comparison(rows, control_group, anticipation)
    cautions += found
    periods = _periods(rows)
    groups, always = _baseline(rows.cohort, periods, anticipation)
    dropped = []
    if always.any():
        dropped.append(_listed(rows, always, "treated in the first period"))
        cautions.append(Caution("always_treated_dropped", {"units": len(dropped[0]), "cohorts": _names(rows.cohort[always])}))
        rows = rows.keep(~always[rows.unit])
        periods = _periods(rows)
    groups = groups[groups > periods[0] + anticipation]
    if panel_type == "repeated_cross_section":
        return Prepared(_observed(rows, periods, groups), _frame(dropped), control_group, tuple(cautions))
    incomplete = np.bincount(rows.unit) < len(periods)
    if panel_type == "unbalanced" and incomplete.any():
        return Prepared(_observed(rows, periods, groups), _frame(dropped), control_group, tuple(cautions))
    if incomplete.any():
        dropped.append(_listed(rows, incomplete, "not observed in every period"))
        cautions.append(Caution("incomplete_units_dropped", {"units": len(dropped[-1]), "periods": len(periods)}))
        rows = rows.keep(~incomplete[rows.unit])
    return Prepared(_balanced(rows, periods, groups), _frame(dropped), control_group, tuple(cautions))


def _comparison(rows: Rows, control_group: str | None, anticipation: float) -> tuple[Rows, str, list[Caution]]:
    last = rows.time.max()
    late = np.isfinite(rows.cohort) & (rows.cohort > last + anticipation)
    cautions = [Caution("treated_after_last_period", {"cohorts": _names(rows.cohort[late])})] if late.any() else []
    if late.any():
        rows = replace(rows, cohort=np.where(late, NEVER, rows.cohort))
    if np.isinf(rows.cohort).any():
        return rows, control_group or "never_treated", cautions
    latest = rows.cohort.max()
    facts = {"cohort": f"{latest:g}", "last_period": f"{latest - anticipation:g}"}
    rows = rows.keep(rows.time < latest - anticipation)
    if control_group == "never_treated":
        rows = replace(rows, cohort=np.where(rows.cohort == latest, NEVER, rows.cohort))
        return rows, control_group, [*cautions, Caution("last_cohort_as_never_treated", facts)]
    return rows, "not_yet_treated", [*cautions, Caution("no_never_treated", facts)]


def _periods(rows: Rows) -> np.ndarray:
    """Return the periods (T,) there are: those of the first unit when all rows repeat them."""
    first = rows.time[: np.searchsorted(rows.unit, 0, side="right")]
    repeated = len(first) and len(rows.time) % len(first) == 0 and (rows.time.reshape(-1, len(first)) == first).all()
    return first if repeated else np.unique(rows.time)


def _baseline(cohort: np.ndarray, periods: np.ndarray, anticipation: float) -> tuple[np.ndarray, np.ndarray]:
    """Cohorts (G,) that can be estimated, and which units (N,) are treated from the start."""
    if len(periods) < 2:
        raise StatsError(
            "fewer than two periods are left in the time column; a change needs a period before and one after treatment"
        )
    first = periods[0]
    groups = np.unique(cohort[np.isfinite(cohort) & (cohort > first + anticipation)])
    if not np.isinf(cohort).any() and len(groups):
        groups = groups[:-1]
    if not len(groups):
        raise StatsError(
            "no cohort in the cohort column has both a baseline period and a comparison group; check its first treated periods"
        )
    treated_at_start = cohort <= first
    if treated_at_start.any():
        # R drops a cohort whose whole baseline is anticipation with the always treated, and otherwise keeps it as a bystander.
        treated_at_start = np.isfinite(cohort) & (cohort <= first + anticipation)
    return groups, treated_at_start


def _balanced(rows: Rows, periods: np.ndarray, groups: np.ndarray) -> Sample:
    size, n = len(periods), len(rows.cohort)
    if len(rows.unit) < size:
        raise StatsError("no unit is observed in every period; use panel_type='unbalanced' or remove sparse periods")
    order = np.argsort(rows.cohort, kind="stable")
    cohort = rows.cohort[order]
    x, w = (_constant(columns) for columns in (rows.covariates.reshape(n, size, -1), rows.weight.reshape(n, size)))
    y, x, w = (np.take(columns.T, order, axis=-1).T for columns in (rows.outcome.reshape(n, size), x, w))
    cluster = None if rows.cluster is None else np.unique(rows.cluster[order], return_inverse=True)[1]
    return Sample(periods, _present(groups, cohort), cohort, w[:, 0], cluster, Wide(y, x, w))


def _constant(array: np.ndarray) -> np.ndarray:
    """Keep one period of an array (N, T, ...) that never changes, so that one design serves all periods."""
    return array[:, :1] if (array == array[:, :1]).all() else array


def _observed(rows: Rows, periods: np.ndarray, groups: np.ndarray) -> Sample:
    order = np.argsort(rows.cohort, kind="stable")
    rank = np.argsort(order)
    weight = np.bincount(rows.unit, rows.weight) / np.bincount(rows.unit)
    cohort = rows.cohort[order]
    cluster = None if rows.cluster is None else np.unique(rows.cluster[order], return_inverse=True)[1]
    observations = Observations(rank[rows.unit], np.searchsorted(periods, rows.time), rows.outcome, rows.covariates, rows.weight)
    return Sample(periods, _present(groups, cohort), cohort, weight[order], cluster, observations)


def _present(groups: np.ndarray, cohort: np.ndarray) -> np.ndarray:
    groups = groups[np.isin(groups, cohort)]
    if not len(groups):
        raise StatsError(
            "no treated cohort with a baseline is left once units without baseline or with gaps are dropped; see panel_type"
        )
    return groups


def _listed(rows: Rows, which: np.ndarray, reason: str) -> pd.DataFrame:
    return pd.DataFrame({"unit": rows.labels[which], "cohort": rows.cohort[which], "reason": reason})


def _frame(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"unit": [], "cohort": [], "reason": []})


def _names(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in np.unique(values))
