"""Interaction-weighted event study (Sun and Abraham 2021): an effect for every cohort and period, averaged by event time."""

import numpy as np

from evalapp.stats.fixed_effects.event_panel import EventPanel, fit_cells, period_dummies
from evalapp.stats.fixed_effects.event_study_results import Estimates, averages, regression_estimates


def base_periods(panel: EventPanel, anticipation: float) -> np.ndarray:
    """Mark each treated cohort's last observed period before treatment can show (C, T)."""
    seen = (panel.event < -anticipation) & (panel.sums(panel.w) > 0) & np.isfinite(panel.cohorts)[:, None]
    last = np.where(seen, panel.event, -np.inf).max(axis=1, keepdims=True)
    marked: np.ndarray = seen & (panel.event == last)
    return marked


def sun_abraham(panel: EventPanel, window: tuple[float, float], anticipation: float) -> Estimates:
    """Estimate effects of event times within `window`; cohorts count by their share of an event time's observations."""
    base = base_periods(panel, anticipation)
    cells = np.isfinite(panel.cohorts)[:, None] & (panel.sums(panel.w) > 0) & ~base
    dummies = np.eye(cells.size)[cells.ravel()].T.reshape(*cells.shape, -1)
    fit = fit_cells(panel, np.concatenate([period_dummies(panel), dummies], axis=2))
    inside = cells & (panel.event >= window[0]) & (panel.event <= window[1])
    average = averages(panel, inside, panel.event)
    contrasts = np.zeros((len(average.shares), len(fit.coefficients)))
    T = len(panel.periods)
    contrasts[:, T : T + int(cells.sum())] = average.shares[:, cells]
    return regression_estimates(fit, contrasts, average, tuple(np.unique(panel.event[base]).tolist()), anticipation)
