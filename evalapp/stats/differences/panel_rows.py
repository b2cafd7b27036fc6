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
    """R complete rows of N units, sorted by unit, then period.

    unit (R,) codes into `labels` (N,); time (R,); cohort (N,) first treated period, inf for never; outcome (R,);
    covariates (R, p), column by column in memory; weight (R,); cluster (N,) integer codes or None; missing is the count of rows
    dropped for a gap.
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
        """Return the rows where `which` (R,) is true, and the units that have one."""
        if which.all():
            return self
        units, unit = np.unique(self.unit[which], return_inverse=True)
        return replace(
            self,
            unit=unit,
            labels=self.labels[units],
            time=self.time[which],
            cohort=self.cohort[units],
            outcome=self.outcome[which],
            covariates=self.covariates.T[:, which].T,
            weight=self.weight[which],
            cluster=None if self.cluster is None else self.cluster[units],
        )


def read_rows(panel: pd.DataFrame, columns: Columns, *, repeated_units: bool = True) -> Rows:
    """Validate a long frame and sort it by unit and period; `repeated_units` is False for repeated cross-sections."""
    if not isinstance(panel, pd.DataFrame) or panel.empty:
        raise StatsError("panel is empty or not a DataFrame; give one row per unit and period")
    time = read_column(panel, columns.time, "time")
    if np.isnan(time).any():
        raise StatsError("time column %(column)r has missing values; every row needs its period", column=columns.time)
    unit, labels = _units(panel, columns.unit, repeated_units=repeated_units)
    cohort, outcome = _cohorts(panel, columns, time), read_column(panel, columns.outcome, "outcome")
    covariates, weight = _covariates(panel, columns.covariates), _weights(panel, columns.weights)
    cluster, order = _clusters(panel, columns.cluster), _order(unit, time)
    if order is not None:
        unit, time, cohort, outcome, weight = (values[order] for values in (unit, time, cohort, outcome, weight))
        covariates, cluster = covariates.T[:, order].T, None if cluster is None else cluster[order]
    same = unit[1:] == unit[:-1]
    _refuse_second_row(unit, labels, time, same, columns.time)
    cohort = _of_unit(cohort, same, unit, labels, ("cohort", columns.cohort))
    if cluster is not None:
        cluster = _of_unit(cluster, same, unit, labels, ("cluster", columns.cluster))
    return _complete(Rows(unit, labels, time, cohort, outcome, covariates, weight, cluster, 0), columns)


def read_column(panel: pd.DataFrame, column: str, role: str) -> np.ndarray:
    """Read a numeric column as floats (R,), or say which value is no number and what to do; `role` names it in the message."""
    values = _column(panel, column, role).infer_objects()
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_complex_dtype(values):
        _refuse_non_numbers(values, column, role)
    array = values.to_numpy(dtype=float, na_value=np.nan)
    if role != "cohort":
        _refuse_extremes(array, column, role)
    return array


def _refuse_non_numbers(values: pd.Series, column: str, role: str) -> None:
    text = next((value for value in values if isinstance(value, str)), None)
    if text is not None:
        raise StatsError(
            "%(argument)s column %(column)r holds %(text)r, not only numbers; convert it to numbers",
            argument=role,
            column=column,
            text=text,
        )
    raise StatsError(
        "%(argument)s column %(column)r holds values of type %(type)s, not only numbers; convert it to numbers",
        argument=role,
        column=column,
        type=values.dtype,
    )


def _refuse_extremes(array: np.ndarray, column: str, role: str) -> None:
    largest = max(np.fmax.reduce(array, initial=0), -np.fmin.reduce(array, initial=0))
    if np.isinf(largest):
        raise StatsError(
            "%(argument)s column %(column)r holds an infinite value; replace it by a number or leave it missing",
            argument=role,
            column=column,
        )
    if largest and not SMALLEST_SCALE < largest < LARGEST_SCALE:
        raise StatsError(
            "%(argument)s column %(column)r reaches %(largest)g, whose square a computer cannot hold; express it in other units",
            argument=role,
            column=column,
            largest=largest,
        )


def _column(panel: pd.DataFrame, column: str, role: str) -> pd.Series:
    if not isinstance(column, Hashable) or column not in panel.columns:
        raise StatsError(
            "there is no column %(column)r to serve as %(argument)s; name one of the panel's columns", column=column, argument=role
        )
    values = panel[column]
    if not isinstance(values, pd.Series):
        raise StatsError(
            "%(argument)s column %(column)r occurs twice in the panel; rename one of them", argument=role, column=column
        )
    return values


def _units(panel: pd.DataFrame, column: str | None, *, repeated_units: bool) -> tuple[np.ndarray, np.ndarray]:
    if not repeated_units:
        return np.arange(len(panel)), np.arange(len(panel))
    if column is None:
        raise StatsError("unit is not named; name the column that identifies the units of the panel")
    return read_units(panel, column)


def read_units(panel: pd.DataFrame, column: str) -> tuple[np.ndarray, np.ndarray]:
    """Codes (R,) of the units and their labels (N,), in order of appearance."""
    given = _column(panel, column, "unit")
    values = given.to_numpy() if given.dtype.kind in "iu" else None
    if values is not None and (values[1:] >= values[:-1]).all():  # ascending numbers need no hashing
        new = np.concatenate([[True], values[1:] != values[:-1]])
        return np.cumsum(new) - 1, values[new]
    codes, labels = _factorized(panel, column, "unit")
    if (codes < 0).any():
        raise StatsError("unit column %(column)r has missing values; every row needs its unit", column=column)
    return codes, labels


def _factorized(panel: pd.DataFrame, column: str, role: str) -> tuple[np.ndarray, np.ndarray]:
    try:
        codes, labels = pd.factorize(_column(panel, column, role))
    except TypeError as error:
        raise StatsError(
            "%(argument)s column %(column)r holds lists or other composite values; give numbers or text",
            argument=role,
            column=column,
        ) from error
    return np.asarray(codes), np.asarray(labels)


def _cohorts(panel: pd.DataFrame, columns: Columns, time: np.ndarray) -> np.ndarray:
    cohort = read_column(panel, columns.cohort, "cohort").copy()
    if (cohort == -np.inf).any():
        raise StatsError(
            "cohort column %(column)r holds minus infinity; use 0, missing or infinity for never treated", column=columns.cohort
        )
    if time.min() < 0 <= time.max() and (cohort == 0).any():
        raise StatsError(
            "cohort column %(column)r holds 0, which means never treated, but the periods of %(time)r run through 0; "
            "shift both so that periods start at 0 or 1",
            column=columns.cohort,
            time=columns.time,
        )
    cohort[np.isnan(cohort) | (cohort == 0)] = NEVER
    return cohort


def _covariates(panel: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    if isinstance(columns, str):
        raise StatsError("covariates is the text %(text)r; give a list or tuple of column names", text=columns)
    if not columns:
        return np.empty((len(panel), 0))
    return np.stack([read_column(panel, column, "covariate") for column in columns]).T


def _weights(panel: pd.DataFrame, column: str | None) -> np.ndarray:
    if column is None:
        return np.broadcast_to(1.0, len(panel))
    weight = read_column(panel, column, "weight")
    if (weight < 0).any():
        raise StatsError("weight column %(column)r has negative values; weights are zero or positive", column=column)
    if not np.nansum(weight) > 0:
        raise StatsError("weight column %(column)r sums to zero; give at least some rows a positive weight", column=column)
    return weight


def _clusters(panel: pd.DataFrame, column: str | None) -> np.ndarray | None:
    return None if column is None else _factorized(panel, column, "cluster")[0]


def _order(unit: np.ndarray, time: np.ndarray) -> np.ndarray | None:
    """Order (R,) of the rows by unit, then period; None when they stand in it."""
    later = (unit[1:] > unit[:-1]) | ((unit[1:] == unit[:-1]) & (time[1:] >= time[:-1]))
    if later.all():
        return None
    period, periods = pd.factorize(time, sort=True)
    return np.argsort(unit * len(periods) + period)


def _refuse_second_row(unit: np.ndarray, labels: np.ndarray, time: np.ndarray, same: np.ndarray, column: str) -> None:
    twice = same & (time[1:] == time[:-1])
    if twice.any():
        at = int(np.argmax(twice))
        raise StatsError(
            "unit %(unit)s has two rows in period %(period)g of %(column)r; keep one row per unit and period",
            unit=labels[unit[at]],
            period=time[at],
            column=column,
        )


def _of_unit(
    values: np.ndarray, same: np.ndarray, unit: np.ndarray, labels: np.ndarray, column: tuple[str, str | None]
) -> np.ndarray:
    """Value (N,) of each unit from those of its rows (R,); `same` (R - 1,) says where a row's unit is that of the next."""
    changes = same & (values[1:] != values[:-1])
    if changes.any():
        raise StatsError(
            "%(argument)s column %(column)r changes within unit %(unit)s; a unit belongs to one for all periods, correct its rows",
            argument=column[0],
            column=column[1],
            unit=labels[unit[int(np.argmax(changes))]],
        )
    of_units: np.ndarray = values[np.concatenate([[True], ~same])]
    return of_units


def _complete(rows: Rows, columns: Columns) -> Rows:
    gap = np.isnan(rows.outcome) | np.isnan(rows.weight)
    for covariate in rows.covariates.T:
        gap |= np.isnan(covariate)
    if rows.cluster is not None:
        gap |= (rows.cluster < 0)[rows.unit]
    if gap.all():
        raise StatsError(
            "no row is complete in outcome %(column)r, covariates, weights and cluster; check for empty columns",
            column=columns.outcome,
        )
    rows = replace(rows.keep(~gap), missing=int(gap.sum()))
    if np.ptp(rows.outcome) == 0:
        raise StatsError(
            "outcome column %(column)r is constant; there is nothing to compare, choose another outcome", column=columns.outcome
        )
    return rows
