"""The treated's mean level relative to the controls', for money and other outcomes with zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student_t

from evalapp.stats.columns import column_names, refuse_level
from evalapp.stats.experiments.comparison_fit import ArmDesign, arm_design, assignment_cautions
from evalapp.stats.experiments.comparison_rows import ComparisonRows, comparison_rows
from evalapp.stats.sandwich import bias_reduced_covariance
from evalapp.stats.warnings import Caution, StatsError

# A fitted mean below this share of the average belongs to rows that the controls fit as exactly zero.
SEPARATED = 1e-6
ITERATIONS = 200
CONVERGED = 1e-12
# Keeps steps on the log scale, of outcomes with mean one, from overflowing on their way.
LARGEST_LOG = 30


@dataclass(frozen=True)
class LevelRatio:
    """The treated's mean outcome relative to the controls'.

    ratio: 1 is no effect; change: ratio - 1, the effect in shares of the controls' mean; conf_low, conf_high: of the ratio; log_ratio,
    std_error (of log_ratio), df, statistic, p_value; n; zeros: rows whose outcome is zero; covariance: HC2 or CR2; cautions.
    """

    ratio: float
    change: float
    conf_low: float
    conf_high: float
    log_ratio: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    n: int
    zeros: int
    covariance: str
    cautions: tuple[Caution, ...]


def level_ratio(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    *,
    covariates: Sequence[str] = (),
    strata: str | None = None,
    wave: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> LevelRatio:
    """Compare the treated's mean level with the controls' as a ratio, zeros included.

    Parameters
    ----------
    data : one row per person, or per person and follow-up wave.
    outcome : numeric column of zero or more (money earned, people employed).
    treatment : column, 1 treated and 0 control, assigned at random.
    covariates, strata, wave, cluster, weights : as in `ancova`.
    level : coverage of the interval, a share.

    Returns
    -------
    LevelRatio

    Raises
    ------
    StatsError : as `ancova`, negative weights among it; outcomes below zero; an arm, stratum or wave in which every outcome is zero.

    Missing values and weights
    --------------------------
    Missing values and rows of weight zero as in `ancova`. Weights multiply each row's quasi-likelihood and count as known.

    Notes
    -----
    Poisson quasi-likelihood: E[y] = exp(a + b T + g'x), ratio = exp(b), change = exp(b) - 1. The outcome need not be a count. The
    covariance is HC2 (CR2 with a cluster) of the regression weighted at its solution, with Satterthwaite's degrees of freedom. With
    weights w that regression's are w times the fitted means, and CR2's working variance is the fitted mean over w.

    Assumes
    -------
    Random assignment (within strata); with covariates, that the mean is of this form.

    Source
    ------
    Chen & Roth (2024), Quarterly Journal of Economics 139(2), the parameter "ATE in levels as a percentage";
    Gourieroux, Monfort & Trognon (1984), Econometrica 52(3); Pustejovsky & Tipton (2018), section 2, for CR2.

    Checked against
    ---------------
    R 4.2.2 glm(quasipoisson) with clubSandwich 0.5.8: tests/stats/reference/level_ratio_r.json, and with weights:
    tests/stats/reference/level_ratio_weights_r.json; statsmodels 0.15 (GLM, Poisson) with the variance
    from its definition, in the test.
    """
    refuse_level(level)
    adjust = column_names(covariates, "covariates")
    held = {"strata": strata, "wave": wave, "cluster": cluster, "weights": weights}
    rows = comparison_rows(data, outcome, treatment, adjust=adjust, **held)
    refuse_no_level(rows, outcome)
    design = arm_design(rows)
    few, measurable = assignment_cautions(design)
    log_ratio, std_error, df = poisson_coefficient(rows, design, outcome)
    if not (measurable and std_error > CONVERGED and df > 0):
        std_error = df = np.nan
        few.append(Caution("not_estimated", {"reason": StatsError("Too little variation for a standard error of the ratio.")}))
    half = student_t.ppf((1 + level) / 2, df) * std_error
    statistic = log_ratio / std_error
    return LevelRatio(
        ratio=float(np.exp(log_ratio)),
        change=float(np.expm1(log_ratio)),
        conf_low=exponential(log_ratio - half),
        conf_high=exponential(log_ratio + half),
        log_ratio=log_ratio,
        std_error=std_error,
        df=df,
        statistic=statistic,
        p_value=2 * float(student_t.sf(abs(statistic), df)),
        n=len(rows.y),
        zeros=int((rows.y == 0).sum()),
        covariance="CR2" if cluster else "HC2",
        cautions=(*rows.cautions, *few),
    )


def exponential(log_ratio: float) -> float:
    """Return exp, infinite where that is more than a computer can hold."""
    with np.errstate(over="ignore"):
        return float(np.exp(log_ratio))


def refuse_no_level(rows: ComparisonRows, outcome: str) -> None:
    """Refuse outcomes without a ratio."""
    if rows.y.min() < 0:
        raise StatsError(
            "Column %(column)r holds %(value)g; a ratio of levels needs outcomes of zero or more, so use levels.",
            column=outcome,
            value=rows.y.min(),
        )
    if not rows.y[rows.arm == 1].any():
        raise StatsError("Column %(column)r is 0 for every treated row; a ratio needs a level in both arms.", column=outcome)
    if not rows.y[rows.arm == 0].any():
        raise StatsError("Column %(column)r is 0 for every control row; a ratio needs a level in both arms.", column=outcome)


def poisson_coefficient(rows: ComparisonRows, design: ArmDesign, outcome: str) -> tuple[float, float, float]:
    """Return the log ratio, its standard error and degrees of freedom."""
    weights = design.roots**2
    # Not yet weighted, as the weights of this regression are found with its solution.
    X = np.column_stack([design.arm, design.basis / design.roots[:, None]])
    y = rows.y / np.average(rows.y, weights=weights)
    beta, mu = poisson_fit(X, y, weights)
    if mu.min() < SEPARATED:
        raise StatsError(
            "Column %(column)r is 0 throughout a stratum, wave or kind of person; merge it with another or leave it out.",
            column=outcome,
        )
    roots = np.sqrt(weights * mu)
    reduced = bias_reduced_covariance(roots[:, None] * X, roots * (y - mu) / mu, rows.clusters, 1)
    return float(beta[0]), float(np.sqrt(reduced.covariance[0, 0])), float(reduced.df[0])


def poisson_fit(
    X: NDArray[np.float64], y: NDArray[np.float64], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Iterate weighted least squares for outcomes with mean one: coefficients (k,) and fitted means (n,)."""
    mu = (y + 1) / 2
    eta = np.log(mu)
    for _ in range(ITERATIONS):
        roots = np.sqrt(weights * mu)
        beta = np.linalg.lstsq(roots[:, None] * X, roots * (eta + (y - mu) / mu), rcond=None)[0]
        eta = np.clip(X @ beta, -LARGEST_LOG, LARGEST_LOG)
        before, mu = mu, np.exp(eta)
        if np.abs(mu - before).max() < CONVERGED * mu.max():
            return beta.astype(float), mu
    raise StatsError("The ratio's iterations do not settle; hold fewer columns equal, or express covariates in smaller units.")
