"""The two regressions on assignment behind an instrumented effect, and the confidence set that needs no strong first stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student_t

from evalapp.stats.experiments.comparison_fit import EXACT_FIT, ArmDesign


@dataclass(frozen=True)
class ReducedForms:
    """Effects of assignment on outcome and attendance.

    estimates: (2,), outcome first; covariance: (2, 2), NaN where it cannot be estimated; df: degrees of freedom of either t.
    """

    estimates: NDArray[np.float64]
    covariance: NDArray[np.float64]
    df: float

    def ratio_variance(self, ratio: float) -> float:
        """Delta-method variance of outcome effect over attendance effect, at the ratio estimated."""
        return self.residual_variance(ratio) / float(self.estimates[1]) ** 2

    def residual_variance(self, effect: float) -> float:
        """Variance of pi_y - effect * pi_d."""
        contrast = np.array([1.0, -effect])
        return float(contrast @ self.covariance @ contrast)


@dataclass(frozen=True)
class AndersonRubin:
    """Effects that the data do not reject.

    shape: "interval", from conf_low to conf_high; "two rays", all up to conf_low and all from conf_high (the first stage is not
    significant); "everything"; "none" where there is no variance. Bounds in outcome units per unit of attendance.
    """

    shape: Literal["interval", "two rays", "everything", "none"]
    conf_low: float
    conf_high: float


def reduced_forms(design: ArmDesign, y: NDArray[np.float64], d: NDArray[np.float64], kind: str) -> ReducedForms:
    """Regress outcome and attendance on assignment and the controls, with a joint covariance of the given kind."""
    fits = [design.fit(values) for values in (y, d)]
    # Residuals of what assignment determines are rounding, and none.
    residuals = [e * (np.abs(e).max() > EXACT_FIT * np.abs(v).max()) for (_, e), v in zip(fits, (y, d), strict=True)]
    scales = [float(np.abs(e).max()) or 1.0 for e in residuals]
    a, b = (e / scale for e, scale in zip(residuals, scales, strict=True))
    # The variance is a quadratic form in the residuals, so sums and differences of them give the covariance.
    (aa, df), (bb, _), (plus, _), (minus, _) = (design.variance(e, kind) for e in (a, b, a + b, a - b))
    joint = np.array([[aa, (plus - minus) / 4], [(plus - minus) / 4, bb]])
    return ReducedForms(np.array([estimate for estimate, _ in fits]), joint * np.outer(scales, scales), df)


def anderson_rubin(forms: ReducedForms, level: float) -> AndersonRubin:
    """Solve (pi_y - t pi_d)^2 <= c^2 var(pi_y - t pi_d) for t."""
    if np.isnan(forms.covariance).any() or not forms.df > 0:
        return AndersonRubin("none", np.nan, np.nan)
    (pi_y, pi_d), V = forms.estimates, forms.covariance
    c2 = float(student_t.ppf((1 + level) / 2, forms.df)) ** 2
    A, half_B, C = pi_d**2 - c2 * V[1, 1], c2 * V[0, 1] - pi_y * pi_d, pi_y**2 - c2 * V[0, 0]
    discriminant = half_B**2 - A * C
    if A == 0 or discriminant < 0:
        return AndersonRubin("everything", -np.inf, np.inf)
    low, high = sorted((-half_B + sign * np.sqrt(discriminant)) / A for sign in (-1, 1))
    return AndersonRubin("interval" if A > 0 else "two rays", float(low), float(high))
