"""The rows of a comparison between two randomised arms, as arrays: outcome, arm, what is held equal, and who was assigned together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalapp.stats.columns import binary_column, category_codes, numeric_column, require_columns
from evalapp.stats.fixed_effects.fixed_effects_rows import rows_left_out, weights_or_ones
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class ComparisonRows:
    """Rows that can be compared.

    y: (n,) outcome; arm: (n,) 1 treated, 0 control; controls: (n, p) columns held equal, without the constant; clusters: (n,) codes
    of the unit of assignment (each row by itself when not `clustered`); used: (rows given,) whether the row is among the n; weights:
    (n,) above zero.
    """

    y: NDArray[np.float64]
    arm: NDArray[np.float64]
    controls: NDArray[np.float64]
    clusters: NDArray[np.int64]
    clustered: bool
    used: NDArray[np.bool_]
    weights: NDArray[np.float64]
    cautions: tuple[Caution, ...]


def comparison_rows(
    data: pd.DataFrame,
    outcome: str,
    arm: str,
    *,
    adjust: Sequence[str] = (),
    strata: str | None = None,
    wave: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
) -> ComparisonRows:
    """Read and check the columns; rows without outcome or weight are left out, gaps in `adjust` get an indicator."""
    named = [outcome, arm, *adjust, *(name for name in (strata, wave, cluster, weights) if name)]
    refuse_repeats([outcome, arm, *adjust])
    require_columns(data, named)
    if wave and not cluster:
        raise StatsError(
            "Column %(column)r makes several rows of a person possible; name the person, or the group, as cluster.", column=wave
        )
    w = weights_or_ones(data, weights)
    complete = ~np.isnan(numeric_column(data, outcome) + w)
    used = complete & (w > 0)
    rows = data.loc[used]
    if len(rows) == 0 and weights:
        raise StatsError(
            "Column %(column)r is missing or has no weight in %(weights)r in every row; a comparison needs outcomes.",
            column=outcome,
            weights=weights,
        )
    if len(rows) == 0:
        raise StatsError("Column %(column)r is missing in every row; a comparison needs outcomes.", column=outcome)
    treated = both_arms(rows, arm)
    values, cautions = with_missing_indicators(rows, adjust)
    stratum = category_codes(rows, strata)[0] if strata else np.zeros(len(rows), dtype=np.int64)
    period = category_codes(rows, wave)[0] if wave else np.zeros(len(rows), dtype=np.int64)
    left_out = {"incomplete_rows": int((~complete).sum()), "zero_weight": int(complete.sum()) - len(rows)}
    cautions += rows_left_out(left_out, len(data))
    return ComparisonRows(
        y=numeric_column(rows, outcome),
        arm=treated,
        controls=np.column_stack([values, dummies(stratum), dummies(period)]),
        clusters=category_codes(rows, cluster)[0] if cluster else np.arange(len(rows)),
        clustered=cluster is not None,
        used=used,
        weights=w[used],
        cautions=(*cautions, *one_armed_strata(stratum, treated)),
    )


def refuse_repeats(names: Sequence[str]) -> None:
    """Refuse a column that would stand on both sides, or twice on one."""
    twice = [name for name in names if list(names).count(name) > 1]
    if twice:
        raise StatsError("Column %(column)r is named twice in this comparison; name it once.", column=twice[0])


def both_arms(rows: pd.DataFrame, arm: str) -> NDArray[np.float64]:
    """Read the arm, known for everyone and different for some."""
    treated = binary_column(rows, arm)
    if np.isnan(treated).any():
        raise StatsError(
            "Column %(column)r is missing in %(rows)s rows; code every row 0 or 1.", column=arm, rows=int(np.isnan(treated).sum())
        )
    if treated.min() == treated.max():
        raise StatsError(
            "Column %(column)r is %(value)g in every row with an outcome; a comparison needs both arms.",
            column=arm,
            value=treated[0],
        )
    return treated


def with_missing_indicators(rows: pd.DataFrame, names: Sequence[str]) -> tuple[NDArray[np.float64], list[Caution]]:
    """Fill gaps with the column's mean and mark them in a further column: (n, columns + columns with gaps)."""
    columns, cautions = [], []
    for name in names:
        values = numeric_column(rows, name)
        missing = np.isnan(values)
        if missing.all():
            raise StatsError("Column %(column)r is missing in every row used; leave it out.", column=name)
        columns.append(np.where(missing, values[~missing].mean(), values))
        if missing.any():
            columns.append(missing.astype(float))
            cautions.append(Caution("missing_indicator", {"variable": name, "rows": int(missing.sum()), "of": len(rows)}))
    return np.column_stack([np.empty((len(rows), 0)), *columns]), cautions


def dummies(codes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Make a column for every code but the first."""
    columns: NDArray[np.float64] = (codes[:, None] == np.unique(codes)[1:]).astype(float)
    return columns


def one_armed_strata(stratum: NDArray[np.int64], treated: NDArray[np.float64]) -> list[Caution]:
    """Say which rows compare with nobody."""
    sizes = np.bincount(stratum)
    alone = (shares := np.bincount(stratum, treated)) * (sizes - shares) == 0
    alone &= sizes > 0
    if not alone.any():
        return []
    return [Caution("one_armed_strata", {"strata": int(alone.sum()), "rows": int(sizes[alone].sum())})]
