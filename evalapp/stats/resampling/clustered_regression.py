"""A regression with one coefficient of interest, reduced to what its clusters contribute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalapp.stats.columns import category_codes, column_names, numeric_column, require_columns
from evalapp.stats.fixed_effects.fixed_effects_rows import rows_left_out, weights_or_ones
from evalapp.stats.fixed_effects.two_way import nested, within
from evalapp.stats.warnings import Caution, StatsError

# A direction of the design, its columns of length one, shorter than this is a linear dependence.
SPANNED = 1e-9
# What is left of a column after the others took their part is rounding below this share of its sum of squares.
LEFT_OVER = 1e-18
# Effects that are not nested in clusters become dummies, as dense as any column; beyond this many they belong in the clusters.
MOST_DUMMIES = 2000


@dataclass(frozen=True)
class ClusteredRegression:
    """y on x and other regressors, by Frisch, Waugh and Lovell: their residuals summed within G clusters.

    xy, xx: (G,) sums of x residual times y residual, and of the squared x residual. basis_x, basis_y: (G, k) sums of k orthonormal
    regressors (the scaled x residual last) times the x and the y residual. n: rows. parameters: coefficients and effects, those
    nested in clusters apart. ever_treated: (G,) whether x differs from 0 anywhere in the cluster.
    """

    xy: NDArray[np.float64]
    xx: NDArray[np.float64]
    basis_x: NDArray[np.float64]
    basis_y: NDArray[np.float64]
    n: int
    parameters: int
    ever_treated: NDArray[np.bool_]

    @property
    def clusters(self) -> int:
        """G, the number of clusters."""
        return len(self.xy)

    @property
    def estimate(self) -> float:
        """The coefficient of x."""
        return float(self.xy.sum() / self.xx.sum())

    @property
    def correction(self) -> float:
        """CR1's small-sample factor, G/(G-1) (N-1)/(N-K)."""
        G = self.clusters
        return G / (G - 1) * (self.n - 1) / (self.n - self.parameters)

    @property
    def variance(self) -> float:
        """CR1 variance of the estimate."""
        scores = self.xy - self.estimate * self.xx
        return float(self.correction * (scores @ scores) / self.xx.sum() ** 2)


def clustered_regression(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    cluster: str,
    covariates: Sequence[str],
    absorb: Sequence[str],
    weights: str | None,
) -> tuple[ClusteredRegression, list[Caution]]:
    """Read the complete rows, take all other regressors out of outcome and treatment, and sum within clusters."""
    names = [outcome, treatment, *column_names(covariates, "covariates")]
    absorb = column_names(absorb, "absorb")
    if len(set(names)) < len(names):
        raise StatsError(
            "Columns %(columns)s: one is named twice; name outcome, treatment and each covariate once.", columns=", ".join(names)
        )
    require_columns(data, [*names, cluster, *absorb, *([weights] if weights else [])])
    values = np.column_stack([numeric_column(data, name) for name in names])
    w = weights_or_ones(data, weights)
    codes = [category_codes(data, name)[0] for name in (cluster, *absorb)]
    complete = ~np.isnan(values.sum(axis=1) + w)
    rows = np.flatnonzero(complete & (w > 0))
    left_out = {"incomplete_rows": int((~complete).sum()), "zero_weight": int(complete.sum()) - len(rows)}
    cautions = rows_left_out(left_out, len(data))
    rows = rows[np.argsort(codes[0][rows], kind="stable")]
    groups = [np.unique(code[rows], return_inverse=True)[1] for code in codes]
    if len(rows) == 0 or groups[0][-1] == 0:
        raise StatsError(
            "Column %(column)r has fewer than two clusters among complete rows; cluster by what was assigned.", column=cluster
        )
    return _reduce(values[rows], groups[0], groups[1:], w[rows], names), cautions


def _reduce(
    values: NDArray[np.float64],
    cluster: NDArray[np.int64],
    effects: list[NDArray[np.int64]],
    weights: NDArray[np.float64],
    names: Sequence[str],
) -> ClusteredRegression:
    columns, absorbed = _without_effects(values, cluster, effects, weights)
    y, x, others = columns[:, 0], columns[:, 1], columns[:, 2:]
    Q = _orthonormal(others)
    y_left, x_left = _residual(y, Q), _residual(x, Q)
    root = np.sqrt(weights)
    for name, left, values_of in ((names[0], y_left, values[:, 0]), (names[1], x_left, values[:, 1])):
        if left @ left <= LEFT_OVER * ((root * values_of) ** 2).sum():
            raise StatsError(
                "Column %(column)r is determined by the other regressors and effects; leave some of those out.", column=name
            )
    basis = np.column_stack([Q, x_left / np.sqrt(x_left @ x_left)])
    parameters = basis.shape[1] + absorbed
    if len(y) <= parameters:
        raise StatsError(
            "%(rows)s complete rows for %(coefficients)s coefficients and effects; add rows or drop covariates.",
            rows=len(y),
            coefficients=parameters,
        )
    starts = np.flatnonzero(np.r_[True, np.diff(cluster) > 0])
    return ClusteredRegression(
        xy=np.add.reduceat(x_left * y_left, starts),
        xx=np.add.reduceat(x_left**2, starts),
        basis_x=np.add.reduceat(basis * x_left[:, None], starts),
        basis_y=np.add.reduceat(basis * y_left[:, None], starts),
        n=len(y),
        parameters=parameters,
        ever_treated=np.logical_or.reduceat(values[:, 1] != 0, starts),
    )


def _without_effects(
    values: NDArray[np.float64], cluster: NDArray[np.int64], effects: list[NDArray[np.int64]], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], int]:
    """Take the means of the largest effect nested in clusters; every other effect becomes dummies. Rows are scaled by root weights.

    Sign flips by cluster commute with the means of a nested effect, so that it drops out of the bootstrap altogether.
    """
    inside = max((effect for effect in effects if nested(effect, cluster)), key=lambda effect: int(effect.max()), default=None)
    crossing = [effect for effect in effects if effect is not inside]
    if sum(int(effect.max()) + 1 for effect in crossing) > MOST_DUMMIES:
        raise StatsError(
            "More than %(most)s effects lie across clusters; cluster so that the largest effect is nested in it.", most=MOST_DUMMIES
        )
    dummies = [np.eye(effect.max() + 1)[effect] for effect in crossing]
    columns = np.column_stack([values, np.ones(len(values)), *dummies])
    # At length one beforehand, a column that the means take away is as short as rounding.
    columns[:, 2:] /= np.maximum(np.sqrt(weights @ columns[:, 2:] ** 2), np.finfo(float).tiny)
    if inside is not None:
        columns = within(columns, inside, weights)
    return columns * np.sqrt(weights)[:, None], int(inside is not None)


def _orthonormal(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return an orthonormal basis (N, rank) of columns that had length one."""
    U, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(U[:, sizes > SPANNED])


def _residual(column: NDArray[np.float64], Q: NDArray[np.float64]) -> NDArray[np.float64]:
    # Twice is enough: the second pass removes what rounding left of the first.
    once = column - Q @ (Q.T @ column)
    return np.asarray(once - Q @ (Q.T @ once))
