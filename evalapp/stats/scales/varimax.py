"""Varimax rotation with Kaiser normalisation, run to its maximum or stopped by R's rule."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from evalapp.stats.warnings import StatsError

ITERATIONS = 1000
ANGLE = 1e-12  # radians; below it a planar rotation moves no loading by more than rounding
ROUNDING = 1e-14  # of a sum of p terms of at most one

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Rotation:
    """A rotated loading matrix.

    Attributes
    ----------
    loadings : (items, components) rotated loadings, correlations between item and component
    matrix : (components, components) orthogonal, loadings = unrotated @ matrix
    converged : whether the stopping rule was met within 1000 iterations
    """

    loadings: Matrix
    matrix: Matrix
    converged: bool


def varimax(loadings: Matrix, *, normalize: bool = True, eps: float | None = None) -> Rotation:
    """Turn components so that each is carried by few items: compares the spread of squared loadings over all rotations.

    Parameters
    ----------
    loadings : (items, components) unrotated loadings
    normalize : scale every item's row to length one before rotating (Kaiser), and back after
    eps : None rotates pairs of components until no angle changes; a number stops as R does, when the criterion's
        relative gain falls below it (R's default is 1e-5)

    Returns
    -------
    Rotation

    Raises
    ------
    StatsError
        If `loadings` is not a finite matrix, or `eps` is negative.

    Missing values and weights
    --------------------------
    None are allowed; items count equally.

    Notes
    -----
    Maximises sum_j [ sum_i l_ij^4 - (sum_i l_ij^2)^2 / p ] over orthogonal T, l = XT. For a pair of columns with
    u = x^2 - y^2 and v = 2xy the best angle is atan2(2 (u'v - sum u sum v / p), u'u - v'v - ((sum u)^2 - (sum v)^2) / p) / 4,
    so two components need one step and reach the global maximum.

    Assumes
    -------
    Uncorrelated components.

    Source
    ------
    Kaiser (1958), "The varimax criterion for analytic rotation in factor analysis", Psychometrika 23, equations 8 to 15.

    Checked against
    ---------------
    R 4.2.2 stats::varimax through psych 2.2.9: tests/stats/reference/psych_bfi.json, r_components.json.
    """
    X = np.asarray(loadings, dtype=float)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise StatsError("The loadings must be a matrix of finite numbers, items by components.")
    if eps is not None and eps < 0:
        raise StatsError("eps is %(eps)s; give None for convergence or a small positive number such as 1e-5.", eps=eps)
    lengths = np.sqrt((X**2).sum(axis=1, keepdims=True)) if normalize else 1.0
    # An item without communality has no direction to normalise and stays at zero.
    rows = np.divide(X, lengths, out=np.zeros_like(X), where=lengths > 0)
    T, converged = _planar_rotations(rows) if eps is None else _singular_value_rotations(rows, eps)
    return Rotation(X @ T, T, converged)


def _planar_rotations(X: Matrix) -> tuple[Matrix, bool]:
    T = np.eye(X.shape[1])
    for _ in range(ITERATIONS):
        largest = 0.0
        for pair in combinations(range(X.shape[1]), 2):
            angle = _best_angle(*(X @ T[:, pair]).T)
            T[:, pair] = T[:, pair] @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            largest = max(largest, abs(angle))
        if largest < ANGLE:
            return T, True
    return T, False


def _best_angle(x: Matrix, y: Matrix) -> float:
    u, v, p = x**2 - y**2, 2 * x * y, len(x)
    numerator = 2 * (u @ v - u.sum() * v.sum() / p)
    denominator = u @ u - v @ v - (u.sum() ** 2 - v.sum() ** 2) / p
    # At a maximum only rounding is left of the numerator; turning by it would never end where the criterion is flat.
    settled = abs(numerator) < ROUNDING * p and denominator > -ROUNDING * p
    return 0.0 if settled else float(np.arctan2(numerator, denominator) / 4)


def _singular_value_rotations(X: Matrix, eps: float) -> tuple[Matrix, bool]:
    p, k = X.shape
    T, criterion = np.eye(k), 0.0
    for _ in range(ITERATIONS):
        Z = X @ T
        U, gains, Vt = np.linalg.svd(X.T @ (Z**3 - Z * (Z**2).sum(axis=0) / p))
        T, previous, criterion = U @ Vt, criterion, gains.sum()
        if criterion < previous * (1 + eps):
            return T, True
    return T, False
