"""Principal components of a correlation matrix, rotated, named by their anchors and turned so that higher is more difficult."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from evalapp.stats.scales.varimax import varimax


@dataclass(frozen=True)
class Extraction:
    """Eigenvalues (items,) and loadings, weights (items, components) of the first components, rotated and named."""

    eigenvalues: np.ndarray
    unrotated: pd.DataFrame
    loadings: pd.DataFrame
    weights: pd.DataFrame
    rotation: pd.DataFrame
    converged: bool


def extract(R: pd.DataFrame, k: int, anchors: dict[str, list[str]], eps: float | None) -> Extraction:
    """Extract and rotate `k` components; anchored components come first, the others by rotated variance."""
    eigenvalues, vectors = np.linalg.eigh(R.to_numpy())
    eigenvalues, V = eigenvalues[::-1], vectors[:, ::-1][:, :k]
    V = V * np.where(V.sum(axis=0) < 0, -1, 1)
    root = np.sqrt(eigenvalues[:k])
    numbered = [f"component_{j}" for j in range(1, k + 1)]
    unrotated = pd.DataFrame(V * root, R.index, numbered)
    rotation = varimax(unrotated.to_numpy(), eps=eps)
    rotated = pd.DataFrame(rotation.loadings, R.index)
    order, names = _order_and_names(rotated, anchors)
    signs = [_sign(rotated.loc[anchors.get(name, list(R.index)), j]) for j, name in zip(order, names, strict=True)]
    T = rotation.matrix[:, order] * signs
    return Extraction(
        eigenvalues,
        unrotated,
        pd.DataFrame(unrotated.to_numpy() @ T, R.index, names),
        pd.DataFrame(V / root @ T, R.index, names),
        pd.DataFrame(T, numbered, names),
        rotation.converged,
    )


def _order_and_names(rotated: pd.DataFrame, anchors: dict[str, list[str]]) -> tuple[list[int], list[str]]:
    squares = rotated**2
    strength = np.array([squares.loc[own].mean() for own in anchors.values()]).reshape(len(anchors), rotated.shape[1])
    anchored = [int(j) for j in linear_sum_assignment(strength, maximize=True)[1]]
    others = [int(j) for j in squares.sum().sort_values(ascending=False, kind="stable").index if j not in anchored]
    numbers = range(len(anchored) + 1, rotated.shape[1] + 1)
    return [*anchored, *others], [*anchors, *(f"component_{number}" for number in numbers)]


def _sign(loadings: pd.Series) -> float:
    return -1.0 if loadings.sum() < 0 else 1.0


def members(loadings: pd.DataFrame, anchors: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Give every item its component: the one it anchors, else the one it loads on most."""
    anchored = {item: name for name, own in anchors.items() for item in own}
    home = {item: anchored.get(item, strongest) for item, strongest in strongest_component(loadings).items()}
    return {name: tuple(item for item in home if home[item] == name) for name in loadings.columns}


def strongest_component(loadings: pd.DataFrame) -> dict[str, str]:
    """Return the component with each item's largest absolute loading."""
    return dict(zip(loadings.index, loadings.columns[np.abs(loadings.to_numpy()).argmax(axis=1)], strict=True))
