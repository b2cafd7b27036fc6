"""What an event study returns, and how estimates become intervals, a pre-trend test and cautions."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalapp.stats.differences.group_time_results import FEW_TREATED, Overall
from evalapp.stats.differences.trend_power import detectable_noncentrality
from evalapp.stats.fixed_effects.event_panel import CellFit, EventPanel, clustered
from evalapp.stats.warnings import Caution

FEW_CLUSTERS = 50
FEW_TREATED_CLUSTERS = 10
# A standard error this small against the outcome's spread is rounding error.
NO_VARIATION = 1e-9
# A covariance this badly conditioned is singular.
SINGULAR = 1e12


@dataclass(frozen=True)
class PreTrendTest:
    """Joint test that all pre-treatment effects are zero.

    statistic is F(df, df_denominator); p_value its upper tail. detectable_slope is the linear drift per period, in outcome units,
    that the test finds with 80 % power at the level in force. NaN when the caution pretest_unavailable says why.
    """

    statistic: float
    df: int
    df_denominator: float
    p_value: float
    detectable_slope: float


@dataclass(frozen=True)
class EventStudyEffects:
    """Effects by time since treatment.

    method; table, one row per event time but the reference: event_time, estimate, std_error, df, conf_low, conf_high, p_value
    (outcome units, pointwise), n (treated observations), warning (codes, comma-separated); covariance (m, m) of its rows in order;
    overall, the average over all treated observations; pretest; reference, the event times set to zero; n (observations used),
    units, clusters; standard_errors, "cr1", "cr2" or "conservative"; level; cautions.
    """

    method: str
    table: pd.DataFrame
    covariance: np.ndarray
    overall: Overall
    pretest: PreTrendTest
    reference: tuple[float, ...]
    n: int
    units: int
    clusters: int
    standard_errors: str
    level: float
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Estimates:
    """m event times and, last, the overall average: event_time (m,), value (m + 1,), covariance (m + 1, m + 1), df (m + 1,).

    treated (m + 1,) clusters behind each; n (m,) treated observations; pre (m,) marks what the pre-trend test is about; origin is
    the event time at which a linear drift would do no harm; few says that clusters, or treated ones, are few.
    """

    event_time: np.ndarray
    value: np.ndarray
    covariance: np.ndarray
    df: np.ndarray
    treated: np.ndarray
    n: np.ndarray
    pre: np.ndarray
    reference: tuple[float, ...]
    origin: float
    standard_errors: str
    few: bool
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class Averages:
    """Event times (m,) and, for each and last for the overall average, the cohort periods it averages: shares (m + 1, C, T)."""

    event_time: np.ndarray
    shares: np.ndarray

    def treated(self, panel: EventPanel) -> np.ndarray:
        """Clusters of treated units behind each average (m + 1,)."""
        return np.array([panel.treated_clusters(share != 0) for share in self.shares])

    def counted(self, panel: EventPanel) -> np.ndarray:
        """Treated observations behind each event time (m,)."""
        seen = panel.sums(panel.w > 0)
        counts: np.ndarray = ((self.shares[:-1] != 0) * seen).sum(axis=(1, 2))
        return counts


def averages(panel: EventPanel, cells: np.ndarray, event: np.ndarray) -> Averages:
    """Average the cohort periods `cells` (C, T) by their label `event` (C, T), and all labelled zero or more, by their weight."""
    mass = panel.sums(panel.w)
    labels = np.unique(event[cells & (mass > 0)])
    chosen = [cells & (event == label) for label in labels] + [cells & (event >= 0)]
    shares = np.stack([mass * which / max((mass * which).sum(), np.finfo(float).tiny) for which in chosen])
    return Averages(labels, shares)


def regression_estimates(
    fit: CellFit, contrasts: np.ndarray, average: Averages, reference: tuple[float, ...], anticipation: float
) -> Estimates:
    """Estimate averages by contrasts (m + 1, k + p) of a fit: CR1 as fixest, CR2 when clusters, or treated ones, are few."""
    panel, cautions = fit.panel, []
    clusters, treated = panel.clusters, average.treated(panel)
    most = int(treated.max())
    if clusters < FEW_CLUSTERS:
        cautions.append(Caution("few_clusters", {"clusters": clusters, "threshold": FEW_CLUSTERS}))
    if most < FEW_TREATED_CLUSTERS:
        cautions.append(Caution("few_treated_clusters", {"treated": most, "clusters": clusters}))
    identified = fit.identified(contrasts)
    if cautions:
        covariance, df = fit.bias_reduced(contrasts)
    else:
        N, K = int((panel.w > 0).sum()), fit.rank + 1
        factor = clusters / (clusters - 1) * (N - 1) / (N - K)
        covariance, df = factor * clustered(fit.influence(contrasts), panel.cluster), np.full(len(contrasts), clusters - 1.0)
    value = np.where(identified, contrasts @ fit.coefficients, np.nan)
    return Estimates(
        average.event_time,
        value,
        covariance,
        df,
        treated,
        average.counted(panel),
        average.event_time < -anticipation,
        reference,
        max(reference),
        "cr2" if cautions else "cr1",
        bool(cautions),
        tuple(cautions),
    )


def results(method: str, panel: EventPanel, found: Estimates, scale: float, level: float) -> EventStudyEffects:
    """Put estimates into a result: no interval where one cluster, no variation or no identification stands behind a number."""
    m = len(found.event_time)
    std_error = np.sqrt(np.maximum(np.diag(found.covariance), 0))
    reasons = {
        "event_not_identified": np.isnan(found.value),
        "single_treated": found.treated == 1,
        "contrast_does_not_vary": (std_error <= NO_VARIATION * scale) | ~(found.df > 0),
    }
    blocked = np.any(list(reasons.values()), axis=0)
    reasons["few_treated"] = ~blocked & (found.treated < FEW_TREATED)
    table = _intervals(found.value, np.where(blocked, np.nan, std_error), found.df, level)
    overall = Overall(*table.iloc[m].to_numpy(dtype=float).tolist())
    table = table.iloc[:m].reset_index(drop=True)
    table.insert(0, "event_time", found.event_time)
    table["n"] = found.n
    table["warning"] = [", ".join(code for code, rows in reasons.items() if rows[row]) for row in range(m)]
    test = pretest(found, found.pre & ~blocked[:m], level)
    cautions = [*panel.cautions, *found.cautions, *_row_cautions(found, reasons), *_pretest_cautions(test, found, level)]
    used, units = int((panel.w > 0).sum()), int((panel.w > 0).any(axis=1).sum())
    covariance = found.covariance[:m, :m]
    return EventStudyEffects(
        method,
        table,
        covariance,
        overall,
        test,
        found.reference,
        used,
        units,
        panel.clusters,
        found.standard_errors,
        level,
        tuple(cautions),
    )


def _intervals(value: np.ndarray, std_error: np.ndarray, df: np.ndarray, level: float) -> pd.DataFrame:
    df = np.where(np.isnan(std_error), np.nan, df)
    half = std_error * stats.t.ppf(0.5 + level / 2, df)
    return pd.DataFrame(
        {
            "estimate": value,
            "std_error": std_error,
            "df": df,
            "conf_low": value - half,
            "conf_high": value + half,
            "p_value": 2 * stats.t.sf(np.abs(value / std_error), df),
        }
    )


def pretest(found: Estimates, tested: np.ndarray, level: float) -> PreTrendTest:
    """Test the estimates in `tested` (m,) jointly: F(q, nu) for CR1, Hotelling's F(q, nu - q + 1) for CR2."""
    at, q = np.flatnonzero(tested), int(tested.sum())
    inverse = _inverse(found.covariance[np.ix_(at, at)])
    nu = found.df[:-1][tested].min(initial=np.inf)
    denominator = nu - q + 1 if found.few else nu
    if inverse is None or denominator <= 0:
        return PreTrendTest(np.nan, q, np.nan, np.nan, np.nan)
    statistic = float(found.value[at] @ inverse @ found.value[at] * denominator / (nu * q))
    # A drift of one outcome unit per period since the reference, and how far it moves the Wald statistic.
    drift = found.event_time[at] - max(found.reference)
    needed = detectable_noncentrality(q, denominator, 1 - level)
    slope = float(np.sqrt(needed / (drift @ inverse @ drift)))
    return PreTrendTest(statistic, q, float(denominator), float(stats.f.sf(statistic, q, denominator)), slope)


def _inverse(covariance: np.ndarray) -> np.ndarray | None:
    scale = np.sqrt(np.maximum(np.diag(covariance), 0))
    if not len(scale) or not (scale > 0).all() or np.linalg.cond(covariance / np.outer(scale, scale)) > SINGULAR:
        return None
    inverse: np.ndarray = np.linalg.inv(covariance)
    return inverse


def _row_cautions(found: Estimates, reasons: dict[str, np.ndarray]) -> list[Caution]:
    labels = [f"{event:g}" for event in found.event_time] + ["overall"]
    facts = [{"event": label, "treated": int(n), "threshold": FEW_TREATED} for label, n in zip(labels, found.treated, strict=True)]
    return [Caution(code, facts[row]) for code, rows in reasons.items() for row in np.flatnonzero(rows)]


def _pretest_cautions(test: PreTrendTest, found: Estimates, level: float) -> list[Caution]:
    if not np.isfinite(test.p_value):
        return [Caution("pretest_unavailable", {"cells": test.df})]
    if test.p_value < 1 - level:
        return [Caution("pretrend_rejected", {"p_value": f"{test.p_value:.3f}"})]
    after = found.event_time >= 0
    bias = test.detectable_slope * float(np.average(found.event_time[after], weights=found.n[after]) - found.origin)
    if bias > abs(found.value[-1]):
        return [
            Caution("pretest_underpowered", {"slope": test.detectable_slope, "bias": bias, "effect": float(abs(found.value[-1]))})
        ]
    return []
