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
    """CR2 of the first `k` of X's columns (N, p), for OLS residuals (N,) and cluster codes (N,). X may be rank deficient."""
    order = np.argsort(clusters, kind="stable")
    norms = np.sqrt((X**2).sum(axis=0))
    norms[norms == 0] = 1
    Z = X[order] / norms
    starts = np.flatnonzero(np.r_[True, np.diff(clusters[order]) != 0])
    M = np.linalg.pinv(Z.T @ Z, hermitian=True)
    P = adjusted_loadings(Z, M, starts, k)
    scores = np.add.reduceat(P * residuals[order][:, None], starts, axis=0)
    rescale = 1 / norms[:k]
    return BiasReduced(scores.T @ scores * np.outer(rescale, rescale), satterthwaite_df(Z, M, P, starts))


def adjusted_loadings(Z: NDArray[np.float64], M: NDArray[np.float64], starts: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Rows A_g Z_g M for each cluster g, where A_g is the inverse symmetric root of I - H_gg: (N, k)."""
    loadings = Z @ M[:, :k]
    if len(starts) == len(Z):
        noise = 1 - np.einsum("ij,jl,il->i", Z, M, Z)
        return loadings * np.where(noise > FITTED_EXACTLY, 1 / np.sqrt(np.maximum(noise, FITTED_EXACTLY)), 0)[:, None]
    for start, end in zip(starts, np.r_[starts[1:], len(Z)], strict=True):
        Zg = Z[start:end]
        values, vectors = np.linalg.eigh(np.eye(end - start) - Zg @ M @ Zg.T)
        root = np.where(values > FITTED_EXACTLY, 1 / np.sqrt(np.maximum(values, FITTED_EXACTLY)), 0)
        loadings[start:end] = (vectors * root) @ (vectors.T @ loadings[start:end])
    return loadings


def satterthwaite_df(
    Z: NDArray[np.float64], M: NDArray[np.float64], P: NDArray[np.float64], starts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Degrees of freedom of each column of P: tr(Omega)^2 / tr(Omega^2), Omega_gh = 1{g=h} p_g'p_g - q_g'M q_h, q_g = Z_g'p_g."""
    df = np.full(P.shape[1], np.nan)
    for c in range(P.shape[1]):
        a = np.add.reduceat(P[:, c] ** 2, starts)
        Q = np.add.reduceat(Z * P[:, c : c + 1], starts, axis=0)
        own = np.einsum("gi,ij,gj->g", Q, M, Q)
        MS = M @ Q.T @ Q
        trace, trace_square = (a - own).sum(), (a**2 - 2 * a * own).sum() + np.trace(MS @ MS)
        if trace > FITTED_EXACTLY * a.sum():
            df[c] = trace**2 / trace_square
    return df
