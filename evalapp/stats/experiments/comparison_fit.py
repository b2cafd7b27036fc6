"""Least squares for one coefficient, the arm's, with everything else partialled out, and its variance in R's and our kinds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from evalapp.stats.experiments.comparison_rows import ComparisonRows
from evalapp.stats.sandwich import FITTED_EXACTLY, SPANNED, bias_reduced_covariance
from evalapp.stats.warnings import Caution, StatsError

INDIVIDUAL = ("classical", "HC0", "HC1", "HC2", "HC3")
CLUSTERED = ("CR0", "CR1", "CR1S")
FEW_CLUSTERS = 50
FEW_TREATED_CLUSTERS = 10
# Residuals below this share of the outcome's size are rounding.
EXACT_FIT = 1e-10


@dataclass(frozen=True)
class Inference:
    """A coefficient's estimate, std_error, conf_low and conf_high in its own units; df, statistic (t), p_value."""

    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class ArmDesign:
    """Regressors split into the arm and the rest; all but the arm multiplied by the roots of the weights.

    arm: (n,) as assigned; left: (n,) what the rest does not explain of it; basis: (n, r) orthonormal columns that span the rest, the
    constant included; clusters: (n,) codes; clustered: whether they are more than the rows; roots: (n,) of weights with mean one.
    """

    arm: NDArray[np.float64]
    left: NDArray[np.float64]
    basis: NDArray[np.float64]
    clusters: NDArray[np.int64]
    clustered: bool
    roots: NDArray[np.float64]

    @property
    def parameters(self) -> int:
        """How many coefficients the regression spends."""
        return int(self.basis.shape[1]) + 1

    def fit(self, y: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """Return the arm's coefficient and the residuals (n,), multiplied by the roots of the weights."""
        scaled = self.roots * y
        unexplained = scaled - self.basis @ (self.basis.T @ scaled)
        estimate = float(self.left @ unexplained / (self.left @ self.left))
        return estimate, unexplained - estimate * self.left

    def variance(self, residuals: NDArray[np.float64], kind: str) -> tuple[float, float]:
        """Return the variance of the coefficient and its degrees of freedom."""
        n, K, G = len(self.arm), self.parameters, len(np.unique(self.clusters))
        loadings = self.left / (self.left @ self.left)
        if kind == "small_sample":
            reduced = bias_reduced_covariance(np.column_stack([self.left, self.basis]), residuals, self.clusters, 1)
            return float(reduced.covariance[0, 0]), float(reduced.df[0])
        if kind in CLUSTERED:
            factor = {"CR0": 1, "CR1": G / (G - 1), "CR1S": G / (G - 1) * (n - 1) / (n - K)}[kind]
            return float((np.bincount(self.clusters, loadings * residuals) ** 2).sum() * factor), G - 1.0
        if kind == "classical":
            return float(residuals @ residuals / (n - K) * (loadings @ loadings)), float(n - K)
        return float((loadings**2) @ (residuals**2 * self.inflation(kind))), float(n - K)

    def inflation(self, kind: str) -> NDArray[np.float64]:
        """Say by how much HC0 to HC3 enlarge each squared residual (n,)."""
        n, K = len(self.arm), self.parameters
        noise = 1 - (self.basis**2).sum(axis=1) - self.left**2 / (self.left @ self.left)
        # A row that the regression fits exactly has no residual to enlarge.
        noise = np.where(noise > FITTED_EXACTLY, noise, np.inf)
        return {"HC0": np.ones(n), "HC1": np.full(n, n / (n - K)), "HC2": 1 / noise, "HC3": noise**-2.0}[kind]


def arm_design(rows: ComparisonRows) -> ArmDesign:
    """Partial the constant and the controls out of the arm."""
    roots = np.sqrt(rows.weights / rows.weights.mean())
    basis = spanning_basis(rows.controls, roots)
    arm = roots * rows.arm
    left = arm - basis @ (basis.T @ arm)
    if left @ left < SPANNED * len(left):
        raise StatsError("Strata and covariates determine the arm of every row, so nothing is compared; hold fewer of them equal.")
    if len(left) <= basis.shape[1] + 1:
        raise StatsError(
            "%(rows)s rows for %(coefficients)s coefficients; hold fewer columns equal or use broader strata.",
            rows=len(left),
            coefficients=basis.shape[1] + 1,
        )
    return ArmDesign(rows.arm, left, basis, rows.clusters, rows.clustered, roots)


def spanning_basis(controls: NDArray[np.float64], roots: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """Return orthonormal columns spanning the constant and the controls, each times `roots`, however collinear these are."""
    roots = np.ones(len(controls)) if roots is None else roots
    constant = (roots / np.linalg.norm(roots))[:, None]
    centred = roots[:, None] * (controls - roots**2 @ controls / (roots @ roots))
    norms = np.linalg.norm(centred, axis=0)
    varies = norms > SPANNED * np.linalg.norm(roots[:, None] * controls, axis=0)
    if not varies.any():
        return constant
    U, sizes, _ = np.linalg.svd(centred[:, varies] / norms[varies], full_matrices=False)
    return np.column_stack([constant, U[:, sizes > SPANNED * sizes[0]]])


def refuse_kind(kind: str, *, clustered: bool) -> None:
    """Refuse a variance that does not exist, or that ignores the clusters named."""
    allowed = ("small_sample", *(CLUSTERED if clustered else INDIVIDUAL))
    if kind in allowed:
        return
    choices = ", ".join(allowed)
    if clustered:
        raise StatsError("cov is %(cov)r; with a cluster choose %(choices)s.", cov=kind, choices=choices)
    raise StatsError("cov is %(cov)r; without a cluster choose %(choices)s.", cov=kind, choices=choices)


def assignment_cautions(design: ArmDesign) -> tuple[list[Caution], bool]:
    """Say when few units were assigned, and whether each arm has the two that a standard error needs."""
    treated, control = (len(np.unique(design.clusters[design.arm == arm])) for arm in (1, 0))
    total = len(np.unique(design.clusters))
    if not design.clustered:
        single = [code for code, units in (("single_treated", treated), ("single_control", control)) if units == 1]
        return [Caution(code) for code in single], not single
    if total < 2:
        raise StatsError("All rows are in one cluster; name the groups that were assigned, at least two.")
    cautions = [Caution("few_assigned_clusters", {"clusters": total})] if total < FEW_CLUSTERS else []
    if min(treated, control) == 1:
        code = "single_treated_cluster" if treated == 1 else "single_control_cluster"
        return [*cautions, Caution(code, {"clusters": total})], False
    if treated < FEW_TREATED_CLUSTERS:
        cautions.append(Caution("few_treated_clusters", {"treated": treated, "clusters": total}))
    return cautions, True


def exact_fit(y: NDArray[np.float64], residuals: NDArray[np.float64], outcome: str) -> list[Caution]:
    """Say when nothing is left to measure noise with."""
    exact = np.abs(residuals).max() <= EXACT_FIT * np.abs(y - y.mean()).max(initial=0)
    return [Caution("exact_fit", {"outcome": outcome})] if exact or y.min() == y.max() else []


def inference(estimate: float, variance: float, df: float, level: float) -> Inference:
    """Make the t statistic, its p and the interval; all NaN without a variance."""
    if not (variance > 0 and df > 0):
        return Inference(float(estimate), *(np.nan,) * 6)
    std_error = float(np.sqrt(variance))
    half = float(student_t.ppf((1 + level) / 2, df)) * std_error
    statistic = float(estimate) / std_error
    p_value = 2 * float(student_t.sf(abs(statistic), df))
    return Inference(float(estimate), std_error, float(df), statistic, p_value, float(estimate) - half, float(estimate) + half)
