"""Tucker's congruence: whether two sets of components are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalapp.stats.answers import numeric_answers
from evalapp.stats.warnings import StatsError


def tucker_congruence(loadings: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Compare the components of two solutions over the same items: 1 when their loadings are proportional.

    Use it to see whether a refit on a later wave measures what the baseline measured; .95 and above is read as equal,
    .85 to .94 as similar (Lorenzo-Seva and ten Berge 2006).

    Parameters
    ----------
    loadings, other : (items, components) frames with the same items in any order

    Returns
    -------
    pandas.DataFrame
        Components of `loadings` by components of `other`, each entry between -1 and 1.

    Raises
    ------
    StatsError
        If the items differ, a loading is missing, or a component is zero throughout.

    Missing values and weights
    --------------------------
    None are allowed; items count equally.

    Notes
    -----
    phi = sum_i a_i b_i / sqrt(sum_i a_i^2 sum_i b_i^2).

    Assumes
    -------
    Both solutions use the same orientation; a reversed component gives a negative value.

    Source
    ------
    Tucker (1951), "A method for synthesis of factor analysis studies", Personnel Research Section Report 984.

    Checked against
    ---------------
    R psych 2.2.9 factor.congruence: tests/stats/reference/r_components.json.
    """
    if set(loadings.index) != set(other.index) or not (loadings.index.is_unique and other.index.is_unique):
        raise StatsError("The two solutions have different items; compare solutions over the same items, each named once.")
    ours, theirs = _unit_columns(loadings), _unit_columns(other.loc[loadings.index])
    return pd.DataFrame(ours.to_numpy().T @ theirs.to_numpy(), ours.columns, theirs.columns)


def _unit_columns(loadings: pd.DataFrame) -> pd.DataFrame:
    values = numeric_answers(loadings, list(loadings.columns))
    lengths = np.sqrt((values**2).sum())
    if values.isna().any(axis=None) or (lengths == 0).any():
        raise StatsError("A component has missing loadings or none but zeros; give complete solutions.")
    return values.div(lengths)
