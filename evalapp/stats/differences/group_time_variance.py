"""From unit contributions to variances, degrees of freedom and simultaneous critical values of any contrast of cells."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy import special

_BLOCK = 4096  # units whose signs are held at once: they fit the processor's cache, and memory stays linear in units


@dataclass(frozen=True)
class Spread:
    """Sampling variation of K columns (cells, then cohort shares when these are random), split over S strata.

    gram (S, K, K) covariance contributed by each stratum; working (S, K, K) the same if all units varied alike, up to scale;
    df (S, K) each stratum's degrees of freedom for each column, infinite for a normal reference; draws (B, K) multiplier draws.
    """

    gram: np.ndarray
    working: np.ndarray
    df: np.ndarray
    draws: np.ndarray | None

    def variance(self, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Variance (m,) of contrasts (m, K) and their Welch-Satterthwaite degrees of freedom (m,).

        The strata's shares of the variance decide the degrees of freedom. Estimated from three units they are so noisy that a test
        would reject too often, so each stratum's variance is first moderated towards the working covariance (Smyth 2004), which
        counts as one more degree of freedom.
        """
        parts, working, df = _quadratic(contrasts, self.gram), _quadratic(contrasts, self.working), self._df(contrasts)
        total = np.maximum(parts.sum(axis=0), 0)
        if np.isinf(df).all():
            return total, np.full(len(total), np.inf)
        ratio = np.divide(parts, working, out=np.zeros_like(parts), where=working > 0)
        weight = np.where((working > 0) & np.isfinite(df), df, 0.0)
        pooled = np.divide((weight * ratio).sum(axis=0), weight.sum(axis=0), out=np.zeros_like(total), where=weight.sum(axis=0) > 0)
        moderated = working * (weight * ratio + pooled) / (weight + 1)
        sums = moderated.sum(axis=0)
        share = np.divide(moderated, sums, out=np.zeros_like(parts), where=sums > 0)
        lost = (share**2 / df).sum(axis=0)
        return total, np.divide(1, lost, out=np.full_like(lost, np.inf), where=lost > 0)

    def _df(self, contrasts: np.ndarray) -> np.ndarray:
        """Degrees of freedom (S, m): the columns' own, averaged by how much each adds to the contrast's standard error."""
        size = np.sqrt(np.maximum(np.einsum("skk->sk", self.working), 0))
        weight, rate = size @ np.abs(contrasts).T, (size / self.df) @ np.abs(contrasts).T
        df: np.ndarray = np.divide(weight, rate, out=np.full_like(weight, np.inf), where=rate > 0)
        return df

    def covariance(self, contrasts: np.ndarray) -> np.ndarray:
        """Covariance (m, m) of contrasts (m, K)."""
        full: np.ndarray = contrasts @ self.gram.sum(axis=0) @ contrasts.T
        return full

    def simultaneous_level(self, contrasts: np.ndarray, level: float) -> float:
        """Pointwise confidence at which intervals of all contrasts (m, K) cover together with confidence `level`."""
        variance, _ = self.variance(contrasts)
        moving = contrasts[variance > 0]
        if self.draws is None or not len(moving):
            return level
        largest = np.abs(self.draws @ moving.T / np.sqrt(variance[variance > 0])).max(axis=1)
        critical = np.quantile(largest, level, method="inverted_cdf")
        return max(level, float(1 - 2 * special.ndtr(-critical)))

    def wald(self, contrasts: np.ndarray, values: np.ndarray) -> tuple[float, float] | None:
        """Wald statistic of contrasts (q, K) with estimates (q,), and the df of a Hotelling reference; None when singular."""
        inverse = _inverse(contrasts @ self.gram.sum(axis=0) @ contrasts.T)
        parts = contrasts @ self.working @ contrasts.T
        working = _inverse(parts.sum(axis=0))
        if inverse is None or working is None:
            return None
        ratio = parts @ working
        traces = np.einsum("sii->s", ratio) ** 2 + np.einsum("sij,sji->s", ratio, ratio)
        q = len(values)
        spent = (traces / self._df(contrasts).min(axis=1)).sum()
        return float(values @ inverse @ values), (q + q**2) / spent if spent > 0 else np.inf


def _quadratic(contrasts: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Variance (S, m) of contrasts (m, K) under each of S covariances (S, K, K)."""
    parts: np.ndarray = ((contrasts @ covariance) * contrasts).sum(axis=2)
    return parts


def _inverse(covariance: np.ndarray) -> np.ndarray | None:
    scale = np.sqrt(np.maximum(np.diag(covariance), 0))
    if not (scale > 0).all() or np.linalg.cond(covariance / np.outer(scale, scale)) > 1e12:
        return None
    inverse: np.ndarray = np.linalg.inv(covariance)
    return inverse


def classical_spread(columns: np.ndarray, cluster: np.ndarray | None, draws: tuple[int, int] | None) -> Spread:
    """Sum-of-squares covariance of columns (N, K), summed within clusters first; `draws` is number of draws and seed."""
    units = _by_cluster(columns, cluster)
    gram = (units.T @ units)[None]
    return Spread(gram, gram, np.full((1, columns.shape[1]), np.inf), multiplier_draws(units, draws))


def stratified_spread(columns: np.ndarray, strata: Strata, working: np.ndarray | None, draws: tuple[int, int] | None) -> Spread:
    """Unbiased within-stratum covariance of columns (N, K): HC2-type, each stratum with its own mean and degrees of freedom.

    Without a `working` covariance (clusters that span cohorts have none) the estimate takes its place.
    """
    units = strata.centred(_by_cluster(columns, strata.cluster))
    used = np.stack([units[rows].any(axis=0) for rows in strata_rows(strata.code)])
    gram = _grams(units, strata.code, used)
    df = np.repeat(strata.df[:, None], columns.shape[1], axis=1)
    return Spread(gram, gram if working is None else working, df, multiplier_draws(units, draws))


def leveraged_spread(
    columns: np.ndarray, code: np.ndarray, used: np.ndarray, df: np.ndarray, working: np.ndarray, draws: tuple[int, int] | None
) -> Spread:
    """Covariance of leverage-corrected columns (N, K), with strata `code` (N,): the columns each uses, and its df there (S, K)."""
    return Spread(_grams(columns, code, used), working, df, multiplier_draws(columns, draws))


@dataclass(frozen=True)
class Strata:
    """Sampling units grouped by cohort: code (M,) stratum of each, share (M,) of its stratum's weight, cluster (N,) or None.

    cohort (S,) is each stratum's cohort, NaN for the stratum of clusters that span cohorts.
    """

    cohort: np.ndarray
    code: np.ndarray
    share: np.ndarray
    cluster: np.ndarray | None

    @property
    def df(self) -> np.ndarray:
        """Degrees of freedom (S,): units less one, fewer when weights are unequal."""
        fourth = np.bincount(self.code, self.share**4)
        effective = np.divide(self.spread**2, fourth, out=np.ones_like(fourth), where=fourth > 0)
        df: np.ndarray = np.maximum(effective * (1 - 1 / np.bincount(self.code)), 1.0)
        return df

    @property
    def spread(self) -> np.ndarray:
        """Sum of squared shares (S,), one over the number of units when weights are equal."""
        squares: np.ndarray = np.bincount(self.code, self.share**2)
        return squares

    def centred(self, units: np.ndarray) -> np.ndarray:
        """Deviations (M, K) from the stratum's mean, scaled so that their squares are unbiased; a lone unit stays as it is."""
        sums = np.stack([units[rows].sum(axis=0) for rows in strata_rows(self.code)])
        keeps = 1 - 2 * self.share + self.spread[self.code]
        lone = np.bincount(self.code)[self.code] == 1
        deviations = units - np.where(lone, 0.0, self.share)[:, None] * sums[self.code]
        scaled: np.ndarray = deviations / np.sqrt(np.where(keeps > 0, keeps, 1.0))[:, None]
        return scaled


def strata_of(cohort: np.ndarray, weight: np.ndarray, cluster: np.ndarray | None) -> Strata:
    """Group units, or clusters, by cohort; clusters that span cohorts form one stratum of their own."""
    if cluster is not None:
        lowest, highest = np.full(cluster.max() + 1, np.inf), np.full(cluster.max() + 1, -np.inf)
        np.minimum.at(lowest, cluster, cohort)
        np.maximum.at(highest, cluster, cohort)
        cohort = np.where(lowest == highest, lowest, np.nan)
        weight = np.bincount(cluster, weight)
    cohorts, code = np.unique(cohort, return_inverse=True)
    total = np.bincount(code, weight)[code]
    share = np.divide(weight, total, out=np.zeros(len(code)), where=total > 0)
    return Strata(cohorts, code, share, cluster)


def _grams(columns: np.ndarray, code: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Multiply out the columns (N, K) of each stratum (S, K, K), leaving alone those it does not use (S, K)."""
    gram = np.zeros((len(used), columns.shape[1], columns.shape[1]))
    for s, rows in enumerate(strata_rows(code)):
        part = columns[rows].T[used[s]]
        gram[s][np.ix_(used[s], used[s])] = part @ part.T
    return gram


def strata_rows(code: np.ndarray) -> list[slice | np.ndarray]:
    """Rows of each stratum: slices where the strata follow one another in `code` (M,), indices otherwise."""
    if (code[1:] >= code[:-1]).all():
        bounds = np.searchsorted(code, np.arange(code.max() + 2))
        return [slice(int(start), int(stop)) for start, stop in pairwise(bounds)]
    return [np.flatnonzero(code == s) for s in range(code.max() + 1)]


def multiplier_draws(units: np.ndarray, draws: tuple[int, int] | None) -> np.ndarray | None:
    """Sum unit contributions (M, K) under random Rademacher signs, B times: (B, K); `draws` is B and the seed, or None."""
    if draws is None:
        return None
    number, seed = draws
    generator, result = np.random.default_rng(seed), np.zeros((number, units.shape[1]))
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        used = np.flatnonzero(block.any(axis=0))
        contributions = block[:, used].astype(np.float32)
        random = np.frombuffer(generator.bytes(number * -(-len(block) // 8)), dtype=np.uint8).reshape(number, -1)
        ones = np.unpackbits(random, axis=1, count=len(block)).astype(np.float32)
        result[:, used] += 2 * (ones @ contributions) - contributions.sum(axis=0)
    return result


def _by_cluster(columns: np.ndarray, cluster: np.ndarray | None) -> np.ndarray:
    if cluster is None:
        return columns
    sums = np.zeros((cluster.max() + 1, columns.shape[1]))
    np.add.at(sums, cluster, columns)
    return sums
