"""The wild cluster bootstrap: inference when few clusters stand behind a coefficient."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalapp.stats.resampling.clustered_regression import ClusteredRegression, clustered_regression
from evalapp.stats.resampling.resampled_test import ResampledTest, refuse_settings
from evalapp.stats.warnings import Caution, StatsError

# Below 12 clusters 2^G signs make a coarse distribution, and Webb's six points a finer one (MacKinnon & Webb 2017).
FEW_CLUSTERS_FOR_SIGNS = 12
# In 1,000 simulations with half of the clusters treated a test at 5 % rejected 8.8 % of true nulls with 6 clusters, 6.6 % with 8 and
# 4.3 % with 10; with fewer than five treated ones a restricted test may hardly ever reject.
TOO_FEW_CLUSTERS, FEW_TREATED_CLUSTERS = 8, 5
# Weights drawn at once: two megabytes, which stay near the processor.
BLOCK = 2**18
POINTS: dict[str, NDArray[np.float64]] = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.sqrt([1.5, 1, 0.5, 0.5, 1, 1.5]) * [-1, -1, -1, 1, 1, 1],
}
# Scores of the clusters below this share of what they are made of are rounding.
NO_NOISE = 1e-20


@dataclass(frozen=True)
class WildClusterBootstrap:
    """One coefficient with its bootstrap inference.

    estimate, std_error (CR1), conf_low, conf_high: outcome units per unit of treatment; an infinite bound is a finding.
    statistic: (estimate - null) / std_error. p_value: share of draws strictly larger in absolute value, as boottest counts.
    p_value_with_ties: the share at least as large, the data among them; never 0, but with fewer than eight clusters it too rejects
        true nulls more often than it says (8.8 % of them at a level of 5 % with six, in simulations).
    draws: how many; enumerated: whether they are all 2^G signs; distribution: "rademacher" or "webb".
    statistics: (draws,) bootstrap t statistics at the null, in an order that depends on clusters, draws and seed only.
    n, clusters: rows and clusters used.
    """

    estimate: float
    std_error: float
    statistic: float
    p_value: float
    p_value_with_ties: float
    conf_low: float
    conf_high: float
    null: float
    n: int
    clusters: int
    draws: int
    enumerated: bool
    distribution: str
    statistics: NDArray[np.float64]
    cautions: tuple[Caution, ...]


def wild_cluster_bootstrap(
    data: pd.DataFrame,
    outcome: str,
    treatment: str,
    cluster: str,
    *,
    covariates: Sequence[str] = (),
    absorb: Sequence[str] = (),
    weights: str | None = None,
    null: float = 0.0,
    impose_null: bool = True,
    distribution: Literal["rademacher", "webb"] | None = None,
    draws: int = 9999,
    seed: int = 0,
    level: float = 0.95,
) -> WildClusterBootstrap:
    """Compare the t statistic of a coefficient with those of data rebuilt under the null by giving whole clusters random signs.

    Parameters
    ----------
    data : one row per observation.
    outcome, treatment, cluster : columns; outcome and treatment numeric, cluster any labels that can be sorted.
    covariates : further numeric columns. A constant is always included.
    absorb : columns of labels whose effects are removed, such as unit and time.
    weights : column of weights; equal by default. Weight zero leaves a row out.
    null : the effect supposed by the test, in outcome units.
    impose_null : build the data under the null (restricted, WCR) or from the estimate (unrestricted, WCU).
    distribution : of the weights; by default "webb" below 12 clusters and "rademacher" from there on.
    draws : how many; all 2^G signs are enumerated instead when they are no more than this and the distribution is "rademacher".
    seed : of the random numbers.
    level : coverage of the interval, a share.

    Returns
    -------
    WildClusterBootstrap

    Raises
    ------
    StatsError : a column is absent, not numeric, infinite or named twice; a treatment or outcome that the other regressors
        determine; fewer than two clusters; no residual degrees of freedom; clusters without noise; an unknown distribution.

    Missing values and weights
    --------------------------
    Rows with a missing value are left out first, then rows of weight zero; a caution counts each. A missing cluster or effect label
    and a negative weight are refused. Weights multiply squared residuals.

    Notes
    -----
    t = (b - r) / se with CR1. Draw v_g with mean 0 and variance 1: y* = fit under b = r, plus v_g times its residuals. The interval
    holds the r with p(r) > 1 - level that are connected to b. Scores are linear and variances quadratic in r, so that one set of
    draws serves every r; the N rows enter only through sums within clusters. A unit effect nested in clusters is taken out
    beforehand; other effects are dummies, a column of memory for each label. Draws are v = +-1, or Webb's +-sqrt(1/2, 1, 3/2).

    Assumes
    -------
    Independent clusters, of sizes and treatments not too unlike; many treated and many untreated ones, or the test rejects too
    rarely (MacKinnon & Webb 2017). Enumerated signs are exact when the scores of clusters are symmetric around the null.

    Source
    ------
    Cameron, Gelbach & Miller (2008), Review of Economics and Statistics 90(3), section III; Roodman, MacKinnon, Nielsen & Webb
    (2019), Stata Journal 19(1), section 5 (matrix form; inversion); Webb (2023), Canadian Journal of Economics 56(3).

    Checked against
    ---------------
    wildboottest 0.3.2 and pyfixest 0.60.0 (boottest's algorithm in Python): tests/stats/reference/wild_cluster_bootstrap.json.
    Intervals against a direct re-estimation of every draw, in the test.
    """
    refuse_settings(null, draws, seed, level)
    if distribution not in (None, *POINTS):
        raise StatsError("distribution is %(distribution)r; choose rademacher or webb.", distribution=distribution)
    regression, cautions = clustered_regression(data, outcome, treatment, cluster, covariates, absorb, weights)
    _refuse_no_noise(regression, outcome, cluster)
    G = regression.clusters
    distribution = distribution or ("webb" if G < FEW_CLUSTERS_FOR_SIGNS else "rademacher")
    enumerated = distribution == "rademacher" and draws >= 2**G
    blocks = every_sign(G) if enumerated else drawn_weights(np.random.default_rng(seed), distribution, G, draws)
    test = bootstrap_test(regression, blocks, impose_null=impose_null, data_included=enumerated and impose_null)
    p_value, with_ties = test.p_value_without_ties(null), test.p_value(null)
    conf_low, conf_high = test.interval(test.p_value_without_ties, level)
    cautions += _cautions(regression, data[treatment], p_value, with_ties, (conf_low, conf_high), level, enumerated=enumerated)
    std_error = float(np.sqrt(regression.variance))
    return WildClusterBootstrap(
        estimate=regression.estimate,
        std_error=std_error,
        statistic=(regression.estimate - null) / std_error,
        p_value=p_value,
        p_value_with_ties=with_ties,
        conf_low=conf_low,
        conf_high=conf_high,
        null=null,
        n=regression.n,
        clusters=G,
        draws=2**G if enumerated else draws,
        enumerated=enumerated,
        distribution=distribution,
        statistics=test.statistics(null),
        cautions=tuple(cautions),
    )


def bootstrap_test(
    regression: ClusteredRegression, blocks: Iterator[NDArray[np.float64]], *, impose_null: bool, data_included: bool
) -> ResampledTest:
    """Form every draw's statistic from blocks (G, b) of weights.

    Scores of draw v are Z = v s - K L v, with s (G,) and L (k, G) linear in the supposed effect; their squares are multiplied out so
    that the draws enter by one product with a few rows, and nothing of size clusters by draws is made beside them.
    """
    K, k = regression.basis_x, regression.basis_x.shape[1]
    s = np.array([regression.xy, regression.xx])
    L = np.array([regression.basis_y.T, K.T])
    if not impose_null:
        s, L = (np.array([part[0] - regression.estimate * part[1], np.zeros_like(part[1])]) for part in (s, L))
    rows = np.concatenate([s, *L, *(s[:, None, :] * K.T)])
    pairs = ((0, 0), (0, 1), (1, 1))
    own = np.array([s[i] * s[j] for i, j in pairs])
    numerators, denominators = [], []
    for V in blocks:
        parts = rows @ V
        projected, crossed = parts[2:].reshape(2, 2, k, V.shape[1])
        turned = K.T @ K @ projected - crossed
        numerators.append(parts[:2])
        denominators.append(
            own @ V**2
            + np.array(
                [np.einsum("kb,kb->b", projected[i], turned[j]) - np.einsum("kb,kb->b", crossed[i], projected[j]) for i, j in pairs]
            )
        )
    sxx = regression.xx.sum()
    return ResampledTest(
        estimate=regression.estimate,
        variance=regression.variance,
        numerator=np.concatenate(numerators, axis=1) / sxx,
        denominator=np.concatenate(denominators, axis=1) * regression.correction / sxx**2,
        data_included=data_included,
    )


def every_sign(G: int) -> Iterator[NDArray[np.float64]]:
    """All 2^G signs of G clusters, all +1 first, in blocks (G, b)."""
    size = max(BLOCK // G, 1)
    for start in range(0, 2**G, size):
        index = np.arange(start, min(start + size, 2**G))
        yield 1.0 - 2.0 * ((index >> np.arange(G - 1, -1, -1)[:, None]) & 1).astype(np.float64)


def drawn_weights(rng: np.random.Generator, distribution: str, G: int, draws: int) -> Iterator[NDArray[np.float64]]:
    """Independent weights of mean 0 and variance 1, in blocks (G, b)."""
    size = max(BLOCK // G, 8)
    for start in range(0, draws, size):
        b = min(size, draws - start)
        if distribution == "rademacher":
            bits = np.unpackbits(rng.integers(0, 256, (G, -(-b // 8)), dtype=np.uint8), axis=1)
            yield bits[:, :b].astype(np.float64) * 2 - 1
        else:
            yield POINTS[distribution][rng.integers(0, 6, (G, b), dtype=np.uint8)]


def _refuse_no_noise(regression: ClusteredRegression, outcome: str, cluster: str) -> None:
    scores = regression.xy - regression.estimate * regression.xx
    scale = np.abs(regression.xy).max() + abs(regression.estimate) * regression.xx.max()
    if scores @ scores <= NO_NOISE * scale**2:
        raise StatsError(
            "Column %(column)r leaves no noise between the clusters of %(cluster)r to compare with; check that it was measured, "
            "or cluster by a column with more treated and untreated clusters.",
            column=outcome,
            cluster=cluster,
        )


def _cautions(
    regression: ClusteredRegression,
    treatment: pd.Series,
    p_value: float,
    with_ties: float,
    interval: tuple[float, float],
    level: float,
    *,
    enumerated: bool,
) -> list[Caution]:
    G, treated = regression.clusters, int(regression.ever_treated.sum())
    untreated = G - treated
    binary = bool(treatment.dropna().isin((0, 1)).all())
    found: dict[str, tuple[bool, dict[str, object]]] = {
        "signs_enumerated": (enumerated, {"clusters": G, "combinations": 2**G if enumerated else 0}),
        "bootstrap_too_few_clusters": (G < TOO_FEW_CLUSTERS, {"clusters": G, "threshold": TOO_FEW_CLUSTERS}),
        "bootstrap_few_treated_clusters": (
            binary and (treated < FEW_TREATED_CLUSTERS or 0 < untreated < FEW_TREATED_CLUSTERS),
            {"treated": treated, "untreated": untreated, "clusters": G},
        ),
        "bootstrap_p_between": (
            p_value == 0 or p_value <= 1 - level < with_ties,
            {"low": f"{p_value:.4f}", "high": f"{with_ties:.4f}"},
        ),
        "interval_unbounded": (not np.isfinite(interval).all(), {}),
    }
    return [Caution(code, facts) for code, (applies, facts) in found.items() if applies]
