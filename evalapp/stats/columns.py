"""Columns of a data frame as arrays, checked before any number is made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.warnings import StatsError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray


# Variances need squares, and sums of them, within what a double holds (about 1e-308 to 1e308).
SMALLEST_SCALE, LARGEST_SCALE = 1e-100, 1e100


def require_columns(data: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse an empty frame, an absent column and a column name that stands twice."""
    if len(data) == 0:
        raise StatsError("The data have no rows; pass at least one observation.")
    for name in names:
        found = int((data.columns == name).sum())
        if found == 0:
            raise StatsError(f"Column {name!r} is not in the data; name one of {', '.join(map(str, data.columns))}.")
        if found > 1:
            raise StatsError(f"Column name {name!r} stands {found} times in the data; rename or drop the copies.")


def numeric_column(data: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Read the column as floats, missing as NaN; text and infinities are refused."""
    series = data[name].infer_objects()
    if not pd.api.types.is_numeric_dtype(series):
        example = series.dropna().iloc[0] if series.notna().any() else None
        raise StatsError(f"Column {name!r} holds {example!r}, which is not a number; recode the column as numbers.")
    values = series.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(values).any():
        raise StatsError(f"Column {name!r} holds an infinite value; make it a number or missing.")
    largest = np.nanmax(np.abs(values), initial=0)
    if largest and not SMALLEST_SCALE < largest < LARGEST_SCALE:
        raise StatsError(f"Column {name!r} reaches {largest:g}, whose square a computer cannot hold; express it in other units.")
    return values


def binary_column(data: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Read the column as 0 and 1, missing as NaN."""
    values = numeric_column(data, name)
    odd = values[~np.isnan(values) & (values != 0) & (values != 1)]
    if odd.size:
        raise StatsError(f"Column {name!r} holds {odd[0]:g}; code it 0 or 1.")
    return values


def category_codes(data: pd.DataFrame, name: str) -> tuple[NDArray[np.int64], pd.Index]:
    """Return integer codes in the order of the sorted labels, and the labels; a missing label is refused."""
    if data[name].isna().any():
        raise StatsError(f"Column {name!r} has {int(data[name].isna().sum())} missing values; fill them or drop those rows.")
    try:
        codes, labels = pd.factorize(data[name], sort=True)
    except TypeError as error:
        raise StatsError(f"Column {name!r} mixes kinds of labels that cannot be ordered; recode them as one kind.") from error
    return codes.astype(np.int64), pd.Index(labels)


def refuse_duplicates(unit: NDArray[np.int64], time: NDArray[np.int64], data: pd.DataFrame, names: tuple[str, str]) -> None:
    """Refuse two rows of one unit in one period, naming the first such pair."""
    seen_before = pd.Series(unit * (time.max() + 1) + time).duplicated().to_numpy()
    if seen_before.any():
        row = data.iloc[int(np.argmax(seen_before))]
        raise StatsError(
            f"Columns {names[0]!r} and {names[1]!r}: unit {row[names[0]]} stands twice in period {row[names[1]]}; "
            "keep one row per unit and period."
        )


def refuse_level(level: float) -> None:
    """Refuse a confidence level that is not a share strictly between 0 and 1."""
    if not 0 < level < 1:
        raise StatsError(f"level is {level!r}; give a share between 0 and 1, such as 0.95.")
