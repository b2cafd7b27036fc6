"""Columns of a data frame as arrays, checked before any number is made from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from numbers import Integral, Real
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


# Variances need squares, and sums of them, within what a double holds (about 1e-308 to 1e308).
SMALLEST_SCALE, LARGEST_SCALE = 1e-100, 1e100


def column_names(names: object, argument: str) -> list[str]:
    """Return a list of names; a text, which would fall apart into its letters, is refused under the argument's name."""
    if isinstance(names, str) or not isinstance(names, Iterable):
        raise StatsError("%(argument)s is %(value)r; give a list of column names.", argument=argument, value=names)
    found = list(names)
    if odd := [name for name in found if not isinstance(name, Hashable)]:
        raise StatsError(
            "%(argument)s holds %(value)r, which names no column; give a list of column names.", argument=argument, value=odd[0]
        )
    return found


def require_columns(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse an empty frame, an absent column and a column name that stands twice."""
    if len(data) == 0:
        raise StatsError("The data have no rows; pass at least one observation.")
    for name in names:
        found = int((data.columns == name).sum())
        if found == 0:
            raise StatsError(
                "Column %(column)r is not in the data; name one of %(columns)s.",
                column=name,
                columns=", ".join(map(str, data.columns)),
            )
        if found > 1:
            raise StatsError(
                "Column name %(column)r stands %(times)s times in the data; rename or drop the copies.", column=name, times=found
            )


def numeric_column(data: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Read the column as floats, missing as NaN; text and infinities are refused."""
    series = data[name].infer_objects()
    if not pd.api.types.is_numeric_dtype(series):
        example = series.dropna().iloc[0] if series.notna().any() else None
        raise StatsError(
            "Column %(column)r holds %(value)r, which is not a number; recode the column as numbers.", column=name, value=example
        )
    values = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise StatsError("Column %(column)r holds an infinite value; make it a number or missing.", column=name)
    if (largest := _beyond_squaring(values)) is not None:
        raise StatsError(
            "Column %(column)r reaches %(largest)g, whose square a computer cannot hold; express it in other units.",
            column=name,
            largest=largest,
        )
    return values


def number_array(values: ArrayLike) -> NDArray[np.float64]:
    """Read the argument `values` as floats, missing as NaN; text, dates and infinities are refused."""
    try:
        given = np.asarray(values)
        # Object arrays hold None and pandas' missing values, which floats do not know.
        given = np.where(pd.isna(given), np.nan, given) if given.dtype.kind == "O" else given
        numbers = None if _holds_no_numbers(given) else given.astype(float)
    except (TypeError, ValueError):
        numbers = None
    if numbers is None:
        raise StatsError("The argument 'values' holds something other than numbers; give numbers, missing as NaN.")
    if np.isinf(numbers).any():
        raise StatsError("The argument 'values' holds an infinite value; make it a number or missing.")
    if (largest := _beyond_squaring(numbers)) is not None:
        raise StatsError(
            "The argument 'values' reaches %(largest)g, whose square a computer cannot hold; express it in other units.",
            largest=largest,
        )
    return numbers


def _holds_no_numbers(given: NDArray[np.generic]) -> bool:
    if given.dtype.kind == "O":
        return any(isinstance(value, str | bytes) for value in given.ravel())
    return given.dtype.kind not in "biuf"


def _beyond_squaring(values: NDArray[np.float64]) -> float | None:
    """Return the largest magnitude when its square is beyond a double."""
    largest = float(np.nanmax(np.abs(values), initial=0))
    return largest if largest and not SMALLEST_SCALE < largest < LARGEST_SCALE else None


def binary_column(data: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Read the column as 0 and 1, missing as NaN."""
    values = numeric_column(data, name)
    odd = values[~np.isnan(values) & (values != 0) & (values != 1)]
    if odd.size:
        raise StatsError("Column %(column)r holds %(value)g; code it 0 or 1.", column=name, value=odd[0])
    return values


def category_codes(data: pd.DataFrame, name: str) -> tuple[NDArray[np.int64], pd.Index]:
    """Return integer codes in the order of the sorted labels, and the labels; a missing label is refused."""
    if data[name].isna().any():
        raise StatsError(
            "Column %(column)r has %(rows)s missing values; fill them or drop those rows.",
            column=name,
            rows=int(data[name].isna().sum()),
        )
    try:
        codes, labels = pd.factorize(data[name], sort=True)
    except TypeError as error:
        raise StatsError(
            "Column %(column)r mixes kinds of labels that cannot be ordered; recode them as one kind.", column=name
        ) from error
    return codes.astype(np.int64), pd.Index(labels)


def refuse_duplicates(unit: NDArray[np.int64], time: NDArray[np.int64], data: pd.DataFrame, names: tuple[str, str]) -> None:
    """Refuse two rows of one unit in one period, naming the first such pair."""
    seen_before = pd.Series(unit * (time.max() + 1) + time).duplicated().to_numpy()
    if seen_before.any():
        row = data.iloc[int(np.argmax(seen_before))]
        raise StatsError(
            "Columns %(unit_column)r and %(time_column)r: unit %(unit)s stands twice in period %(period)s; keep one row per unit "
            "and period.",
            unit_column=names[0],
            time_column=names[1],
            unit=row[names[0]],
            period=row[names[1]],
        )


def refuse_non_number(name: str, value: object, *, whole: bool = False) -> None:
    """Refuse an argument that is no number, or no whole one, before anything is compared with it."""
    if whole and not isinstance(value, Integral):
        raise StatsError("%(argument)s is %(value)r; give a whole number.", argument=name, value=value)
    if not isinstance(value, Real):
        raise StatsError("%(argument)s is %(value)r; give a number.", argument=name, value=value)


def refuse_seed(seed: object) -> None:
    """Refuse what no random numbers can start from."""
    if not isinstance(seed, Integral) or int(seed) < 0:
        raise StatsError("seed is %(seed)r; give a whole number from 0.", seed=seed)


def refuse_level(level: object) -> None:
    """Refuse a confidence level that is not a share strictly between 0 and 1."""
    if not (isinstance(level, Real) and 0 < float(level) < 1):
        raise StatsError("level is %(level)r; give a share between 0 and 1, such as 0.95.", level=level)
