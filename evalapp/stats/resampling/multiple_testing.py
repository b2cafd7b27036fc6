"""P-values of a family of outcomes, corrected for there being many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from evalapp.stats.warnings import Caution, StatsError

Method = Literal["holm", "bh", "sharpened", "romano_wolf"]

CONTROLS = {
    "holm": "familywise error rate",
    "bh": "false discovery rate",
    "sharpened": "false discovery rate",
    "romano_wolf": "familywise error rate",
}
# Anderson's program tries the q-values 1.000, 0.999, ..., 0.001, so that sharpened q-values have three digits and are never 0.
Q_VALUES = np.arange(1, 1001) / 1000


@dataclass(frozen=True)
class AdjustedPValues:
    """A family of hypotheses after correction.

    table: one row per hypothesis in the order given: hypothesis, p_value, adjusted (missing where the p-value is).
    method, controls: the correction, and the rate it controls. n: hypotheses in the family.
    """

    table: pd.DataFrame
    method: str
    controls: str
    n: int
    cautions: tuple[Caution, ...]


def adjust_pvalues(
    p_values: Mapping[str, float] | pd.Series | ArrayLike,
    method: Method = "holm",
    *,
    statistics: ArrayLike | None = None,
    resampled: ArrayLike | None = None,
) -> AdjustedPValues:
    """Compare each p-value with what the smallest of as many would be if nothing had an effect.

    Parameters
    ----------
    p_values : the S hypotheses' p-values, by name or in order.
    method : "holm" (Holm's step-down), "bh" (Benjamini & Hochberg), "sharpened" (Anderson's q-values, after Benjamini, Krieger &
        Yekutieli) or "romano_wolf" (step-down from resampled statistics).
    statistics, resampled : for "romano_wolf", the (S,) t statistics and their (B, S) resamples under the null, every column from the
        same draws: `statistics` of bootstraps with the same clusters, draws and seed, or of tests that replay the same procedure.

    Returns
    -------
    AdjustedPValues

    Raises
    ------
    StatsError : no p-value, one outside 0 to 1, an unknown method, statistics or resamples that are absent, of another size or not
        numbers.

    Missing values and weights
    --------------------------
    Hypotheses without a p-value are left out of the family, with a caution, and stay without. No weights.

    Notes
    -----
    With p in ascending order: Holm max_(s <= r) min(1, (S - s + 1) p_s); BH min_(s >= r) min(1, S p_s / s). Sharpened: the smallest q
    of 0.001, ..., 1 at which the two-stage procedure rejects: r1 rejections of BH at q' = q / (1 + q), then BH at q' S / (S - r1).
    Romano-Wolf, with |t| in descending order: max_(s <= r) (1 + #{b: max_(j >= s) |t_bj| >= |t_s|}) / (B + 1).

    Assumes
    -------
    Holm: nothing. BH and sharpened: independent or positively dependent tests. Romano-Wolf: the resamples follow the null.

    Source
    ------
    Holm (1979), Scandinavian Journal of Statistics 6(2); Benjamini & Hochberg (1995), JRSS B 57(1), eq. 1; Benjamini, Krieger &
    Yekutieli (2006), Biometrika 93(3), definition 6; Anderson (2008), JASA 103(484), section 3; Romano & Wolf (2016), Statistics
    & Probability Letters 113.

    Checked against
    ---------------
    R's p.adjust, pyfixest 0.60.0's rwolf and Anderson's published q-values: tests/stats/reference/multiple_testing.json.
    """
    if method not in CONTROLS:
        raise StatsError("method is %(method)r; choose %(choices)s.", method=method, choices=", ".join(CONTROLS))
    series = _read_p_values(p_values)
    tested = series.notna().to_numpy()
    p = series.to_numpy()[tested]
    if method == "romano_wolf":
        adjusted = _romano_wolf(*_read_resamples(statistics, resampled, tested))
    else:
        adjusted = {"holm": _holm, "bh": _benjamini_hochberg, "sharpened": _sharpened}[method](p)
    column = np.full(len(series), np.nan)
    column[tested] = adjusted
    left_out = ", ".join(map(str, series.index[~tested]))
    return AdjustedPValues(
        table=pd.DataFrame({"hypothesis": series.index, "p_value": series.to_numpy(), "adjusted": column}),
        method=method,
        controls=CONTROLS[method],
        n=int(tested.sum()),
        cautions=(Caution("untested_hypotheses", {"names": left_out}),) if left_out else (),
    )


def _read_p_values(p_values: Mapping[str, float] | pd.Series | ArrayLike) -> pd.Series:
    named: Any = dict(p_values) if isinstance(p_values, Mapping) else p_values
    try:
        series = pd.Series(named).astype(float)
    except (TypeError, ValueError) as error:
        raise StatsError("p_values hold something other than numbers, or more than one column; pass one number each.") from error
    values = series.to_numpy()
    if np.isnan(values).all():
        raise StatsError("p_values hold no number; pass at least one.")
    outside = (values < 0) | (values > 1)
    if outside.any():
        raise StatsError(
            "p_values: %(label)r is %(value)g; a p-value lies between 0 and 1.",
            label=series.index[outside][0],
            value=values[outside][0],
        )
    return series


def _read_resamples(
    statistics: ArrayLike | None, resampled: ArrayLike | None, tested: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Absolute statistics (S,) and resamples (B, S) of the hypotheses with a p-value."""
    if statistics is None or resampled is None:
        raise StatsError("romano_wolf needs statistics and resampled: the t statistics and their resamples under the null.")
    try:
        t, drawn = np.abs(np.asarray(statistics, dtype=float)), np.abs(np.asarray(resampled, dtype=float))
    except (TypeError, ValueError) as error:
        raise StatsError("statistics or resampled hold something other than numbers; pass (S,) and (B, S) numbers.") from error
    if t.shape != tested.shape or drawn.ndim != 2 or drawn.shape[1:] != tested.shape or len(drawn) == 0:
        raise StatsError(
            "statistics have shape %(shape)s and resampled %(resampled_shape)s; for %(p_values)s p-values pass (S,), (B, S).",
            shape=t.shape,
            resampled_shape=drawn.shape,
            p_values=len(tested),
        )
    t, drawn = t[tested], drawn[:, tested]
    if np.isnan(t).any() or np.isnan(drawn).any():
        raise StatsError("statistics or resampled are missing for a hypothesis with a p-value; complete them or drop its p-value.")
    return t, drawn


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    return _in_place(np.maximum.accumulate(steps), order)


def _benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p, kind="stable")
    steps = np.minimum(1, p[order] * len(p) / np.arange(1, len(p) + 1))
    return _in_place(np.minimum.accumulate(steps[::-1])[::-1], order)


def _sharpened(p: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(p, kind="stable")
    ranks, S = np.arange(1, len(p) + 1), len(p)
    first_level = Q_VALUES / (1 + Q_VALUES)
    first = _rejections(first_level, p[order])
    # When the first stage rejects everything no true null is left, and the second stage rejects everything too.
    second = _rejections(np.divide(first_level * S, S - first, out=np.full(len(first), np.inf), where=first < S), p[order])
    rejected = second[:, None] >= ranks
    return _in_place(np.where(rejected.any(axis=0), Q_VALUES[np.argmax(rejected, axis=0)], 1.0), order)


def _rejections(levels: NDArray[np.float64], ascending: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many of the ascending p-values (S,) the linear step-up procedure rejects at each level (L,)."""
    ranks = np.arange(1, len(ascending) + 1)
    return np.asarray((ranks * (ascending <= levels[:, None] * ranks / len(ascending))).max(axis=1))


def _romano_wolf(t: NDArray[np.float64], resampled: NDArray[np.float64]) -> NDArray[np.float64]:
    order = np.argsort(-t, kind="stable")
    largest_left = np.maximum.accumulate(resampled[:, order[::-1]], axis=1)[:, ::-1]
    steps = (1 + (largest_left >= t[order]).sum(axis=0)) / (1 + len(resampled))
    return _in_place(np.maximum.accumulate(steps), order)


def _in_place(ordered: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    result = np.empty_like(ordered)
    result[order] = ordered
    return result
