"""Imputation event study (Borusyak, Jaravel and Spiess 2024): untreated outcomes are fitted, then taken from the treated ones."""

from dataclasses import dataclass, replace

import numpy as np

from evalapp.stats.fixed_effects.event_panel import CellFit, EventPanel, clustered, fit_cells, period_dummies
from evalapp.stats.fixed_effects.event_study_results import FEW_CLUSTERS, Averages, Estimates, averages, regression_estimates
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class ImputedCells:
    """Effects of cohort periods: value (C, T); loading (C, T, k + p), how the first stage enters; deviation (N, T) of units."""

    value: np.ndarray
    loading: np.ndarray
    deviation: np.ndarray


def imputation(panel: EventPanel, window: tuple[float, float], anticipation: float) -> Estimates:
    """Estimate effects after treatment by imputation, and leads before it from untreated observations alone."""
    treated = (panel.event >= -anticipation) & np.isfinite(panel.cohorts)[:, None]
    untreated = panel.masked(~treated)
    fit = fit_cells(untreated, period_dummies(panel))
    exposed, cautions = _exposed(panel, treated, fit)
    cells = treated & (panel.event >= window[0]) & (panel.event <= window[1]) & (exposed.sums(exposed.w) > 0)
    if not (cells & (panel.event >= 0)).any():
        raise StatsError(
            "no treated observation has an untreated outcome to compare with; widen the window or add untreated periods"
        )
    after, influence = _after(exposed, fit, averages(exposed, cells, panel.event))
    leads = _leads(untreated, window, anticipation)
    if panel.clusters < FEW_CLUSTERS:
        cautions.append(Caution("few_clusters_conservative", {"clusters": panel.clusters, "threshold": FEW_CLUSTERS}))
    after = replace(after, cautions=tuple(cautions))
    return after if leads is None else _joined(*leads, after, influence, panel.cluster)


def _exposed(panel: EventPanel, treated: np.ndarray, fit: CellFit) -> tuple[EventPanel, list[Caution]]:
    """Treated observations whose unit and period are also seen untreated: without these nothing can be imputed."""
    anchored = (fit.panel.w > 0).any(axis=1)
    seen = (fit.panel.w[anchored] > 0).any(axis=0)
    exposed = panel.masked(treated & seen)
    exposed.w[~anchored] = 0
    lost = int((panel.sums(panel.w > 0) * treated).sum() - (exposed.w > 0).sum())
    return exposed, [Caution("not_imputable", {"rows": lost})] if lost else []


def _imputed(panel: EventPanel, fit: CellFit) -> ImputedCells:
    k, p = fit.Z.shape[2], panel.x.shape[2]
    effect = panel.y - np.einsum("ntp,p->nt", panel.x, fit.coefficients[k:])
    total = np.maximum(fit.panel.w.sum(axis=1, keepdims=True), np.finfo(float).tiny)
    share = fit.panel.w / total
    value = np.zeros(panel.event.shape)
    loading, deviation = np.zeros((*value.shape, k + p)), np.zeros(panel.w.shape)
    for c, block in enumerate(panel.blocks):
        effect[block] -= fit.Z[c] @ fit.coefficients[:k]
        effect[block] -= (share[block] * effect[block]).sum(axis=1, keepdims=True)
        w = panel.w[block] / np.maximum(panel.w[block].sum(axis=0), np.finfo(float).tiny)
        value[c] = (w * effect[block]).sum(axis=0)
        loading[c, :, :k] = w.sum(axis=0)[:, None] * fit.Z[c] - w.T @ share[block] @ fit.Z[c]
        x = panel.x[block] - np.einsum("nt,ntp->np", share[block], panel.x[block])[:, None]
        loading[c, :, k:] = np.einsum("nt,ntp->tp", w, x)
        # Effects are centred at their mean by cohort and period with the squares of the weights: conservative, whatever the effects.
        square = np.maximum((w**2).sum(axis=0), np.finfo(float).tiny)
        deviation[block] = w * (effect[block] - (w**2 * effect[block]).sum(axis=0) / square)
    return ImputedCells(value, loading, deviation)


def _after(panel: EventPanel, fit: CellFit, average: Averages) -> tuple[Estimates, np.ndarray]:
    imputed, shares = _imputed(panel, fit), average.shares
    loading = np.einsum("mct,ctk->mk", shares, imputed.loading)
    own = np.concatenate([imputed.deviation[block] @ shares[:, c].T for c, block in enumerate(panel.blocks)])
    influence = own - fit.influence(loading)
    value = np.where(fit.identified(loading), (shares * imputed.value).sum(axis=(1, 2)), np.nan)
    m = len(value)
    found = Estimates(
        average.event_time,
        value,
        clustered(influence, panel.cluster),
        np.full(m, np.inf),
        average.treated(panel),
        average.counted(panel),
        np.zeros(m - 1, dtype=bool),
        (),
        origin=0.0,
        standard_errors="conservative",
        few=False,
        cautions=(),
    )
    return found, influence


def _leads(untreated: EventPanel, window: tuple[float, float], anticipation: float) -> tuple[Estimates, np.ndarray] | None:
    """Regress untreated outcomes on leads; the earliest is the reference. None when there is a single lead."""
    untreated = untreated.without_singletons()
    before = np.isfinite(untreated.cohorts)[:, None] & (untreated.sums(untreated.w) > 0) & (untreated.event >= window[0])
    times = np.unique(untreated.event[before])
    if len(times) < 2:
        return None
    leads = before & (untreated.event > times[0])
    labelled = averages(untreated, leads, untreated.event)
    dummies = np.stack([leads & (untreated.event == event) for event in labelled.event_time], axis=2).astype(float)
    fit = fit_cells(untreated, np.concatenate([period_dummies(untreated), dummies], axis=2))
    T, m = len(untreated.periods), len(labelled.event_time)
    contrasts = np.zeros((m + 1, len(fit.coefficients)))
    contrasts[:m, T : T + m] = np.eye(m)
    found = regression_estimates(fit, contrasts, labelled, (float(times[0]),), anticipation)
    return found, fit.influence(contrasts[:m])


def _joined(
    before: Estimates, lead_influence: np.ndarray, after: Estimates, influence: np.ndarray, cluster: np.ndarray
) -> Estimates:
    m = len(before.event_time)
    covariance = clustered(np.concatenate([lead_influence, influence], axis=1), cluster)
    covariance[:m, :m] = before.covariance[:m, :m]
    return replace(
        after,
        event_time=np.concatenate([before.event_time, after.event_time]),
        value=np.concatenate([before.value[:m], after.value]),
        covariance=covariance,
        df=np.concatenate([before.df[:m], after.df]),
        treated=np.concatenate([before.treated[:m], after.treated]),
        n=np.concatenate([before.n, after.n]),
        pre=np.concatenate([before.pre, after.pre]),
        reference=before.reference,
        # Untreated outcomes are extrapolated from the middle of the time before treatment, not from its end.
        origin=float((before.event_time[-1] + before.origin) / 2),
        few=before.few,
    )
