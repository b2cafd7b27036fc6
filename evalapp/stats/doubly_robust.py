"""The two-by-two building blocks of group-time effects for panels: regression, weighting, and both (doubly robust).

Every estimate comes with each unit's contribution to its error, scaled so that the classical variance is the plain sum of squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

TRIM = 0.995  # controls with a higher propensity get no weight
OVERLAP = 0.999  # a propensity this high for anyone means the groups do not overlap
_SINGULAR = np.finfo(float).eps


class DesignError(ArithmeticError):
    """A design from which no estimate can be made; `code` is the caution to raise."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Effects:
    """m two-by-two effects on one design of n units.

    att (m,); influence (n, m), the classical variance is its column sum of squares; correction (n,), the expected share of a unit's
    squared error that its squared residual keeps (one minus leverage); effective (2,), effective share of the controls' and the
    treated units' numbers once weights are unequal; trimmed, controls without weight because their propensity is above 0.995.
    """

    att: np.ndarray
    influence: np.ndarray
    correction: np.ndarray
    effective: np.ndarray
    trimmed: int


def panel_effects(change: np.ndarray, D: np.ndarray, X: np.ndarray, w: np.ndarray, method: str) -> Effects:
    """Compare changes (n, m) of the treated (D true) with those of controls alike in X (n, k, with constant), weights w (n,)."""
    w = w / w.mean()
    treated, control = w * D, w * ~D
    correction, loading = np.ones(len(D)), treated / treated.sum()
    influence, residual, trimmed = np.zeros_like(change), change, 0
    balance = treated @ X / treated.sum()
    att = np.zeros(change.shape[1])
    A_inv = gram_inverse(X, control, "controls_collinear") if method != "ipw" else None
    if A_inv is not None:
        residual = change - X @ (A_inv @ (X.T @ (control[:, None] * change)))
        correction = 1 - control * np.einsum("ij,jk,ik->i", X, A_inv, X)
    if method != "reg":
        p, H_inv = propensity(X, D, w)
        odds = control * p / (1 - p) * (p < TRIM)
        if not odds.any():
            raise DesignError("overlap_failed")
        trimmed = int((~D & (p >= TRIM)).sum())
        mean, part = weighted_mean(residual, odds)
        score = (w * (D - p))[:, None] * X
        influence -= part + score @ (H_inv @ (X.T @ part))
        att, balance, loading = att - mean, balance - odds @ X / odds.sum(), loading - odds / odds.sum()
    if A_inv is None:
        correction = mean_correction(odds)
    else:
        pull = control * (X @ (A_inv @ balance))
        influence -= pull[:, None] * residual
        loading = loading - pull
    mean, part = weighted_mean(residual, treated)
    correction = np.where(D, mean_correction(treated), correction)
    effective = np.array([effective_share(loading[~D]), effective_share(loading[D])])
    return Effects(att + mean, influence + part, np.maximum(correction, _SINGULAR), effective, trimmed)


def weighted_mean(values: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each column of values (n, m), and each unit's contribution (n, m) to its error."""
    total = w.sum()
    mean = w @ values / total
    return mean, w[:, None] * (values - mean) / total


def mean_correction(w: np.ndarray) -> np.ndarray:
    """Return each unit's expected squared residual (n,) from a weighted mean, in variances: 1 - 1/n with equal weights."""
    h = w / w.sum()
    kept: np.ndarray = 1 - 2 * h + h @ h
    return kept


def effective_share(loading: np.ndarray) -> float:
    """Share of the units that carry a weighted sum: 1 with equal loadings, near 0 when one unit carries it all."""
    squares = loading**2
    return float(squares.sum() ** 2 / (squares @ squares) / len(loading)) if squares.any() else 1.0


def gram_inverse(X: np.ndarray, w: np.ndarray, code: str) -> np.ndarray:
    """Inverse of X'WX (k, k), or DesignError(code) when it is singular."""
    gram = X.T @ (w[:, None] * X)
    if not np.isfinite(gram).all() or 1 / np.linalg.cond(gram, 1) < _SINGULAR:
        raise DesignError(code)
    return np.linalg.inv(gram)


def propensity(X: np.ndarray, D: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logit probability (n,) of being treated and the inverse information (k, k); DesignError when the groups do not overlap."""
    p, H_inv = _logit(X, D, w)
    # R judges overlap on the unweighted fit
    if (p if np.ptp(w) == 0 else _logit(X, D, np.ones_like(w))[0]).max() >= OVERLAP:
        raise DesignError("overlap_failed")
    return np.minimum(p, 1 - 1e-6), H_inv


def _logit(X: np.ndarray, D: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    beta, deviance = np.zeros(X.shape[1]), np.inf
    for _ in range(50):
        eta = np.clip(X @ beta, -30, 30)
        p = 1 / (1 + np.exp(-eta))
        H_inv = gram_inverse(X, w * p * (1 - p), "overlap_failed")
        previous, deviance = deviance, 2 * float(w @ (np.logaddexp(0, eta) - D * eta))
        if abs(deviance - previous) < 1e-11 * (abs(deviance) + 0.1):
            break
        beta = beta + H_inv @ (X.T @ (w * (D - p)))
    return p, H_inv


def standardised(X: np.ndarray) -> np.ndarray:
    """Constant and centred, scaled covariates (n, 1 + p): the same fitted values as the raw design, without its rounding errors."""
    centred = X - X.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0))
    return np.column_stack([np.ones(len(X)), centred / np.where(scale > 0, scale, 1)])
