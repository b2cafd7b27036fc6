"""Two-way fixed effects by linearmodels, with fixest's and Stata's small-sample correction."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from linearmodels.panel import PanelOLS
from linearmodels.panel.utility import AbsorbingEffectError
from scipy.stats import t as student_t

from evalapp.stats.columns import column_names, refuse_level
from evalapp.stats.fixed_effects.fixed_effects_rows import Rows, usable_rows
from evalapp.stats.sandwich import bias_reduced_covariance
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Covariance = Literal["cluster", "cr1", "cr2", "classical", "robust"]

FEW_CLUSTERS = 50
# Below this many treated clusters the usual clustered standard error is visibly too small, however many controls there are.
FEW_TREATED_CLUSTERS = 10
# A residual sum of squares below this share of the total is rounding, not noise.
EXACT_FIT = 1e-20
# Relative size below which a difference is floating-point noise.
ROUNDING = 1e-12


@dataclass(frozen=True)
class TwoWayEstimates:
    """Coefficients of a fixed-effects regression.

    table: one row per term, in the order given: term, estimate, std_error, statistic (t), df, p_value, conf_low, conf_high;
        estimates, standard errors and bounds in outcome units per unit of the term.
    n, units, periods, clusters: counts of rows, units, periods and clusters used (clusters is n without clustering).
    r_squared: share of the outcome's variance explained with the effects; r_squared_within: after the effects are removed.
    covariance: which standard errors these are: "cr1", "cr2", "classical" or "robust".
    cautions: what a reader must know.
    """

    table: pd.DataFrame
    n: int
    units: int
    periods: int
    clusters: int
    r_squared: float
    r_squared_within: float
    covariance: str
    cautions: tuple[Caution, ...]

    @property
    def estimate(self) -> float:
        """The first term's coefficient: the effect, when a treatment was named."""
        return float(self.table["estimate"].iloc[0])

    @property
    def std_error(self) -> float:
        """The first term's standard error."""
        return float(self.table["std_error"].iloc[0])


def twfe(
    panel: pd.DataFrame,
    outcome: str,
    unit: str,
    time: str,
    treatment: str | None = None,
    *,
    regressors: Sequence[str] = (),
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    weights: str | None = None,
    time_effects: bool = True,
    cov: Covariance = "cluster",
    level: float = 0.95,
) -> TwoWayEstimates:
    """Compare changes in units whose treatment changed with changes, over the same periods, in units whose treatment did not.

    When units start at different times this also uses units already treated as a comparison; `bacon_decomposition` shows how much.

    Parameters
    ----------
    panel : one row per unit and period.
    outcome, unit, time : columns; outcome numeric, unit and time any labels that can be sorted.
    treatment : column, 0 or 1 (or a dose); may be left out when `regressors` are given.
    regressors, covariates : further numeric columns; each must vary within units (and not only over time).
    cluster : column; the unit by default.
    weights : column of weights; equal by default. Weight zero leaves a row out.
    time_effects : also remove period means.
    cov : "cluster" is "cr1", or "cr2" below 50 clusters or 10 treated clusters; "cr1" is the clustered covariance of fixest and
        Stata; "cr2" the bias-reduced one with Satterthwaite degrees of freedom (units must lie within clusters); "classical";
        "robust" is HC1.
    level : coverage of the intervals, a share.

    Returns
    -------
    TwoWayEstimates

    Raises
    ------
    StatsError : a column is absent, not numeric or infinite; two rows of a unit in a period; an outcome that never changes; a term
        that the effects absorb (named); negative weights; no residual degrees of freedom.

    Missing values and weights
    --------------------------
    Rows with a missing value in any column used are left out first, then rows of weight zero, then units (and periods) seen only
    once; a caution counts each. Weights multiply squared residuals.

    Notes
    -----
    y_it = a_i + l_t + b'x_it + e_it. CR1 = CR0 G/(G-1) (N-1)/(N-K) with reference t(G-1); K counts coefficients and effects, and
    of effects that lie within clusters only one: with units in clusters K = coefficients + periods. Classical and HC1 use
    N/(N-K), K with all effects, and t(N-K). HC1 is inconsistent with many units and few periods unless errors are uncorrelated over
    time. Terms and periods lose their unit means before CR2 is formed, which leaves it unchanged when units lie within clusters;
    its working model is that errors are independent with variance inverse to the weights.

    Assumes
    -------
    Parallel trends, no anticipation, and an effect that is the same for every cohort and does not change with time since training.

    Source
    ------
    Wooldridge (2010), Econometric Analysis of Cross Section and Panel Data, ch. 10, eq. 10.59 (clustered by unit); Pustejovsky &
    Tipton (2018), Journal of Business & Economic Statistics 36(4), section 2 (CR2, Satterthwaite) and theorem 2 (absorbed effects).

    Checked against
    ---------------
    pyfixest 0.60.0 (fixest's corrections in Python): tests/stats/reference/two_way_pyfixest.json. Wooldridge, Introductory
    Econometrics, Example 14.1, as printed. CR2 against its definition with a full dummy matrix, in the test.
    """
    refuse_level(level)
    if cov not in ("cluster", "cr1", "cr2", "classical", "robust"):
        raise StatsError("cov is %(cov)r; choose cluster, cr1, cr2, classical or robust.", cov=cov)
    terms = named_terms(treatment, regressors, covariates)
    rows, cautions = usable_rows(
        panel, outcome=outcome, unit=unit, time=time, terms=terms, cluster=cluster, weights=weights, time_effects=time_effects
    )
    refuse_no_variation(rows, outcome)
    refuse_no_residual_df(rows, time_effects=time_effects)
    kind, few = covariance_kind(cov, rows, treated=treatment is not None)
    fit = fit_panel(rows, terms, kind, time_effects=time_effects)
    covariance, df = covariance_and_df(kind, rows, fit, time_effects=time_effects)
    if any(caution.code == "single_treated_cluster" for caution in few):
        covariance[0, :] = covariance[:, 0] = np.nan
    if fit.resid_ss <= EXACT_FIT * fit.total_ss:
        covariance = np.full_like(covariance, np.nan)
        cautions.append(Caution("exact_fit", {"outcome": outcome}))
    return TwoWayEstimates(
        table=coefficient_table(terms, fit.params.to_numpy(), covariance, df, level),
        n=len(rows),
        units=count(rows.unit),
        periods=count(rows.time),
        clusters=count(rows.cluster) if kind in ("cr1", "cr2") else len(rows),
        r_squared=float(fit.rsquared_inclusive),
        r_squared_within=float(fit.rsquared),
        covariance=kind,
        cautions=(*cautions, *few),
    )


def named_terms(treatment: str | None, regressors: Sequence[str], covariates: Sequence[str]) -> list[str]:
    """Every right-hand column once, the treatment first."""
    named = [*column_names(regressors, "regressors"), *column_names(covariates, "covariates")]
    terms = [*([treatment] if treatment else []), *named]
    if not terms:
        raise StatsError("No term to estimate; name a treatment or regressors.")
    if len(set(terms)) < len(terms):
        twice = next(term for term in terms if terms.count(term) > 1)
        raise StatsError("Column %(column)r is named twice among treatment, regressors and covariates; name it once.", column=twice)
    return terms


def count(codes: NDArray[np.int64]) -> int:
    """How many different codes there are."""
    return int(np.count_nonzero(np.bincount(codes)))


def within(values: NDArray[np.float64], groups: NDArray[np.int64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Columns (N, p) less their weighted group means."""
    total = np.bincount(groups, weights)
    means = (
        np.column_stack([np.bincount(groups, weights * column) for column in values.T])
        / np.maximum(total, np.finfo(float).tiny)[:, None]
    )
    return values - means[groups]


def refuse_no_variation(rows: Rows, outcome: str) -> None:
    """Refuse an outcome that never changes within any unit: it carries no information here."""
    change = within(rows.y[:, None], rows.unit, rows.weights)
    if np.abs(change).max() <= ROUNDING * np.abs(rows.y).max():
        raise StatsError(
            "Column %(column)r never changes within a unit; choose an outcome measured anew in each period.", column=outcome
        )


def covariance_kind(cov: Covariance, rows: Rows, *, treated: bool) -> tuple[str, list[Caution]]:
    """Resolve "cluster" by the number of clusters, all and treated (the first column of X); say when either is small."""
    if cov in ("classical", "robust"):
        return cov, []
    clusters = count(rows.cluster)
    ever_treated = count(rows.cluster[rows.X[:, 0] != 0]) if treated else clusters
    cautions = []
    if clusters < FEW_CLUSTERS:
        cautions.append(Caution("few_clusters", {"clusters": clusters, "threshold": FEW_CLUSTERS}))
    if ever_treated == 1:
        cautions.append(Caution("single_treated_cluster", {"clusters": clusters}))
    elif ever_treated < FEW_TREATED_CLUSTERS:
        cautions.append(Caution("few_treated_clusters", {"treated": ever_treated, "clusters": clusters}))
    if clusters < 2:
        raise StatsError("All rows are in one cluster; cluster by a column with at least two values.")
    if cov == "cr2" and not nested(rows.unit, rows.cluster):
        raise StatsError("cov='cr2' needs each unit in one cluster; choose such a cluster or cov='cr1'.")
    small = bool(cautions) and nested(rows.unit, rows.cluster)
    return ("cr2" if cov == "cr2" or (cov == "cluster" and small) else "cr1"), cautions


def nested(inner: NDArray[np.int64], outer: NDArray[np.int64]) -> bool:
    """Whether each value of `inner` occurs within one value of `outer` only."""
    first = np.zeros(inner.max() + 1, dtype=np.int64)
    first[inner] = outer
    return bool((first[inner] == outer).all())


def fit_panel(rows: Rows, terms: list[str], kind: str, *, time_effects: bool) -> Any:
    """Fit by linearmodels, the covariance without any small-sample factor."""
    index = pd.MultiIndex.from_arrays([rows.unit, rows.time])
    # Centred, so that linearmodels finds no constant hidden in the terms and reports it as absorbed, as it is.
    y = pd.Series(rows.y - rows.y.mean(), index)
    X = pd.DataFrame(rows.X - rows.X.mean(axis=0), index, terms)
    weights = None if (rows.weights == 1).all() else pd.Series(rows.weights, index)
    config = {"clusters": pd.Series(rows.cluster, index)} if kind == "cr1" else {}
    cov_type = {"cr1": "clustered", "robust": "robust"}.get(kind, "unadjusted")
    model = PanelOLS(y, X, weights=weights, entity_effects=True, time_effects=time_effects, check_rank=False)
    try:
        return model.fit(cov_type=cov_type, auto_df=False, count_effects=False, debiased=False, **config)
    except AbsorbingEffectError as error:
        if len(terms) > 1:
            fit_panel(replace(rows, X=rows.X[:, :-1]), terms[:-1], kind, time_effects=time_effects)
        if time_effects:
            raise StatsError(
                "Column %(column)r is absorbed: the unit and period effects and the terms before it already determine it; leave it "
                "out.",
                column=terms[-1],
            ) from error
        raise StatsError(
            "Column %(column)r is absorbed: the unit effects and the terms before it already determine it; leave it out.",
            column=terms[-1],
        ) from error


def covariance_and_df(kind: str, rows: Rows, fit: Any, *, time_effects: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the small-sample covariance (k, k) and the degrees of freedom (k,) of its t statistics."""
    k = rows.X.shape[1]
    if kind == "cr2":
        reduced = bias_reduced_covariance(within_design(rows, time_effects=time_effects), np.ravel(fit.wresids), rows.cluster, k)
        return reduced.covariance, reduced.df
    N, G = len(rows), count(rows.cluster)
    K = parameters(rows, time_effects=time_effects, clustered=kind == "cr1")
    factor = (G / (G - 1)) * (N - 1) / (N - K) if kind == "cr1" else N / (N - K)
    return fit.cov.to_numpy() * factor, np.full(k, float(G - 1 if kind == "cr1" else N - K))


def parameters(rows: Rows, *, time_effects: bool, clustered: bool) -> int:
    """Count K: the coefficients and effects the regression spends; clustering already pays for effects within clusters."""
    effects = [rows.unit, rows.time] if time_effects else [rows.unit]
    K: int = rows.X.shape[1] + sum(count(effect) for effect in effects) - (len(effects) - 1)
    if clustered:
        K -= sum(count(effect) - 1 for effect in effects if nested(effect, rows.cluster))
    return K


def refuse_no_residual_df(rows: Rows, *, time_effects: bool) -> None:
    """More rows than coefficients and effects, or nothing is left to measure noise with."""
    K = parameters(rows, time_effects=time_effects, clustered=False)
    if len(rows) <= K:
        raise StatsError(
            "%(rows)s complete rows for %(coefficients)s coefficients and effects; add units or periods, or drop covariates.",
            rows=len(rows),
            coefficients=K,
        )


def within_design(rows: Rows, *, time_effects: bool) -> NDArray[np.float64]:
    """Take unit means from terms and period dummies, and multiply by the root of the weights: CR2's design."""
    columns = [rows.X]
    if time_effects:
        columns.append((rows.time[:, None] == np.unique(rows.time)[1:]).astype(float))
    # linearmodels gives weights a mean of one before it weights the residuals.
    roots = np.sqrt(rows.weights / rows.weights.mean())[:, None]
    design: NDArray[np.float64] = roots * within(np.column_stack(columns), rows.unit, rows.weights)
    return design


def coefficient_table(
    terms: list[str], estimates: NDArray[np.float64], covariance: NDArray[np.float64], df: NDArray[np.float64], level: float
) -> pd.DataFrame:
    """One tidy row per term."""
    std_errors = np.sqrt(np.diag(covariance))
    statistics = estimates / std_errors
    half = student_t.ppf((1 + level) / 2, df) * std_errors
    return pd.DataFrame(
        {
            "term": terms,
            "estimate": estimates,
            "std_error": std_errors,
            "statistic": statistics,
            "df": df,
            "p_value": 2 * student_t.sf(np.abs(statistics), df),
            "conf_low": estimates - half,
            "conf_high": estimates + half,
        }
    )
