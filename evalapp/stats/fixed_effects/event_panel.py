"""The panel of an event study as unit by period arrays, and least squares on unit effects and what is common to a cohort's period."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalapp.stats.differences.panel_arrays import Wide, prepare
from evalapp.stats.differences.panel_rows import Columns, read_rows
from evalapp.stats.sandwich import adjusted_loadings, satterthwaite_df
from evalapp.stats.warnings import Caution, StatsError

# Relative size below which a direction of a design, or a covariate's movement within units, is rounding.
SPANNED = 1e-10


@dataclass(frozen=True)
class EventPanel:
    """N units sorted by cohort, T periods, p covariates, C cohorts.

    y (N, T) zero where unobserved; w (N, T) weights, zero where unobserved; x (N, T, p); cluster (N,) codes; periods (T,);
    cohorts (C,) first treated periods, the last infinite (never treated); blocks: C slices of units; cautions.
    """

    y: np.ndarray
    w: np.ndarray
    x: np.ndarray
    cluster: np.ndarray
    periods: np.ndarray
    cohorts: np.ndarray
    blocks: tuple[slice, ...]
    cautions: tuple[Caution, ...]

    @property
    def event(self) -> np.ndarray:
        """Periods since treatment (C, T), minus infinity for the never treated."""
        event: np.ndarray = self.periods - self.cohorts[:, None]
        return event

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Sum values (N, ...) over the units of each cohort: (C, ...)."""
        return np.stack([values[block].sum(axis=0) for block in self.blocks])

    def masked(self, kept: np.ndarray) -> "EventPanel":
        """Give no weight to cohort periods outside `kept` (C, T)."""
        w = self.w.copy()
        for c, block in enumerate(self.blocks):
            w[block] *= kept[c]
        return replace(self, w=w)

    def without_singletons(self) -> "EventPanel":
        """Leave out units seen once, which their own effect fits exactly, and say so."""
        once = (self.w > 0).sum(axis=1) == 1
        if not once.any():
            return self
        facts = {"rows": int(once.sum()), "of": int((self.w > 0).sum())}
        w = self.w * ~once[:, None]
        return replace(self, w=w, cautions=(*self.cautions, Caution("seen_once", facts)))

    @property
    def clusters(self) -> int:
        """Clusters with an observation."""
        return len(np.unique(self.cluster[(self.w > 0).any(axis=1)]))

    def treated_clusters(self, cells: np.ndarray) -> int:
        """Clusters with an observation in the cohort periods `cells` (C, T)."""
        seen = [
            self.cluster[block][(self.w[block][:, cells[c]] > 0).any(axis=1)]
            for c, block in enumerate(self.blocks)
            if cells[c].any()
        ]
        return len(np.unique(np.concatenate(seen))) if seen else 0


def event_panel(panel: pd.DataFrame, columns: Columns, anticipation: float) -> EventPanel:
    """Read, check and spread out a long frame; units without baseline go, and the last cohort serves when none is never treated."""
    rows = read_rows(panel, columns)
    _refuse_constant_covariates(rows.unit, rows.covariates, columns.covariates)
    prepared = prepare(rows, "never_treated", anticipation, "unbalanced")
    sample, data = prepared.sample, prepared.sample.data
    N, T = len(sample.cohort), len(sample.periods)
    if isinstance(data, Wide):
        y, w, x = data.y, np.broadcast_to(data.w, (N, T)), np.broadcast_to(data.x, (N, T, data.x.shape[2]))
    else:
        y, w, x = np.zeros((N, T)), np.zeros((N, T)), np.zeros((N, T, data.x.shape[1]))
        y[data.unit, data.period], w[data.unit, data.period], x[data.unit, data.period] = data.y, data.w, data.x
    cohorts, starts = np.unique(sample.cohort, return_index=True)
    blocks = tuple(slice(a, b) for a, b in zip(starts, [*starts[1:], N], strict=True))
    cluster = np.arange(N) if sample.cluster is None else sample.cluster
    if cluster.max() < 1:
        raise StatsError(
            "cluster column %(column)r has one value; standard errors need at least two clusters", column=columns.cluster
        )
    return EventPanel(y - y[w > 0].mean() * (w > 0), w, x, cluster, sample.periods, cohorts, blocks, prepared.cautions)


def _refuse_constant_covariates(unit: np.ndarray, covariates: np.ndarray, names: tuple[str, ...]) -> None:
    total = np.bincount(unit)
    for name, column in zip(names, covariates.T, strict=True):
        moved = column - (np.bincount(unit, column) / np.maximum(total, 1))[unit]
        if np.abs(moved).max() <= SPANNED * np.abs(column).max():
            raise StatsError(
                "covariate column %(column)r never changes within a unit, so unit effects absorb it; leave it out, or use "
                "att_gt, which adjusts trends for it",
                column=name,
            )


@dataclass(frozen=True)
class CellFit:
    """Least squares of y on unit effects, k columns Z (C, T, k) common to a cohort's period, and p covariates.

    coefficients (k + p,); inverse (k + p, k + p), pseudo-inverse of the normal matrix; spanned (k + p, k + p), projection on what
    the data identify; rank; residuals (N, T), zero where unobserved.
    """

    panel: EventPanel
    Z: np.ndarray
    coefficients: np.ndarray
    inverse: np.ndarray
    spanned: np.ndarray
    rank: int
    residuals: np.ndarray

    def identified(self, contrasts: np.ndarray) -> np.ndarray:
        """Which contrasts (m, k + p) the data determine: (m,)."""
        gap = np.abs(contrasts - contrasts @ self.spanned).max(axis=1, initial=0)
        flags: np.ndarray = gap <= 1e-6 * np.abs(contrasts).max(axis=1, initial=1e-300)
        return flags

    def influence(self, contrasts: np.ndarray) -> np.ndarray:
        """Each unit's contribution (N, m) to the error of contrasts (m, k + p)."""
        k, loading = self.Z.shape[2], self.inverse @ contrasts.T
        weighted = self.panel.w * self.residuals
        parts = [weighted[block] @ (self.Z[c] @ loading[:k]) for c, block in enumerate(self.panel.blocks)]
        found: np.ndarray = np.concatenate(parts) + np.einsum("nt,ntp->np", weighted, self.panel.x) @ loading[k:]
        return found

    def bias_reduced(self, contrasts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """CR2 covariance (m, m) of contrasts and Satterthwaite degrees of freedom (m,); builds the whole design, so for few units."""
        panel, used = self.panel, self.panel.w > 0
        Z = np.concatenate([np.broadcast_to(self.Z[c], (b.stop - b.start, *self.Z.shape[1:])) for c, b in enumerate(panel.blocks)])
        design = np.concatenate([Z, panel.x], axis=2)
        design = design - np.einsum("nt,ntk->nk", _shares(panel.w), design)[:, None]
        root, codes = np.sqrt(panel.w[used]), np.broadcast_to(panel.cluster[:, None], used.shape)[used]
        order = np.argsort(codes, kind="stable")
        X, residuals = (design[used] * root[:, None])[order], (self.residuals[used] * root)[order]
        starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) != 0])
        Q, sizes, _ = np.linalg.svd(X / np.maximum(np.sqrt((X**2).sum(axis=0)), 1e-300), full_matrices=False)
        Q = Q[:, sizes > np.sqrt(SPANNED) * sizes[0]]
        P = adjusted_loadings(Q, X @ self.inverse @ contrasts.T, starts)
        scores = np.add.reduceat(P * residuals[:, None], starts, axis=0)
        return scores.T @ scores, satterthwaite_df(Q, P, starts)


def _shares(w: np.ndarray) -> np.ndarray:
    """Each unit's weights (N, T) as shares of their sum; zero for a unit without any."""
    total = w.sum(axis=1, keepdims=True)
    shares: np.ndarray = np.divide(w, total, out=np.zeros_like(w), where=total > 0)
    return shares


def fit_cells(panel: EventPanel, Z: np.ndarray) -> CellFit:
    """Fit by normal equations in which unit effects are swept out cohort by cohort: memory linear in units."""
    k, p, share = Z.shape[2], panel.x.shape[2], _shares(panel.w)
    x = panel.x - np.einsum("nt,ntp->np", share, panel.x)[:, None]
    y = panel.y - (share * panel.y).sum(axis=1, keepdims=True)
    wx = panel.w[:, :, None] * x
    normal, moment = np.zeros((k + p, k + p)), np.zeros(k + p)
    for c, block in enumerate(panel.blocks):
        w = panel.w[block]
        within = np.diag(w.sum(axis=0)) - share[block].T @ w
        normal[:k, :k] += Z[c].T @ within @ Z[c]
        normal[:k, k:] += Z[c].T @ wx[block].sum(axis=0)
        moment[:k] += Z[c].T @ (w * y[block]).sum(axis=0)
    normal[k:, :k] = normal[:k, k:].T
    normal[k:, k:] = np.einsum("ntp,ntq->pq", wx, x)
    moment[k:] = np.einsum("ntp,nt->p", wx, y)
    inverse, spanned, rank = _pseudo_inverse(normal)
    b = inverse @ moment
    residuals = panel.y - np.einsum("ntp,p->nt", panel.x, b[k:])
    for c, block in enumerate(panel.blocks):
        residuals[block] -= Z[c] @ b[:k]
    residuals = (residuals - (share * residuals).sum(axis=1, keepdims=True)) * (panel.w > 0)
    return CellFit(panel, Z, b, inverse, spanned, rank, residuals)


def _pseudo_inverse(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    scale = np.sqrt(np.maximum(np.diag(normal), 0))
    scale[scale == 0] = 1
    values, vectors = np.linalg.eigh(normal / np.outer(scale, scale))
    kept = values > SPANNED * max(values[-1], 1e-300)
    basis = vectors[:, kept]
    inverse = (basis / values[kept]) @ basis.T / np.outer(scale, scale)
    return inverse, inverse @ normal, int(kept.sum())


def period_dummies(panel: EventPanel) -> np.ndarray:
    """Columns (C, T, T) of the period effects that all cohorts share."""
    T = len(panel.periods)
    return np.broadcast_to(np.eye(T), (len(panel.cohorts), T, T))


def clustered(influence: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Sum of outer products (m, m) of contributions (N, m) added up within clusters."""
    if len(np.unique(cluster)) < len(cluster):
        summed = np.stack([np.bincount(cluster, column) for column in influence.T], axis=1)
    else:
        summed = influence
    return summed.T @ summed
