"""Whether items share enough to be summarised by components, and by how many: KMO, Bartlett's test, parallel analysis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalapp.stats.columns import refuse_level
from evalapp.stats.warnings import StatsError

SINGULAR = 1e-10  # eigenvalue of a correlation matrix that is zero but for rounding


@dataclass(frozen=True)
class SamplingAdequacy:
    """Kaiser-Meyer-Olkin measure, 0 to 1: `overall`, and `items`, a Series by item."""

    overall: float
    items: pd.Series


@dataclass(frozen=True)
class SphericityTest:
    """Bartlett's test that all correlations are zero: `chi_squared` with `df` degrees of freedom and its `p_value`."""

    chi_squared: float
    df: int
    p_value: float


@dataclass(frozen=True)
class ParallelAnalysis:
    """Eigenvalues beside those of unrelated normal items.

    Attributes
    ----------
    table : one row per component: component (1, 2, ...), eigenvalue, random_mean, random_quantile, retained (bool)
    retained : number of leading components whose eigenvalue exceeds the random quantile
    quantile, replications, seed : how the random eigenvalues were drawn
    """

    table: pd.DataFrame
    retained: int
    quantile: float
    replications: int
    seed: int


def correlation_matrix(sample: pd.DataFrame) -> pd.DataFrame:
    """Return the correlations of complete answers, after refusing samples whose correlations cannot be inverted."""
    rows, items = sample.shape
    if rows <= items:
        raise StatsError(
            "%(rows)s complete rows for %(items)s items; collect more answers than items or use fewer items.",
            rows=rows,
            items=items,
        )
    spread = sample.max() - sample.min()
    if (spread == 0).any():
        raise StatsError(
            "Column %(column)r has the same answer in every row; leave the item out.", column=spread.index[spread == 0][0]
        )
    R = pd.DataFrame(np.corrcoef(sample.to_numpy(), rowvar=False).reshape(items, items), sample.columns, sample.columns)
    eigenvalues, vectors = np.linalg.eigh(R.to_numpy())
    if eigenvalues[0] < SINGULAR:
        involved = ", ".join(str(name) for name in R.columns[np.abs(vectors[:, 0]) > 1e-6])
        raise StatsError("Columns %(columns)s determine each other exactly; leave one of them out.", columns=involved)
    return R


def sampling_adequacy(correlations: pd.DataFrame) -> SamplingAdequacy:
    """Compare the items' correlations with their partial correlations: near 1 when common components explain them.

    Parameters
    ----------
    correlations : (items, items) correlation matrix, labelled by item

    Returns
    -------
    SamplingAdequacy

    Raises
    ------
    StatsError
        If there are fewer than two items, the matrix is singular or every correlation is zero.

    Missing values and weights
    --------------------------
    Correlations come from complete cases; rows count equally.

    Notes
    -----
    sum r_ij^2 / (sum r_ij^2 + sum q_ij^2) over i != j, q the partial correlations given all other items.

    Assumes
    -------
    Linear relations between items.

    Source
    ------
    Kaiser and Rice (1974), "Little Jiffy, Mark IV", Educational and Psychological Measurement 34, pages 111 to 117.

    Checked against
    ---------------
    R psych 2.2.9 KMO: tests/stats/reference/psych_bfi.json, r_components.json.
    """
    R = _invertible(correlations)
    inverse = np.linalg.inv(R)
    scale = np.sqrt(np.diag(inverse))
    off = ~np.eye(len(R), dtype=bool)
    r2 = (R**2 * off).sum(axis=0)
    q2 = ((inverse / np.outer(scale, scale)) ** 2 * off).sum(axis=0)
    if (r2 + q2).min() == 0:
        raise StatsError("An item is uncorrelated with all others; leave it out.")
    return SamplingAdequacy(float(r2.sum() / (r2.sum() + q2.sum())), pd.Series(r2 / (r2 + q2), correlations.columns, name="kmo"))


def sphericity_test(correlations: pd.DataFrame, n: int) -> SphericityTest:
    """Compare the correlation matrix with one in which no item is related to any other (Bartlett's test).

    Parameters
    ----------
    correlations : (items, items) correlation matrix
    n : rows behind it

    Returns
    -------
    SphericityTest

    Raises
    ------
    StatsError
        If there are fewer than two items, the matrix is singular, or `n` does not exceed the number of items.

    Missing values and weights
    --------------------------
    Correlations come from complete cases; rows count equally.

    Notes
    -----
    chi2 = -(n - 1 - (2p + 5) / 6) ln det R, df = p (p - 1) / 2.

    Assumes
    -------
    Multivariate normal answers; with five-point items the p value is indicative.

    Source
    ------
    Bartlett (1951), "The effect of standardization on a chi-square approximation in factor analysis", Biometrika 38, 337-344.

    Checked against
    ---------------
    R psych 2.2.9 cortest.bartlett: tests/stats/reference/psych_bfi.json, r_components.json.
    """
    R = _invertible(correlations)
    p = len(R)
    if n <= p:
        raise StatsError("%(rows)s rows for %(items)s items; collect more rows than items.", rows=n, items=p)
    df = p * (p - 1) // 2
    chi_squared = float(-(n - 1 - (2 * p + 5) / 6) * np.linalg.slogdet(R)[1])
    return SphericityTest(chi_squared, df, float(stats.chi2.sf(chi_squared, df)))


def parallel_analysis(
    correlations: pd.DataFrame, n: int, *, replications: int = 1000, quantile: float = 0.95, seed: int = 0
) -> ParallelAnalysis:
    """Compare each component's eigenvalue with those of random items: only components above chance deserve a name.

    Parameters
    ----------
    correlations : (items, items) correlation matrix
    n : rows behind it
    replications : random data sets drawn
    quantile : of the random eigenvalues that an eigenvalue has to exceed
    seed : of numpy.random.default_rng

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    StatsError
        If there are fewer than two items, the matrix is singular, `n` does not exceed the number of items, or the
        quantile is outside 0 to 1.

    Missing values and weights
    --------------------------
    Correlations come from complete cases; rows count equally.

    Notes
    -----
    Random correlation matrices are drawn from the Wishart distribution of normal data directly (Bartlett's triangular
    decomposition), which costs the same at every n.

    Assumes
    -------
    Under chance the items are independent normal.

    Source
    ------
    Horn (1965), "A rationale and test for the number of factors in factor analysis", Psychometrika 30, 179-185; the 95th
    percentile in place of the mean: Glorfeld (1995), Educational and Psychological Measurement 55, 377-393.

    Checked against
    ---------------
    R psych 2.2.9 fa.parallel and 20,000 simulated data sets in R 4.2.2: tests/stats/reference/r_components.json.
    """
    R = _invertible(correlations)
    refuse_level(quantile)
    if n <= len(R) or replications < 1:
        raise StatsError(
            "%(rows)s rows for %(items)s items and %(replications)s replications; give more rows than items and at least one.",
            rows=n,
            items=len(R),
            replications=replications,
        )
    eigenvalues = np.linalg.eigvalsh(R)[::-1]
    random = _random_eigenvalues(n, len(R), replications, np.random.default_rng(seed))
    threshold = np.quantile(random, quantile, axis=0)
    retained = int(np.cumprod(eigenvalues > threshold).sum())
    number = np.arange(1, len(R) + 1)
    table = pd.DataFrame(
        {
            "component": number,
            "eigenvalue": eigenvalues,
            "random_mean": random.mean(axis=0),
            "random_quantile": threshold,
            "retained": number <= retained,
        }
    )
    return ParallelAnalysis(table, retained, quantile, replications, seed)


def _invertible(correlations: pd.DataFrame) -> np.ndarray:
    R = np.asarray(correlations, dtype=float)
    if R.ndim != 2 or R.shape[0] != R.shape[1] or len(R) < 2 or not np.isfinite(R).all():
        raise StatsError("The correlations must be a square matrix of at least two items, without missing entries.")
    if not np.allclose(R, R.T) or not np.allclose(np.diag(R), 1) or np.linalg.eigvalsh(R)[0] < SINGULAR:
        raise StatsError("The correlations must be symmetric with ones on the diagonal and invertible; leave collinear items out.")
    return R


def _random_eigenvalues(n: int, p: int, replications: int, rng: np.random.Generator) -> np.ndarray:
    factor = np.tril(rng.standard_normal((replications, p, p)), -1)
    diagonal = np.arange(p)
    factor[:, diagonal, diagonal] = np.sqrt(rng.chisquare(n - 1 - diagonal, (replications, p)))
    factor /= np.linalg.norm(factor, axis=2, keepdims=True)
    return np.linalg.eigvalsh(factor @ factor.swapaxes(1, 2))[:, ::-1]
