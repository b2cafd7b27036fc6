"""The floor: what the estimator costs in plain numpy, without a table or a caution, on arrays that are ready or from a long frame.

Doubly robust group-time effects of a balanced panel against the never treated, classical influence functions, four averages with
their standard errors and, when asked, the multiplier draws behind uniform bands.
"""

import numpy as np
import pandas as pd

BLOCK = 4096  # units whose signs are drawn at once: they stay in the processor's cache


def floor(y: np.ndarray, x: np.ndarray, cohort: np.ndarray, draws: int | None, seed: int = 0) -> dict[str, np.ndarray]:
    """Estimate from outcomes y (N, T), covariates x (N, p) and first treated periods, counted from 1, 0 for never (N,)."""
    design = np.column_stack([np.ones(len(x)), x])
    groups, periods = np.unique(cohort[cohort > 0]), y.shape[1]
    att, influence = [], np.zeros((len(y), len(groups) * (periods - 1)))
    for g, group in enumerate(groups):
        units = np.flatnonzero((cohort == group) | (cohort == 0))
        base = np.array([int(group) - 2 if period >= group else period - 2 for period in range(2, periods + 1)])
        cells, part = doubly_robust(y[units, 1:] - y[units][:, base], design[units], cohort[units] == group)
        att.append(cells)
        influence[units, g * (periods - 1) : (g + 1) * (periods - 1)] = part
    contrasts = averages(groups, periods, np.array([(cohort == group).mean() for group in groups]))
    covariance = influence.T @ influence
    result = {"att": np.concatenate(att), "std_error": np.sqrt(np.diag(covariance))}
    result["average"] = contrasts @ result["att"]
    result["average_error"] = np.sqrt(np.einsum("mk,kl,ml->m", contrasts, covariance, contrasts))
    if draws:
        scaled = np.abs(signed_sums(influence, draws, seed) / result["std_error"])
        result["critical"] = np.quantile(scaled.max(axis=1), 0.95)
    return result


def arrays(panel: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read outcomes, covariates and cohorts for the floor off a long frame, whose order, balance and gaps it looks at once."""
    unit, time = panel["unit"].to_numpy(), panel["time"].to_numpy()
    periods = np.unique(time[unit == unit[0]])
    if (unit[1:] < unit[:-1]).any():
        panel = panel.sort_values(["unit", "time"])
        unit, time = panel["unit"].to_numpy(), panel["time"].to_numpy()
    square = unit.reshape(-1, len(periods))
    if not ((square == square[:, :1]).all() and (time.reshape(square.shape) == periods).all()):
        raise ValueError("the panel is not balanced")
    columns = {name: panel[name].to_numpy().reshape(square.shape) for name in ("y", "x1", "x2", "cohort")}
    if any(np.isnan(column).any() for column in columns.values()):
        raise ValueError("the panel has gaps")
    return columns["y"], np.column_stack([columns["x1"][:, 0], columns["x2"][:, 0]]), columns["cohort"][:, 0].copy()


def doubly_robust(change: np.ndarray, design: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Effects (m,) on changes (n, m) and their influence (n, m)."""
    beta = np.zeros(design.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-design @ beta))
        inverse = np.linalg.inv(design.T @ ((p * (1 - p))[:, None] * design))
        step = inverse @ (design.T @ (treated - p))
        beta += step
        if np.abs(step).max() < 1e-8:
            break
    control = (~treated).astype(float)
    odds, share = control * p / (1 - p), treated / treated.sum()
    gram = np.linalg.inv((control[:, None] * design).T @ design)
    residual = change - design @ (gram @ (design.T @ (control[:, None] * change)))
    odds /= odds.sum()
    mean0, mean1 = odds @ residual, share @ residual
    part0 = odds[:, None] * (residual - mean0)
    score = ((treated - p)[:, None] * design) @ (inverse @ (design.T @ part0))
    pull = control * (design @ (gram @ ((share - odds) @ design)))
    influence = share[:, None] * (residual - mean1) - part0 - score - pull[:, None] * residual
    return mean1 - mean0, influence


def averages(groups: np.ndarray, periods: int, share: np.ndarray) -> np.ndarray:
    """Weights (m, K) of the simple, dynamic, group and calendar averages on the cells."""
    group, time = np.repeat(groups, periods - 1), np.tile(np.arange(2, periods + 1), len(groups))
    weight, post = np.repeat(share, periods - 1), time >= group
    masks = [post, *(time - group == event for event in np.unique(time - group))]
    masks += [post & (group == g) for g in groups] + [post & (time == t) for t in np.unique(time[post])]
    return np.array([mask * weight / (mask @ weight) for mask in masks])


def signed_sums(influence: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Sums (B, K) of the rows of influence (N, K) under random Rademacher signs."""
    generator, sums = np.random.default_rng(seed), np.zeros((draws, influence.shape[1]), dtype=np.float32)
    for start in range(0, len(influence), BLOCK):
        rows = influence[start : start + BLOCK].astype(np.float32)
        bytes_ = np.frombuffer(generator.bytes(draws * -(-len(rows) // 8)), dtype=np.uint8).reshape(draws, -1)
        signs = np.unpackbits(bytes_, axis=1, count=len(rows)).astype(np.float32)
        sums += 2 * (signs @ rows) - rows.sum(axis=0)
    return sums
