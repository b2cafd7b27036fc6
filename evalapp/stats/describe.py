"""Descriptive statistics of numeric variables, overall or by group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.answers import numeric_answers
from evalapp.stats.columns import require_columns
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OVERALL = "all"


@dataclass(frozen=True)
class Description:
    """What variables look like.

    Attributes
    ----------
    table : one row per variable, or per variable and group: variable, group (only with `by`), n (observed), missing, mean,
        sd (n - 1), min, p25, median, p75, max (units of the variable), share (of ones, 0 to 1; <NA> where not coded 0/1)
    by : column of the groups, or None
    cautions : tuple of Caution
    """

    table: pd.DataFrame
    by: str | None
    cautions: tuple[Caution, ...]


def describe(data: pd.DataFrame, variables: Sequence[str], by: str | None = None) -> Description:
    """Show centre and spread of each variable, and compare groups side by side when `by` is given.

    Parameters
    ----------
    data : frame with one row per person
    variables : numeric columns
    by : column whose values form the groups; None describes everybody together

    Returns
    -------
    Description

    Raises
    ------
    StatsError
        For a frame without rows, an absent column, text or an infinite value (naming row and column), or a grouping column
        that is described itself or has no values.

    Missing values and weights
    --------------------------
    Each variable uses its own observed values and counts the missing; rows without a group are left out with a caution.

    Notes
    -----
    Quantile q is the value at 1 + (n - 1) q of the sorted values, interpolated linearly.

    Assumes
    -------
    Nothing.

    Source
    ------
    Hyndman and Fan (1996), "Sample quantiles in statistical packages", American Statistician 50, definition 7.

    Checked against
    ---------------
    R 4.2.2 mean, sd and quantile: tests/stats/reference/r_components.json; the published descriptive table of the survey of 131
    entrepreneurs: tests/stats/reference/paper_tables.json.
    """
    values = numeric_answers(data, variables)
    rows, cautions = [], []
    for group, part in _groups(data, variables, by):
        for variable in variables:
            observed = values.loc[part, variable].dropna().to_numpy()
            label = {"variable": variable} if by is None else {"variable": variable, "group": group}
            rows.append(label | _statistics(observed, int(part.sum())))
            cautions += list(_thin(observed, variable, group))
    table = pd.DataFrame(rows).astype({"share": "Float64"})
    if by is not None:
        order = {variable: position for position, variable in enumerate(variables)}
        table = table.sort_values("variable", key=lambda column: column.map(order), kind="stable", ignore_index=True)
        cautions += list(_without_group(data, by))
    return Description(table, by, tuple(cautions))


def _groups(data: pd.DataFrame, variables: Sequence[str], by: str | None) -> Iterator[tuple[object, np.ndarray]]:
    if by is None:
        yield OVERALL, np.ones(len(data), dtype=bool)
        return
    require_columns(data, [by])
    if by in variables or data[by].isna().all():
        raise StatsError(
            "Column %(column)r forms the groups but is described itself or empty; choose another grouping column.", column=by
        )
    for group in sorted(data[by].dropna().unique(), key=lambda value: (str(type(value)), value)):
        yield group, (data[by] == group).to_numpy(dtype=bool, na_value=False)


def _statistics(observed: np.ndarray, rows: int) -> dict[str, object]:
    n = observed.size
    low, p25, median, p75, high = np.quantile(observed, [0, 0.25, 0.5, 0.75, 1]) if n else [np.nan] * 5
    return {
        "n": n,
        "missing": rows - n,
        "mean": observed.mean() if n else np.nan,
        "sd": observed.std(ddof=1) if n > 1 else np.nan,
        "min": low,
        "p25": p25,
        "median": median,
        "p75": p75,
        "max": high,
        "share": observed.mean() if n and np.isin(observed, [0, 1]).all() else pd.NA,
    }


def _thin(observed: np.ndarray, variable: str, group: object) -> Iterator[Caution]:
    if observed.size < 2:
        code = "single_observation" if observed.size else "no_observation"
        yield Caution(code, {"variable": variable, "group": group})


def _without_group(data: pd.DataFrame, by: str) -> Iterator[Caution]:
    if missing := int(data[by].isna().sum()):
        yield Caution("group_missing", {"rows": missing, "by": by})
