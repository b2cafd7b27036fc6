"""From validated rows to the arrays of an estimation sample: who counts as never treated, who is dropped, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalapp.stats.differences.panel_rows import NEVER, Rows
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class Wide:
    """A balanced panel: y (N, T), x (N, T, p), w (N, T); x and w keep one period when they never change."""

    y: np.ndarray
    x: np.ndarray
    w: np.ndarray

    def at(self, period: int, units: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Covariates and weights of some units in one period."""
        return self.x[units, min(period, self.x.shape[1] - 1)], self.w[units, min(period, self.w.shape[1] - 1)]


@dataclass(frozen=True)
class Observations:
    """R observations: unit (R,) index of the sampling unit, period (R,) index, y (R,), x (R, p), w (R,)."""

    unit: np.ndarray
    period: np.ndarray
    y: np.ndarray
    x: np.ndarray
    w: np.ndarray


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
    rows, groups, always = _baseline(rows, anticipation)
    dropped = [_listed(rows, always, "treated in the first period")] if always.any() else []
    if always.any():
        facts = {"units": len(dropped[0]), "cohorts": _names(rows.cohort[always])}
        cautions.append(Caution("always_treated_dropped", facts))
        rows = rows.keep(~always)
    periods = np.unique(rows.time)
    groups = groups[groups > periods[0] + anticipation]
    if panel_type == "repeated_cross_section":
        return Prepared(_observed(rows, periods, groups), _frame(dropped), control_group, tuple(cautions))
    incomplete = np.bincount(rows.unit, minlength=len(rows.labels))[rows.unit] < len(periods)
    if panel_type == "unbalanced" and incomplete.any():
        return Prepared(_observed(rows, periods, groups), _frame(dropped), control_group, tuple(cautions))
    if incomplete.any():
        dropped.append(_listed(rows, incomplete, "not observed in every period"))
        cautions.append(Caution("incomplete_units_dropped", {"units": len(dropped[-1]), "periods": len(periods)}))
        rows = rows.keep(~incomplete)
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


def _baseline(rows: Rows, anticipation: float) -> tuple[Rows, np.ndarray, np.ndarray]:
    if len(np.unique(rows.time)) < 2:
        raise StatsError(
            "fewer than two periods are left in the time column; a change needs a period before and one after treatment"
        )
    first = rows.time.min()
    finite = rows.cohort[np.isfinite(rows.cohort)]
    groups = np.unique(finite[finite > first + anticipation])
    if not np.isinf(rows.cohort).any() and len(groups):
        groups = groups[:-1]
    if not len(groups):
        raise StatsError(
            "no cohort in the cohort column has both a baseline period and a comparison group; check its first treated periods"
        )
    treated_at_start = rows.cohort <= first
    if treated_at_start.any():
        # R drops a cohort whose whole baseline is anticipation with the always treated, and otherwise keeps it as a bystander.
        treated_at_start = np.isfinite(rows.cohort) & (rows.cohort <= first + anticipation)
    return rows, groups, treated_at_start


def _balanced(rows: Rows, periods: np.ndarray, groups: np.ndarray) -> Sample:
    size, n = len(periods), len(rows.unit) // len(periods)
    if n == 0:
        raise StatsError("no unit is observed in every period; use panel_type='unbalanced' or remove sparse periods")
    first = rows.cohort[::size]
    order = np.argsort(first, kind="stable")
    cohort = first[order]
    x, w = _constant(rows.covariates.reshape(n, size, -1))[order], _constant(rows.weight.reshape(n, size))[order]
    groups = _present(groups, cohort)
    cluster = None if rows.cluster is None else np.unique(rows.cluster[::size][order], return_inverse=True)[1]
    y = rows.outcome.reshape(n, size)[order]
    return Sample(periods, groups, cohort, w[:, 0], cluster, Wide(y, x, w))


def _constant(array: np.ndarray) -> np.ndarray:
    """Keep one period of an array (N, T, ...) that never changes, so that one design serves all periods."""
    return array[:, :1] if (array == array[:, :1]).all() else array


def _observed(rows: Rows, periods: np.ndarray, groups: np.ndarray) -> Sample:
    _, first, unit = np.unique(rows.unit, return_index=True, return_inverse=True)
    order = np.argsort(rows.cohort[first], kind="stable")
    rank = np.argsort(order)
    weight = np.bincount(unit, rows.weight) / np.bincount(unit)
    cohort = rows.cohort[first][order]
    cluster = None if rows.cluster is None else np.unique(rows.cluster[first][order], return_inverse=True)[1]
    observations = Observations(rank[unit], np.searchsorted(periods, rows.time), rows.outcome, rows.covariates, rows.weight)
    return Sample(periods, _present(groups, cohort), cohort, weight[order], cluster, observations)


def _present(groups: np.ndarray, cohort: np.ndarray) -> np.ndarray:
    groups = groups[np.isin(groups, cohort)]
    if not len(groups):
        raise StatsError(
            "no treated cohort with a baseline is left once units without baseline or with gaps are dropped; see panel_type"
        )
    return groups


def _listed(rows: Rows, which: np.ndarray, reason: str) -> pd.DataFrame:
    units, first = np.unique(rows.unit[which], return_index=True)
    return pd.DataFrame({"unit": rows.labels[units], "cohort": rows.cohort[which][first], "reason": reason})


def _frame(parts: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"unit": [], "cohort": [], "reason": []})


def _names(values: np.ndarray) -> str:
    return ", ".join(f"{value:g}" for value in np.unique(values))
