"""Money and other outcomes with a long tail and zeros: winsorised levels, and logarithms with a warning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evalapp.stats.columns import number_array, refuse_non_number
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class Winsorised:
    """values: as given, those beyond the limits set to them; low, high: the limits; changed: how many values moved."""

    values: NDArray[np.float64]
    low: float
    high: float
    changed: int


@dataclass(frozen=True)
class Logged:
    """values: log(y + 1) or asinh(y), missing stays missing; cautions: why not to compare them in percent."""

    values: NDArray[np.float64]
    cautions: tuple[Caution, ...]


def winsorise(values: ArrayLike, quantile: float = 0.99, *, both_tails: bool = False) -> Winsorised:
    """Compare outcomes whose few largest values would otherwise decide: move those beyond a quantile to it.

    Parameters
    ----------
    values : (n,) numbers, missing as NaN; all arms of one round together, so that both are cut alike.
    quantile : the upper limit's, between 0.5 and 1.
    both_tails : also raise values below the quantile 1 - quantile (losses).

    Returns
    -------
    Winsorised

    Raises
    ------
    StatsError : a quantile out of range; text; infinite values; nothing but missing values.

    Missing values and weights
    --------------------------
    Missing values stay missing and do not count. No weights.

    Notes
    -----
    Quantiles interpolate linearly between order statistics (R's type 7).

    Assumes
    -------
    The mean of interest is that of typical outcomes: winsorising changes the estimand.

    Source
    ------
    Hyndman & Fan (1996), The American Statistician 50(4), definition 7.

    Checked against
    ---------------
    R 4.2.2 quantile (type 7) and the mean after winsorising, on earnings of the National Supported Work experiment:
    tests/stats/reference/outcome_kinds_r.json, by tests/stats/test_outcome_kinds.py.
    """
    y = number_array(values)
    refuse_non_number("quantile", quantile)
    if not 0.5 < quantile < 1:
        raise StatsError("quantile is %(quantile)r; give a share between 0.5 and 1, such as 0.99.", quantile=quantile)
    if np.isnan(y).all():
        raise StatsError("The argument 'values' holds no number, none at all; give at least one.")
    low = float(np.nanquantile(y, 1 - quantile)) if both_tails else float(np.nanmin(y))
    high = float(np.nanquantile(y, quantile))
    return Winsorised(np.clip(y, low, high), low, high, int(((y < low) | (y > high)).sum()))


def logged(values: ArrayLike, kind: Literal["log1p", "asinh"]) -> Logged:
    """Compare outcomes on a scale where large values count less, with a caution when zeros make its unit decide the result.

    Parameters
    ----------
    values : (n,) numbers of zero or more (asinh: any), missing as NaN.
    kind : "log1p" is log(y + 1), "asinh" is log(y + sqrt(y^2 + 1)).

    Returns
    -------
    Logged

    Raises
    ------
    StatsError : an unknown kind; text; infinite values; values below zero with log1p.

    Missing values and weights
    --------------------------
    Missing values stay missing. No weights.

    Notes
    -----
    With zeros, the mean effect on either can be made any size by changing the unit of y, so it is no percentage; see `level_ratio`.

    Assumes
    -------
    Nothing; it is a change of scale.

    Source
    ------
    Chen & Roth (2024), Quarterly Journal of Economics 139(2), proposition 1.

    Checked against
    ---------------
    Chen and Roth's proposition, in tests/stats/test_outcome_kinds.py.
    """
    y = number_array(values)
    if kind not in ("log1p", "asinh"):
        raise StatsError("kind is %(kind)r; choose log1p or asinh.", kind=kind)
    if kind == "log1p" and (y < 0).any():
        raise StatsError("The argument 'values' holds a number below zero, which log1p cannot show; use levels.")
    zeros = int((y == 0).sum())
    known = int((~np.isnan(y)).sum())
    cautions = (Caution("log_of_zeros", {"zeros": zeros, "of": known, "kind": kind}),) if zeros else ()
    return Logged(np.log1p(y) if kind == "log1p" else np.arcsinh(y), cautions)
