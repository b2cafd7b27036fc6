"""Reading a long frame: one validated row per unit and period, sorted, before any estimator sees it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.columns import LARGEST_SCALE, SMALLEST_SCALE
from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

NEVER = np.inf


@dataclass(frozen=True)
class Columns:
    """Names of the columns of a long frame: `covariates` is a tuple, `unit`, `cluster` and `weights` may be None."""

    outcome: str
    unit: str | None
    time: str
    cohort: str
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
    weights: str | None = None


@dataclass(frozen=True)
class Rows:
    """R complete rows sorted by unit, then period.

    unit (R,) codes into `labels` (N,); time (R,); cohort (R,) first treated period, inf for never; outcome (R,);
    covariates (R, p); weight (R,); cluster (R,) integer codes or None; missing is the count of rows dropped for a gap.
    """

    unit: np.ndarray
    labels: np.ndarray
    time: np.ndarray
    cohort: np.ndarray
    outcome: np.ndarray
    covariates: np.ndarray
    weight: np.ndarray
    cluster: np.ndarray | None
    missing: int

    def keep(self, which: np.ndarray) -> Rows:
        """Return the rows where `which` (R,) is true."""
        if which.all():
            return self
        cluster = None if self.cluster is None else self.cluster[which]
        return replace(
            self,
            unit=self.unit[which],
            time=self.time[which],
            cohort=self.cohort[which],
            outcome=self.outcome[which],
            covariates=self.covariates[which],
            weight=self.weight[which],
            cluster=cluster,
        )


def read_rows(panel: pd.DataFrame, columns: Columns, *, repeated_units: bool = True) -> Rows:
    """Validate a long frame and sort it by unit and period; `repeated_units` is False for repeated cross-sections."""
    if not isinstance(panel, pd.DataFrame) or panel.empty:
        raise StatsError("panel is empty or not a DataFrame; give one row per unit and period")
    time = read_column(panel, columns.time, "time")
    if np.isnan(time).any():
        raise StatsError(f"time column {columns.time!r} has missing values; every row needs its period")
    unit, labels = _units(panel, columns.unit, repeated_units=repeated_units)
    rows = Rows(
        unit=unit,
        labels=labels,
        time=time,
        cohort=_cohorts(panel, columns, time),
        outcome=read_column(panel, columns.outcome, "outcome"),
        covariates=_covariates(panel, columns.covariates),
        weight=_weights(panel, columns.weights),
        cluster=_clusters(panel, columns.cluster),
        missing=0,
    )
    if repeated_units:
        rows = _sorted(rows, columns)
    return _complete(rows, columns)


def read_column(panel: pd.DataFrame, column: str, role: str) -> np.ndarray:
    """Read a numeric column as floats (R,), or say which value is no number and what to do; `role` names it in the message."""
    values = _column(panel, column, role).infer_objects()
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_complex_dtype(values):
        example = next((repr(value) for value in values if isinstance(value, str)), f"values of type {values.dtype}")
        raise StatsError(f"{role} column {column!r} holds {example}, not only numbers; convert it to numbers")
    array = values.to_numpy(dtype=float, na_value=np.nan)
    if role != "cohort":
        _refuse_extremes(array, f"{role} column {column!r}")
    return array


def _refuse_extremes(array: np.ndarray, name: str) -> None:
    largest = max(np.fmax.reduce(array, initial=0), -np.fmin.reduce(array, initial=0))
    if np.isinf(largest):
        raise StatsError(f"{name} holds an infinite value; replace it by a number or leave it missing")
    if largest and not SMALLEST_SCALE < largest < LARGEST_SCALE:
        raise StatsError(f"{name} reaches {largest:g}, whose square a computer cannot hold; express it in other units")


def _column(panel: pd.DataFrame, column: str, role: str) -> pd.Series:
    if not isinstance(column, Hashable) or column not in panel.columns:
        raise StatsError(f"there is no column {column!r} to serve as {role}; name one of the panel's columns")
    values = panel[column]
    if not isinstance(values, pd.Series):
        raise StatsError(f"{role} column {column!r} occurs twice in the panel; rename one of them")
    return values


def _units(panel: pd.DataFrame, column: str | None, *, repeated_units: bool) -> tuple[np.ndarray, np.ndarray]:
    if not repeated_units:
        return np.arange(len(panel)), np.arange(len(panel))
    if column is None:
        raise StatsError("unit is not named; name the column that identifies the units of the panel")
    return read_units(panel, column)


def read_units(panel: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (R,) of the units and their labels (N,), in order of appearance."""
    codes, labels = _factorized(panel, column, "unit")
    if (codes < 0).any():
        raise StatsError(f"unit column {column!r} has missing values; every row needs its unit")
    return codes, labels


def _factorized(panel: pd.DataFrame, column: str, role: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        codes, labels = pd.factorize(_column(panel, column, role))
    except TypeError as error:
        raise StatsError(f"{role} column {column!r} holds lists or other composite values; give numbers or text") from error
    return np.asarray(codes), np.asarray(labels)


def _cohorts(panel: pd.DataFrame, columns: Columns, time: np.ndarray) -> np.ndarray:
    cohort = read_column(panel, columns.cohort, "cohort").copy()
    if (cohort == -np.inf).any():
        raise StatsError(f"cohort column {columns.cohort!r} holds minus infinity; use 0, missing or infinity for never treated")
    if time.min() < 0 <= time.max() and (cohort == 0).any():
        raise StatsError(
            f"cohort column {columns.cohort!r} holds 0, which means never treated, but the periods of {columns.time!r} run through 0; "
            "shift both so that periods start at 0 or 1"
        )
    cohort[np.isnan(cohort) | (cohort == 0)] = NEVER
    return cohort


def _covariates(panel: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    if isinstance(columns, str):
        raise StatsError(f"covariates is the text {columns!r}; give a list or tuple of column names")
    if not columns:
        return np.empty((len(panel), 0))
    return np.column_stack([read_column(panel, column, "covariate") for column in columns])


def _weights(panel: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.broadcast_to(1.0, len(panel))
    weight = read_column(panel, column, "weight")
    if (weight < 0).any():
        raise StatsError(f"weight column {column!r} has negative values; weights are zero or positive")
    if not np.nansum(weight) > 0:
        raise StatsError(f"weight column {column!r} sums to zero; give at least some rows a positive weight")
    return weight


def _clusters(panel: pd.DataFrame, column: str | None) -> np.ndarray | None:
    return None if column is None else _factorized(panel, column, "cluster")[0]


def _sorted(rows: Rows, columns: Columns) -> Rows:
    period, periods = pd.factorize(rows.time, sort=True)
    key = rows.unit * len(periods) + period
    if (key[1:] < key[:-1]).any():
        order = np.argsort(key, kind="stable")
        key = key[order]
        rows = _reordered(rows, order)
    same = key[1:] == key[:-1]
    if same.any():
        at = int(np.argmax(same))
        unit, when = rows.labels[rows.unit[at]], f"{rows.time[at]:g} of {columns.time!r}"
        raise StatsError(f"unit {unit} has two rows in period {when}; keep one row per unit and period")
    _constant_within_unit(rows, rows.cohort, f"cohort column {columns.cohort!r}")
    if rows.cluster is not None:
        _constant_within_unit(rows, rows.cluster, f"cluster column {columns.cluster!r}")
    return rows


def _reordered(rows: Rows, order: np.ndarray) -> Rows:
    return replace(
        rows,
        unit=rows.unit[order],
        time=rows.time[order],
        cohort=rows.cohort[order],
        outcome=rows.outcome[order],
        covariates=rows.covariates[order],
        weight=rows.weight[order],
        cluster=None if rows.cluster is None else rows.cluster[order],
    )


def _constant_within_unit(rows: Rows, values: np.ndarray, name: str) -> None:
    changes = (rows.unit[1:] == rows.unit[:-1]) & (values[1:] != values[:-1])
    if changes.any():
        unit = rows.labels[rows.unit[int(np.argmax(changes))]]
        raise StatsError(f"{name} changes within unit {unit}; a unit belongs to one for all periods, correct its rows")


def _complete(rows: Rows, columns: Columns) -> Rows:
    gap = np.isnan(rows.outcome) | np.isnan(rows.weight) | np.isnan(rows.covariates).any(axis=1)
    if rows.cluster is not None:
        gap |= rows.cluster < 0
    if gap.all():
        raise StatsError(
            f"no row is complete in outcome {columns.outcome!r}, covariates, weights and cluster; check for empty columns"
        )
    rows = replace(rows.keep(~gap), missing=int(gap.sum()))
    if np.ptp(rows.outcome) == 0:
        raise StatsError(f"outcome column {columns.outcome!r} is constant; there is nothing to compare, choose another outcome")
    return rows
