"""What being offered the training did, and what coming to it did for those whom the offer brought there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from linearmodels.iv import IV2SLS
from numpy.typing import NDArray

from evalapp.stats.columns import column_names, numeric_column, refuse_level, require_columns
from evalapp.stats.experiments.comparison_fit import ArmDesign, Inference, arm_design, assignment_cautions, exact_fit, inference
from evalapp.stats.experiments.comparison_rows import ComparisonRows, comparison_rows, refuse_repeats
from evalapp.stats.experiments.reduced_forms import AndersonRubin, ReducedForms, anderson_rubin, reduced_forms
from evalapp.stats.warnings import Caution, StatsError

# Staiger & Stock (1997): below ten the two-stage estimate leans towards least squares and its interval covers too little.
WEAK_F = 10
ROUNDING = 1e-12


@dataclass(frozen=True)
class Instrumented:
    """Intention to treat, the share that the offer brought to the training, and the effect on those people.

    itt: effect of assignment, in outcome units; first_stage: effect of assignment on attendance (a share, or a dose); tot: itt per
        unit of first_stage; each an Inference (estimate, std_error, df, statistic, p_value, conf_low, conf_high).
    first_stage_f: squared t of first_stage, with the same covariance.
    anderson_rubin: the confidence set of tot that holds however weak the first stage is (conf_low, conf_high, shape).
    compliance: one row per arm (control, treated): arm, n and attended (sum), both unweighted, share (mean attendance, with the
        weights given).
    n, clusters: rows and units of assignment; covariance: HC2 or CR2 with Satterthwaite's degrees of freedom, or HC1 or CR1S.
    cautions: what a reader must know.
    """

    itt: Inference
    first_stage: Inference
    tot: Inference
    first_stage_f: float
    anderson_rubin: AndersonRubin
    compliance: pd.DataFrame
    n: int
    clusters: int
    covariance: str
    cautions: tuple[Caution, ...]


def instrumented(
    data: pd.DataFrame,
    outcome: str,
    assigned: str,
    attended: str,
    baseline: str | None = None,
    *,
    covariates: Sequence[str] = (),
    strata: str | None = None,
    wave: str | None = None,
    cluster: str | None = None,
    weights: str | None = None,
    cov: str = "small_sample",
    level: float = 0.95,
) -> Instrumented:
    """Compare everyone assigned with everyone not, and divide the difference by how many more of them came.

    Parameters
    ----------
    data : one row per person, or per person and follow-up wave.
    outcome : numeric column, measured after the training.
    assigned : column, 1 assigned to the training and 0 not, at random.
    attended : column, 1 came and 0 did not, or a dose (the share of hours attended, 0 to 1).
    baseline, covariates, strata, wave, cluster, weights : as in `ancova`.
    cov : "small_sample" is HC2, or with a cluster CR2, with Satterthwaite's degrees of freedom; "robust" is HC1 with t(n - K), or
        with a cluster CR1S with t(G - 1), as linearmodels, Stata and R give them.
    level : coverage of the intervals, a share.

    Returns
    -------
    Instrumented

    Raises
    ------
    StatsError : as `ancova`, negative weights among it; attendance that does not differ between people, or not at all with
        assignment.

    Missing values and weights
    --------------------------
    Rows without outcome, attendance or a weight, and rows of weight zero, are left out and counted; gaps in baseline and covariates
    as in `ancova`. Weights multiply squared residuals of both regressions and count as known.

    Notes
    -----
    With y and d regressed on assignment Z and controls, tau = pi_y / pi_d (two-stage least squares by linearmodels). Its variance is
    [V_yy - 2 tau V_yd + tau^2 V_dd] / pi_d^2, V the covariance of (pi_y, pi_d): robust, HC1, when V is. The Anderson-Rubin set holds
    every t with (pi_y - t pi_d)^2 <= c^2 [V_yy - 2 t V_yd + t^2 V_dd]; it is unbounded when the first stage is not significant.
    With weights y, d and all regressors are multiplied by their roots first, as in `ancova`, so that leverages are weighted ones.

    Assumes
    -------
    Random assignment; an effect through attendance only; nobody stays away because of being assigned. Then tot is the effect on
    those who come if and only if assigned; with a dose, an average effect per unit, weighted towards those whom the offer moved most.

    Source
    ------
    Imbens & Angrist (1994), Econometrica 62(2), theorem 1; Anderson & Rubin (1949); Staiger & Stock (1997), Econometrica 65(3);
    Andrews, Stock & Sun (2019), Annual Review of Economics 11 (robust Anderson-Rubin with one instrument).

    Checked against
    ---------------
    R 4.2.2 with AER 1.2-10, sandwich 3.0-2 and estimatr 1.0.0: tests/stats/reference/instrumented_r.json, and with weights:
    tests/stats/reference/instrumented_weights_r.json; linearmodels 7.1, with and without.
    """
    refuse_level(level)
    if cov not in ("small_sample", "robust"):
        raise StatsError("cov is %(cov)r; choose small_sample or robust.", cov=cov)
    adjust = [*([baseline] if baseline else []), *column_names(covariates, "covariates")]
    refuse_repeats([outcome, assigned, attended, *adjust])
    complete, absent = with_attendance(data, attended)
    held = {"strata": strata, "wave": wave, "cluster": cluster, "weights": weights}
    rows = comparison_rows(complete, outcome, assigned, adjust=adjust, **held)
    dose = numeric_column(complete.loc[rows.used], attended)
    design = arm_design(rows)
    kind = cov if cov == "small_sample" else ("CR1S" if cluster else "HC1")
    few, measurable = assignment_cautions(design)
    forms = reduced_forms(design, rows.y, dose, kind)
    refuse_no_first_stage(forms.estimates[1], dose, attended)
    cautions = stage_cautions(forms, design, rows.y, dose, outcome)
    if not measurable or any(caution.code == "exact_fit" for caution in cautions):
        forms = replace(forms, covariance=np.full((2, 2), np.nan))
    tau = two_stage(rows, design, dose)
    itt, first_stage = (inference(forms.estimates[i], forms.covariance[i, i], forms.df, level) for i in (0, 1))
    return Instrumented(
        itt=itt,
        first_stage=first_stage,
        tot=inference(tau, forms.ratio_variance(tau), forms.df, level),
        first_stage_f=first_stage_f(forms),
        anderson_rubin=anderson_rubin(forms, level),
        compliance=compliance_table(rows, dose),
        n=len(rows.y),
        clusters=len(np.unique(rows.clusters)),
        covariance=kind if kind != "small_sample" else ("CR2" if cluster else "HC2"),
        cautions=(*absent, *rows.cautions, *few, *cautions),
    )


def with_attendance(data: pd.DataFrame, attended: str) -> tuple[pd.DataFrame, list[Caution]]:
    """Leave out rows whose attendance is unknown, and say how many."""
    require_columns(data, [attended])
    known = ~np.isnan(numeric_column(data, attended))
    if not known.any():
        raise StatsError("Column %(column)r is missing in every row; record who came.", column=attended)
    left_out = int((~known).sum())
    return data.loc[known], [Caution("incomplete_rows", {"rows": left_out, "of": len(data)})] if left_out else []


def refuse_no_first_stage(pi_d: float, dose: NDArray[np.float64], attended: str) -> None:
    """Refuse attendance that assignment does not move at all."""
    if np.ptp(dose) == 0:
        raise StatsError(
            "Column %(column)r is %(value)g in every row used; attendance must differ between people.",
            column=attended,
            value=dose[0],
        )
    if abs(pi_d) <= ROUNDING * np.ptp(dose):
        raise StatsError(
            "Column %(column)r is on average the same whether assigned or not; only the effect of assignment exists.",
            column=attended,
        )


def two_stage(rows: ComparisonRows, design: ArmDesign, dose: NDArray[np.float64]) -> float:
    """Estimate the effect of attendance by two-stage least squares; centred and scaled, so that no unit spoils the rank."""
    size = np.abs(rows.y - rows.y.mean()).max() or 1.0
    y = design.roots * (rows.y - rows.y.mean()) / size
    fit = IV2SLS(y, design.basis, design.roots * dose, design.left).fit(cov_type="unadjusted")
    return float(fit.params.iloc[-1] * size)


def first_stage_f(forms: ReducedForms) -> float:
    """Square the first stage's t; infinite when assignment decides attendance."""
    variance = forms.covariance[1, 1]
    return float(forms.estimates[1] ** 2 / variance) if variance != 0 else np.inf


def compliance_table(rows: ComparisonRows, dose: NDArray[np.float64]) -> pd.DataFrame:
    """Count who came, by arm."""
    lines = []
    for name, own in (("control", rows.arm == 0), ("treated", rows.arm == 1)):
        share = np.average(dose[own], weights=rows.weights[own])
        lines.append({"arm": name, "n": int(own.sum()), "attended": dose[own].sum(), "share": share})
    return pd.DataFrame(lines)


def stage_cautions(
    forms: ReducedForms, design: ArmDesign, y: NDArray[np.float64], dose: NDArray[np.float64], outcome: str
) -> list[Caution]:
    """Say when assignment moves attendance too little, wholly or the wrong way, and when there is no noise."""
    cautions = exact_fit(y, design.fit(y)[1], outcome)
    if exact_fit(dose, design.fit(dose)[1], outcome):
        return [*cautions, Caution("full_compliance")]
    if forms.estimates[1] < 0:
        cautions.append(Caution("assigned_came_less", {"difference": 100 * forms.estimates[1]}))
    if first_stage_f(forms) < WEAK_F:
        cautions.append(Caution("weak_instrument", {"f": first_stage_f(forms), "threshold": WEAK_F}))
    return cautions
