"""The bias-reduced cluster-robust covariance (CR2; HC2 when every row is its own cluster) with Satterthwaite degrees of freedom.

Bell & McCaffrey (2002); Pustejovsky & Tipton (2018), section 2. The working model is homoskedastic and independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# An eigenvalue of I - H below this is a direction in which the cluster is fitted exactly and says nothing about the noise.
FITTED_EXACTLY = 1e-9
# A direction of the scaled design shorter than this share of the longest is a linear dependence.
SPANNED = 1e-9


@dataclass(frozen=True)
class BiasReduced:
    """Covariance of the first k coefficients.

    covariance: (k, k), in squared units of the coefficients.
    df: (k,), Satterthwaite degrees of freedom of each coefficient; NaN where no cluster carries noise.
    """

    covariance: NDArray[np.float64]
    df: NDArray[np.float64]


def bias_reduced_covariance(
    X: NDArray[np.float64], residuals: NDArray[np.float64], clusters: NDArray[np.int64], k: int
) -> BiasReduced:
    """Form CR2 of the first `k` of X's columns (N, p), for OLS residuals (N,) and cluster codes (N,). X may be rank deficient."""
    order = np.argsort(clusters, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(clusters[order]) != 0])
    norms = np.sqrt((X**2).sum(axis=0))
    norms[norms == 0] = 1
    Q, sizes, directions = np.linalg.svd(X[order] / norms, full_matrices=False)
    spanned = sizes > SPANNED * sizes[0]
    Q = Q[:, spanned]
    P = adjusted_loadings(Q, Q @ (directions[spanned, :k] / sizes[spanned, None]) / norms[:k], starts)
    scores = np.add.reduceat(P * residuals[order][:, None], starts, axis=0)
    return BiasReduced(scores.T @ scores, satterthwaite_df(Q, P, starts))


def adjusted_loadings(Q: NDArray[np.float64], loadings: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Multiply each cluster's rows of the loadings X(X'X)^-1 (N, k) by A_g, the inverse symmetric root of I - Q_g Q_g'."""
    if len(starts) == len(Q):
        return loadings * inverse_root(1 - (Q**2).sum(axis=1))[:, None]
    adjusted = loadings.copy()
    for start, end in zip(starts, np.r_[starts[1:], len(Q)], strict=True):
        U, sizes, _ = np.linalg.svd(Q[start:end], full_matrices=False)
        # I - Q_g Q_g' differs from the identity in the directions U only, so large clusters stay cheap.
        adjusted[start:end] += U @ ((inverse_root(1 - sizes**2) - 1)[:, None] * (U.T @ loadings[start:end]))
    return adjusted


def inverse_root(noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return 1 / sqrt, and 0 where the noise is fitted exactly."""
    return np.where(noise > FITTED_EXACTLY, 1 / np.sqrt(np.maximum(noise, FITTED_EXACTLY)), 0)


def satterthwaite_df(Q: NDArray[np.float64], P: NDArray[np.float64], starts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return tr(W)^2 / tr(W^2) for each column of P, where W_gh = 1{g=h} p_g'p_g - q_g'q_h and q_g = Q_g'p_g."""
    df = np.full(P.shape[1], np.nan)
    for c in range(P.shape[1]):
        a = np.add.reduceat(P[:, c] ** 2, starts)
        q = np.add.reduceat(Q * P[:, c : c + 1], starts, axis=0)
        own = (q**2).sum(axis=1)
        trace, trace_square = (a - own).sum(), (a**2 - 2 * a * own).sum() + ((q.T @ q) ** 2).sum()
        if trace > FITTED_EXACTLY * a.sum():
            df[c] = trace**2 / trace_square
    return df
