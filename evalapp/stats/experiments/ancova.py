"""The effect of a randomised programme on an outcome, given what the outcome was before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalapp.stats.columns import column_names, refuse_level
from evalapp.stats.experiments.comparison_fit import Inference, arm_design, assignment_cautions, exact_fit, inference, refuse_kind
from evalapp.stats.experiments.comparison_rows import comparison_rows
from evalapp.stats.warnings import Caution, StatsError


@dataclass(frozen=True)
class Ancova(Inference):
    """The effect of being assigned to the treatment.

    estimate, std_error, conf_low, conf_high: in outcome units; df, statistic (t), p_value; n, treated, control: rows used; clusters:
    units of assignment (n without clustering); control_mean: the control arm's mean outcome, unadjusted, with the weights given;
    covariance: which standard error this is ("HC2" and "CR2" come with Satterthwaite's degrees of freedom when small_sample was
    asked); cautions.
    """

    n: int
    treated: int
    control: int
    clusters: int
    control_mean: float
    covariance: str
    cautions: tuple[Caution, ...]


def ancova(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    baseline: str | None = None,
    *,
    covariates: Sequence[str] = (),
    strata: str | None = None,
    wave: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    cov: str = "small_sample",
    level: float = 0.95,
) -> Ancova:
    """Compare, after the training, the treated with controls of the same stratum who started from the same level.

    Parameters
    ----------
    data : one row per person, or per person and follow-up wave.
    outcome : numeric column, measured after the training.
    treatment : column, 1 assigned to the treatment and 0 not, whether or not the person came.
    baseline : numeric column, the outcome before the training (its mean over rounds if there were several).
    covariates : further numeric columns known before assignment.
    strata : column of the strata within which assignment was random.
    wave : column; follow-ups then have effects of their own, and the estimate is their pooled mean. Needs a cluster.
    cluster : column of the unit of assignment (the person when persons were assigned and answer several times).
    weights : column of weights, such as those of `attrition_weights`; equal by default. Weight zero leaves a row out.
    cov : "small_sample" is HC2, or with a cluster CR2, and Satterthwaite's degrees of freedom; "classical", "HC0" to "HC3" refer to
        t(n - K); with a cluster "CR0", "CR1" and "CR1S" (Stata's factor) refer to t(G - 1).
    level : coverage of the interval, a share.

    Returns
    -------
    Ancova

    Raises
    ------
    StatsError : a column is absent, named twice, not numeric or infinite; a treatment other than 0 and 1, unknown for someone or the
        same for all; a treatment that strata and covariates determine; negative weights; too few rows; a covariance that does not
        fit the clustering.

    Missing values and weights
    --------------------------
    Rows without the outcome or a weight are left out first, then rows of weight zero; a caution counts each. A missing baseline or
    covariate keeps its row: the gap takes the column's mean and an indicator column marks it, which is unbiased here because
    assignment does not depend on it. Weights multiply squared residuals and count as known.

    Notes
    -----
    y_it = tau T_i + theta Y_i,pre + strata_s + wave_t + e_it by least squares. HC and CR variances sum squared (cluster sums of)
    residuals e times what the other regressors leave of T; HC2 divides e^2 by 1 - h, HC3 by its square, HC1 multiplies by n/(n - K).
    With weights y and all regressors are multiplied by their roots first, so that h is the weighted leverage and CR2's working model
    has a variance inverse to the weights.

    Assumes
    -------
    Assignment is random within strata, nobody's outcome depends on another's assignment, and response does not depend on the arm.

    Source
    ------
    McKenzie (2012), Journal of Development Economics 99(2), section 2 (the ANCOVA estimator); Bruhn & McKenzie (2009) for strata effects;
    Zhao & Ding (2024), Journal of the American Statistical Association 119, for the missing indicator; Bell & McCaffrey (2002).

    Checked against
    ---------------
    R 4.2.2 lm with sandwich 3.0-2, clubSandwich 0.5.8 and estimatr 1.0.0: tests/stats/reference/ancova_r.json, and with weights:
    tests/stats/reference/ancova_weights_r.json (CR2, whose matrix root may be taken before or after weighting, to 2e-3; and against
    its definition, in the test).
    """
    refuse_level(level)
    refuse_kind(cov, clustered=cluster is not None)
    adjust = [*([baseline] if baseline else []), *column_names(covariates, "covariates")]
    rows = comparison_rows(data, outcome, treatment, adjust=adjust, strata=strata, wave=wave, cluster=cluster, weights=weights)
    design = arm_design(rows)
    estimate, residuals = design.fit(rows.y)
    few, measurable = assignment_cautions(design)
    exact = exact_fit(rows.y, residuals, outcome)
    variance, df = design.variance(residuals, cov) if measurable and not exact else (np.nan, np.nan)
    reason = StatsError("No degrees of freedom are left.")
    undefined = [] if exact or not measurable or df > 0 else [Caution("not_estimated", {"reason": reason})]
    return Ancova(
        **vars(inference(estimate, variance, df, level)),
        n=len(rows.y),
        treated=int(rows.arm.sum()),
        control=int((1 - rows.arm).sum()),
        clusters=len(np.unique(rows.clusters)),
        control_mean=float(np.average(rows.y[rows.arm == 0], weights=rows.weights[rows.arm == 0])),
        covariance={"small_sample": "CR2" if cluster else "HC2"}.get(cov, cov),
        cautions=(*rows.cautions, *few, *exact, *undefined),
    )
