"""The rows a fixed-effects regression can use, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from evalapp.stats.columns import category_codes, numeric_column, refuse_duplicates, require_columns
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rows:
    """N complete rows in the order of unit and time.

    unit, time, cluster: (N,) integer codes; y, weights: (N,); X: (N, k), one column a term.
    """

    unit: NDArray[np.int64]
    time: NDArray[np.int64]
    cluster: NDArray[np.int64]
    y: NDArray[np.float64]
    X: NDArray[np.float64]
    weights: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, chosen: NDArray[Any]) -> Rows:
        return Rows(
            self.unit[chosen], self.time[chosen], self.cluster[chosen], self.y[chosen], self.X[chosen], self.weights[chosen]
        )


def usable_rows(
    panel: pd.DataFrame,
    *,
    outcome: str,
    unit: str,
    time: str,
    terms: Sequence[str],
    cluster: str | None,
    weights: str | None,
    time_effects: bool,
) -> tuple[Rows, list[Caution]]:
    """Keep the complete rows of units (and, with time effects, periods) seen at least twice, with a caution per kind left out."""
    cluster = cluster or unit
    require_columns(panel, [outcome, unit, time, *terms, cluster, *([weights] if weights else [])])
    unit_codes, time_codes = category_codes(panel, unit)[0], category_codes(panel, time)[0]
    refuse_duplicates(unit_codes, time_codes, panel, (unit, time))
    rows = Rows(
        unit=unit_codes,
        time=time_codes,
        cluster=unit_codes if cluster == unit else category_codes(panel, cluster)[0],
        y=numeric_column(panel, outcome),
        X=np.column_stack([numeric_column(panel, term) for term in terms]),
        weights=weights_or_ones(panel, weights),
    )[np.lexsort((time_codes, unit_codes))]
    # A missing value in any of them makes the sum missing.
    complete = rows[~np.isnan(rows.y + rows.X.sum(axis=1) + rows.weights)]
    weighted = complete[complete.weights > 0]
    kept = without_singletons(weighted, time_effects=time_effects)
    if len(kept) == 0:
        raise StatsError(
            "No unit has two complete rows of %(outcome)r and its terms; fixed effects need units (and periods) seen twice.",
            outcome=outcome,
        )
    left_out = {
        "incomplete_rows": len(rows) - len(complete),
        "zero_weight": len(complete) - len(weighted),
        "seen_once": len(weighted) - len(kept),
    }
    return kept, rows_left_out(left_out, len(rows))


def weights_or_ones(panel: pd.DataFrame, weights: str | None) -> NDArray[np.float64]:
    """Read the weights, zero for a row that does not count, or ones."""
    if weights is None:
        return np.ones(len(panel))
    values = numeric_column(panel, weights)
    if (values < 0).any():
        raise StatsError(
            "Column %(column)r holds %(value)g; weights must not be negative, and 0 leaves a row out.",
            column=weights,
            value=np.nanmin(values),
        )
    if not (values > 0).any():
        raise StatsError(
            "Column %(column)r has no weight above zero, so that no row counts; give at least some rows a weight.", column=weights
        )
    return values


def rows_left_out(counts: dict[str, int], of: int) -> list[Caution]:
    """Make a caution of every code with rows left out, of so many."""
    return [Caution(code, {"rows": count, "of": of}) for code, count in counts.items() if count]


def without_singletons(rows: Rows, *, time_effects: bool) -> Rows:
    """Drop what one effect fits exactly, again and again: dropping a unit can leave a period with one row (Correia 2015)."""
    while len(rows):
        alone = np.bincount(rows.unit)[rows.unit] < 2
        if time_effects:
            alone |= np.bincount(rows.time)[rows.time] < 2
        if not alone.any():
            break
        rows = rows[~alone]
    return rows
