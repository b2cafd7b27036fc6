"""The two-by-two building blocks of group-time effects for panels: regression, weighting, and both (doubly robust).

Every estimate comes with each unit's contribution to its error, scaled so that the classical variance is the plain sum of squares.
Arrays of n units lie column by column in memory: columns are few, and whole ones are what the sums run over.
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


def panel_effects(change: np.ndarray, treated: int, X: np.ndarray, w: np.ndarray, method: str) -> Effects:
    """Compare changes (n, m) of the first `treated` rows with those of the others alike in X (n, k, with constant), weights w (n,)."""
    w = w / w.mean()
    D = np.arange(len(w)) < treated
    w1, w0, X0 = w[:treated], w[treated:], X[treated:]
    residual, correction, trimmed = change, np.ones(len(w)), 0
    balance, loading = w1 @ X[:treated] / w1.sum(), np.zeros(len(w0))
    A_inv = gram_inverse(X0, w0, "controls_collinear") if method != "ipw" else None
    if A_inv is not None:
        residual = change - fitted(X, A_inv @ ((w0[:, None] * X0).T @ change[treated:]))
        correction[treated:] -= w0 * leverage(X0, A_inv)
    att, own = weighted_mean(residual[:treated], w1)
    if method == "reg":
        influence = np.zeros_like(change)
    else:
        p, H_inv = propensity(X, D, w)
        odds, trimmed = _odds(p[treated:], w0)
        mean, part = weighted_mean(residual[treated:], odds)
        influence = fitted((w * (p - D))[:, None] * X, H_inv @ (X0.T @ part))
        influence[treated:] -= part
        att, balance, loading = att - mean, balance - odds @ X0 / odds.sum(), -odds / odds.sum()
    influence[:treated] += own
    if A_inv is not None:
        pull = w0 * (X0 @ (A_inv @ balance))
        influence[treated:] -= pull[:, None] * residual[treated:]
        loading = loading - pull
    else:
        correction[treated:] = mean_correction(odds)
    correction[:treated] = mean_correction(w1)
    effective = np.array([effective_share(loading), effective_share(w1)])
    return Effects(att, influence, np.maximum(correction, _SINGULAR), effective, trimmed)


def fitted(X: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Fitted values (n, m) of X (n, k) under coefficients (k, m)."""
    values: np.ndarray = (coefficients.T @ X.T).T
    return values


def _odds(p: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, int]:
    """Weights of controls (n,) from their propensity, and how many are trimmed."""
    odds = w * p / (1 - p) * (p < TRIM)
    if not odds.any():
        raise DesignError("overlap_failed")
    return odds, int((p >= TRIM).sum())


def leverage(X: np.ndarray, A_inv: np.ndarray) -> np.ndarray:
    """Diagonal (n,) of X A_inv X'."""
    diagonal: np.ndarray = ((A_inv @ X.T) * X.T).sum(axis=0)
    return diagonal


def weighted_mean(values: np.ndarray, w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each column of values (n, m), and each unit's contribution (n, m) to its error."""
    share = w / w.sum()
    mean = share @ values
    return mean, share[:, None] * (values - mean)


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
    try:
        inverse: np.ndarray = np.linalg.inv(gram)
    except np.linalg.LinAlgError as error:
        raise DesignError(code) from error
    if not np.linalg.norm(gram, 1) * np.linalg.norm(inverse, 1) < 1 / _SINGULAR:
        raise DesignError(code)
    return inverse


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
        inverse_odds = np.exp(-eta)
        p = 1 / (1 + inverse_odds)
        H_inv = gram_inverse(X, w * p * (1 - p), "overlap_failed")
        previous, deviance = deviance, 2 * float(w @ (np.log1p(inverse_odds) + ~D * eta))
        if abs(deviance - previous) < 1e-11 * (abs(deviance) + 0.1):
            break
        beta = beta + H_inv @ (X.T @ (w * (D - p)))
    return p, H_inv


def standardised(X: np.ndarray) -> np.ndarray:
    """Constant and centred, scaled covariates (n, 1 + p): the same fitted values as the raw design, without its rounding errors."""
    design = np.ones((len(X), 1 + X.shape[1]), order="F")
    centred = X - X.mean(axis=0)
    scale = np.sqrt((centred**2).mean(axis=0))
    design[:, 1:] = centred / np.where(scale > 0, scale, 1)
    return design
