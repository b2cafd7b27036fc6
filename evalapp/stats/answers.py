"""Survey answers as numbers, or the row and column of the first that is none."""

from __future__ import annotations

from numbers import Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.columns import column_names, require_columns
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence


def numeric_answers(data: pd.DataFrame, names: Sequence[str], bounds: tuple[float, float] | None = None) -> pd.DataFrame:
    """Return the named columns as floats with NaN for missing; refuse text, infinities and values outside `bounds`."""
    names = column_names(names, "columns")
    if not names:
        raise StatsError("The list of columns is empty; give a list of column names.")
    require_columns(data, names)
    if len(set(names)) < len(names):
        twice = next(name for name in names if list(names).count(name) > 1)
        raise StatsError("Column %(column)r is named twice; name it once.", column=twice)
    return pd.DataFrame({name: _floats(data[name], bounds) for name in names}, index=data.index, columns=list(names))


def incomplete_cases(used: int, rows: int) -> tuple[Caution, ...]:
    """Say how many rows listwise deletion left, when it took any."""
    return (Caution("incomplete_cases", {"used": used, "rows": rows}),) if used < rows else ()


def _floats(column: pd.Series, bounds: tuple[float, float] | None) -> pd.Series:
    if not (pd.api.types.is_bool_dtype(column) or pd.api.types.is_any_real_numeric_dtype(column)):
        column = column.astype(object)
        text = column.notna() & ~column.map(lambda value: isinstance(value, Real))
        if (first := _first(column, text)) is not None:
            raise StatsError("Column %(column)r, row %(row)r: %(value)r is not a number; code the column as numbers.", **first)
    values = pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index, name=column.name)
    if (first := _first(column, values.abs() == np.inf)) is not None:
        raise StatsError("Column %(column)r, row %(row)r: %(value)r is not finite; correct it or leave it empty.", **first)
    if bounds is not None:
        outside = values.notna() & ~values.between(*bounds)
        if (first := _first(column, outside)) is not None:
            raise StatsError(
                "Column %(column)r, row %(row)r: %(value)r lies outside %(lowest)g to %(highest)g; correct it or leave it empty.",
                **first,
                lowest=bounds[0],
                highest=bounds[1],
            )
    return values


def _first(column: pd.Series, faulty: pd.Series) -> dict[str, object] | None:
    """Return where the first faulty answer stands and what it is; None without one."""
    rows = np.flatnonzero(faulty.to_numpy(dtype=bool))
    if not rows.size:
        return None
    # Indexing a slice gives Python's own numbers, which print as a reader writes them.
    first = column.iloc[rows[:1]]
    return {"column": column.name, "row": first.index.tolist()[0], "value": first.tolist()[0]}
