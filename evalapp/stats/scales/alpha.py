"""Cronbach's alpha: how consistently several items measure one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from evalapp.stats.answers import incomplete_cases, numeric_answers
from evalapp.stats.columns import column_names, refuse_level
from evalapp.stats.scales.adequacy import correlation_matrix
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True)
class CronbachAlpha:
    """Reliability of a sum of items, a share (at most 1; negative when items run against each other).

    Attributes
    ----------
    items : names, in the order given
    reverse : items scored in the opposite direction
    n : complete cases
    raw : alpha of the items as they are, with its interval `conf_low`, `conf_high` at `level`
    standardised : alpha of the items in standard deviations
    g6 : Guttman's lambda 6
    average_r : mean correlation between items
    item_table : index item; columns mean and sd (answer units, before reversal), item_rest (correlation with the sum of the
        other items), alpha_if_dropped (raw alpha of the other items; NaN for two items)
    reversed_items : items that run against the others as keyed here
    rekeyed : the same with those items reversed; None when there are none
    cautions : tuple of Caution
    """

    items: tuple[str, ...]
    reverse: tuple[str, ...]
    n: int
    raw: float
    conf_low: float
    conf_high: float
    level: float
    standardised: float
    g6: float
    average_r: float
    item_table: pd.DataFrame
    reversed_items: tuple[str, ...]
    rekeyed: CronbachAlpha | None
    cautions: tuple[Caution, ...]


def cronbach_alpha(
    answers: pd.DataFrame,
    items: Sequence[str] | None = None,
    *,
    reverse: Sequence[str] = (),
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
) -> CronbachAlpha:
    """Compare the variance of a sum of items with the variances of the items: near 1 when they rise and fall together.

    Parameters
    ----------
    answers : frame with one row per person and one numeric column per item
    items : the columns that form the scale; None takes all
    reverse : items whose high answer means little of what the scale measures
    bounds : lowest and highest possible answer; None allows every finite number
    level : of Feldt's interval

    Returns
    -------
    CronbachAlpha

    Raises
    ------
    StatsError
        For fewer than two items, an answer that is no number or outside `bounds` (naming row and column), no more complete
        rows than items, an item without variance, or items that determine each other.

    Missing values and weights
    --------------------------
    Complete cases only; rows count equally.

    Notes
    -----
    alpha = k / (k - 1) (1 - sum s_i^2 / s_total^2). Items with a negative loading on the first principal component of the
    correlations are reported as reversed, with alpha after reversing them.
    Interval: 1 - (1 - alpha) F, F the quantiles of F(n - 1, (n - 1)(k - 1)).

    Assumes
    -------
    Items measure one thing, equally well, with unrelated errors; alpha is then the reliability, otherwise a lower bound.
    Feldt's interval assumes normal answers.

    Source
    ------
    Cronbach (1951), "Coefficient alpha and the internal structure of tests", Psychometrika 16, equation 2; Feldt, Woodruff and
    Salih (1987), "Statistical inference for coefficient alpha", Applied Psychological Measurement 11, equation 6; Guttman (1945),
    "A basis for analyzing test-retest reliability", Psychometrika 10, for lambda 6.

    Checked against
    ---------------
    R psych 2.2.9 alpha: tests/stats/reference/psych_bfi.json, r_components.json.
    """
    refuse_level(level)
    names, reverse = column_names(answers.columns if items is None else items, "items"), column_names(reverse, "reverse")
    if len(names) < 2:
        raise StatsError("Alpha needs at least two items, got %(items)s; name more columns.", items=names)
    if stray := [name for name in reverse if name not in names]:
        raise StatsError("Item %(item)r is to be reversed but is not in the scale; name it in items.", item=stray[0])
    sample = numeric_answers(answers, names, bounds).dropna()
    alpha = _alpha(sample, tuple(reverse), level)
    return replace(alpha, cautions=incomplete_cases(len(sample), len(answers)) + alpha.cautions)


def _alpha(sample: pd.DataFrame, reverse: tuple[str, ...], level: float) -> CronbachAlpha:
    names, (n, k) = tuple(sample.columns), sample.shape
    keyed = sample * [-1.0 if name in reverse else 1.0 for name in names]
    R = correlation_matrix(keyed).to_numpy()
    raw = _raw_alpha(keyed.cov().to_numpy())
    low, high = _feldt_interval(raw, n, k, level)
    against = tuple(name for name, opposed in zip(names, _against_the_others(R), strict=True) if opposed)
    turned = tuple(name for name in names if (name in reverse) != (name in against))
    rekeyed = _alpha(sample, turned, level) if against else None
    return CronbachAlpha(
        items=names,
        reverse=reverse,
        n=n,
        raw=raw,
        conf_low=low,
        conf_high=high,
        level=level,
        standardised=_raw_alpha(R),
        g6=float(1 - (1 / np.diag(np.linalg.inv(R))).sum() / R.sum()),
        average_r=float((R.sum() - k) / (k * (k - 1))),
        item_table=_item_table(sample, keyed),
        reversed_items=against,
        rekeyed=rekeyed,
        cautions=tuple(_alpha_cautions(names, raw, against, rekeyed)),
    )


def _alpha_cautions(
    names: tuple[str, ...], raw: float, against: tuple[str, ...], rekeyed: CronbachAlpha | None
) -> Iterator[Caution]:
    if rekeyed is not None:
        yield Caution("reversed_items", {"items": ", ".join(against), "alpha": raw, "rekeyed": rekeyed.raw})
    if len(names) == 2:
        yield Caution("two_item_scale", {"items": " and ".join(names)})


def _feldt_interval(alpha: float, n: int, k: int, level: float) -> tuple[float, float]:
    low, high = (1 - (1 - alpha) * stats.f.ppf(tail, n - 1, (n - 1) * (k - 1)) for tail in ((1 + level) / 2, (1 - level) / 2))
    return float(low), float(high)


def item_rest_correlations(sample: pd.DataFrame) -> pd.Series:
    """Return each item's correlation with the sum of the others; NaN where either does not vary."""
    C = sample.cov().to_numpy()
    with_rest = C.sum(axis=0) - np.diag(C)
    scale = np.sqrt(np.diag(C) * np.maximum(C.sum() - 2 * C.sum(axis=0) + np.diag(C), 0))
    correlations = np.divide(with_rest, scale, out=np.full(len(C), np.nan), where=scale > 0)
    return pd.Series(correlations, sample.columns, name="item_rest")


def _raw_alpha(C: np.ndarray) -> float:
    k = len(C)
    return float(k / (k - 1) * (1 - np.trace(C) / C.sum()))


def _against_the_others(R: np.ndarray) -> np.ndarray:
    loadings = np.linalg.eigh(R)[1][:, -1]
    # Two opposed items leave the majority undecided; the first item then keeps its direction.
    majority = loadings.sum() if abs(loadings.sum()) > 1e-10 else loadings[0]
    return np.asarray(loadings * np.sign(majority) < -1e-12)


def _item_table(sample: pd.DataFrame, keyed: pd.DataFrame) -> pd.DataFrame:
    C, k = keyed.cov().to_numpy(), keyed.shape[1]
    others = [np.delete(np.delete(C, i, axis=0), i, axis=1) for i in range(k)]
    return pd.DataFrame(
        {
            "mean": sample.mean(),
            "sd": sample.std(),
            "item_rest": item_rest_correlations(keyed),
            "alpha_if_dropped": [_raw_alpha(rest) if k > 2 else np.nan for rest in others],
        }
    ).rename_axis("item")
