"""Dynamic two-way fixed effects: one coefficient per event time, common to all cohorts; shown to be compared, not to be believed."""

from dataclasses import replace

import numpy as np

from evalapp.stats.fixed_effects.event_panel import EventPanel, fit_cells, period_dummies
from evalapp.stats.fixed_effects.event_study_results import Estimates, averages, regression_estimates
from evalapp.stats.warnings import Caution


def dynamic_twfe(panel: EventPanel, window: tuple[float, float], anticipation: float) -> Estimates:
    """Regress on unit, period and event-time effects; event times beyond `window` share the coefficient of its end."""
    treated = np.isfinite(panel.cohorts)[:, None] & (panel.sums(panel.w) > 0)
    times = panel.event[treated]
    low, high = times[times >= window[0]].min(), times[times <= window[1]].max()
    label = np.clip(panel.event, low, high)
    reference = float(label[treated & (label < -anticipation)].max())
    average = averages(panel, treated & (label != reference), label)
    dummies = np.stack([treated & (label == event) for event in average.event_time], axis=2).astype(float)
    fit = fit_cells(panel, np.concatenate([period_dummies(panel), dummies], axis=2))
    T, m = len(panel.periods), len(average.event_time)
    contrasts = np.zeros((m + 1, len(fit.coefficients)))
    contrasts[:m, T : T + m] = np.eye(m)
    contrasts[m, T : T + m] = [average.shares[m][average.shares[e] != 0].sum() for e in range(m)]
    found = regression_estimates(fit, contrasts, average, (reference,), anticipation)
    return replace(found, cautions=(*found.cautions, *_cautions(panel, times, low, high)))


def _cautions(panel: EventPanel, times: np.ndarray, low: float, high: float) -> list[Caution]:
    cohorts = int(np.isfinite(panel.cohorts).sum())
    found = [Caution("contaminated_event_times", {"cohorts": cohorts})] if cohorts > 1 else []
    if times.min() < low or times.max() > high:
        facts = {"first": f"{low:g}", "last": f"{high:g}", "lowest": f"{times.min():g}", "highest": f"{times.max():g}"}
        found.append(Caution("binned_ends", facts))
    return found
