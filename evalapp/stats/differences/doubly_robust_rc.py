"""The two-by-two building blocks of group-time effects for repeated cross-sections, and for panels with gaps.

Conventions are those of the panel blocks, but a row is one observation: of controls or treated, before or after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evalapp.stats.differences.doubly_robust import (
    TRIM,
    DesignError,
    Effects,
    effective_share,
    gram_inverse,
    leverage,
    mean_correction,
    propensity,
    weighted_mean,
)


@dataclass(frozen=True)
class _Line:
    """A regression weighted by w (n,): fitted (n,) for all rows, error (n,) weighted residual, A_inv (k, k)."""

    w: np.ndarray
    fitted: np.ndarray
    error: np.ndarray
    A_inv: np.ndarray

    def contribution(self, X: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """Each row's contribution (n,) to the error of the coefficients in `direction` (k,)."""
        pull: np.ndarray = self.error * (X @ (self.A_inv @ direction))
        return pull


@dataclass(frozen=True)
class _Arms:
    """Weights (n,) of treated and (odds-weighted) controls, and of each before (0) and after (1)."""

    treated: np.ndarray
    treated_in: tuple[np.ndarray, np.ndarray]
    control_in: tuple[np.ndarray, np.ndarray]


def cross_section_effects(
    y: np.ndarray, post: np.ndarray, D: np.ndarray, X: np.ndarray, w: np.ndarray, *, method: str, as_drdid: bool
) -> Effects:
    """Compare outcomes y (n,) after and before (post true, false) of the treated (D true) and of controls alike in X (n, k).

    DRDID adds the error of the controls' fit before treatment with the sign of the fit after it. With `as_drdid` so do we, to equal
    its standard errors; otherwise it is subtracted, as the derivative of the estimate in that fit demands.
    """
    w = w / w.mean()
    times = (w * ~post, w * post)
    odds, score, H_inv = np.ones(len(D)), None, None
    trimmed = 0
    if method != "reg":
        p, H_inv = propensity(X, D, w)
        odds, score = p / (1 - p) * (p < TRIM), (w * (D - p))[:, None] * X
        trimmed = int((~D & (p >= TRIM)).sum())
    arms = _Arms(w * D, (times[0] * D, times[1] * D), (times[0] * ~D * odds, times[1] * ~D * odds))
    if not (arms.control_in[0].any() and arms.control_in[1].any()):
        raise DesignError("overlap_failed")
    lines = None if method == "ipw" else [_line(y, X, part * ~D, "controls_collinear") for part in times]
    base = y if lines is None or method == "reg" else y - np.where(post, lines[1].fitted, lines[0].fitted)
    att, influence = _difference(base, arms.treated_in)
    if lines is not None and method == "reg":
        change, part = weighted_mean((lines[1].fitted - lines[0].fitted)[:, None], arms.treated)
        direction = _centre(X, arms.treated)
        influence -= part[:, 0] + lines[1].contribution(X, direction) - lines[0].contribution(X, direction)
        att -= change[0]
    if score is not None:
        control, part = _difference(base, arms.control_in)
        influence -= part + score @ (H_inv @ (X.T @ part))
        att -= control
    if lines is not None and method == "dr":
        fits = [_line(y, X, part * D, "treated_collinear") for part in times]
        gain, part = _local_efficiency(X, arms, lines, fits, -1.0 if not as_drdid else 1.0)
        att, influence = att + gain, influence + part
    correction = _corrections(post, D, X, arms, lines)
    effective = np.array([effective_share(arms.control_in[1][post & ~D]), effective_share(arms.treated_in[1][post & D])])
    return Effects(np.array([att]), influence[:, None], correction, effective, trimmed)


def _difference(values: np.ndarray, before_after: tuple[np.ndarray, np.ndarray]) -> tuple[float, np.ndarray]:
    (before, part_before), (after, part_after) = (weighted_mean(values[:, None], w) for w in before_after)
    return float(after[0] - before[0]), (part_after - part_before)[:, 0]


def _line(y: np.ndarray, X: np.ndarray, w: np.ndarray, code: str) -> _Line:
    A_inv = gram_inverse(X, w, code)
    fitted = X @ (A_inv @ (X.T @ (w * y)))
    return _Line(w, fitted, w * (y - fitted), A_inv)


def _centre(X: np.ndarray, w: np.ndarray) -> np.ndarray:
    mean: np.ndarray = w @ X / w.sum()
    return mean


def _local_efficiency(
    X: np.ndarray, arms: _Arms, controls: list[_Line], treated: list[_Line], sign_before: float
) -> tuple[float, np.ndarray]:
    """Terms that fitting the treated adds (Sant'Anna and Zhao 2020, eq. 3.4), with the error of all fitted coefficients."""
    gain, influence = 0.0, np.zeros(len(X))
    for period, sign in ((1, 1.0), (0, -1.0)):
        gap = (treated[period].fitted - controls[period].fitted)[:, None]
        (everyone, part), (present, part_present) = (weighted_mean(gap, w) for w in (arms.treated, arms.treated_in[period]))
        gain += sign * float(everyone[0] - present[0])
        shift = _centre(X, arms.treated) - _centre(X, arms.treated_in[period])
        balance = _centre(X, arms.control_in[period]) - _centre(X, arms.treated_in[period])
        influence += sign * ((part - part_present)[:, 0] + treated[period].contribution(X, shift))
        influence += controls[period].contribution(X, balance * (1.0 if period else sign_before) - sign * shift)
    return gain, influence


def _corrections(post: np.ndarray, D: np.ndarray, X: np.ndarray, arms: _Arms, lines: list[_Line] | None) -> np.ndarray:
    correction = np.ones(len(D))
    for period, when in enumerate((~post, post)):
        treated, control = when & D, when & ~D
        correction[treated] = mean_correction(arms.treated_in[period])[treated]
        if lines is None:
            correction[control] = mean_correction(arms.control_in[period])[control]
        else:
            correction[control] = 1 - (lines[period].w * leverage(X, lines[period].A_inv))[control]
    return np.maximum(correction, np.finfo(float).eps)
