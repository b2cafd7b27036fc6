"""Difficulty components: several survey items summarised by a few rotated principal component scores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from evalapp.stats.answers import incomplete_cases, numeric_answers
from evalapp.stats.columns import column_names, refuse_seed
from evalapp.stats.scales.adequacy import (
    ParallelAnalysis,
    SamplingAdequacy,
    SphericityTest,
    correlation_matrix,
    parallel_analysis,
    sampling_adequacy,
    sphericity_test,
)
from evalapp.stats.scales.alpha import CronbachAlpha, cronbach_alpha, item_rest_correlations
from evalapp.stats.scales.extraction import Extraction, extract, members, strongest_component
from evalapp.stats.scales.varimax import ITERATIONS
from evalapp.stats.warnings import Caution, StatsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

WEAKLY_ASSOCIATED = ("quality_control",)  # the item of the difficulty battery that belongs to neither component


@dataclass(frozen=True)
class DifficultyComponents:
    """Rotated principal components of a reference sample; higher always means more difficult.

    Attributes
    ----------
    items : the item columns kept, in the order given
    n : complete cases, of `rows` rows given
    loadings, loadings_unrotated : (item, component) correlations of items and components
    variance_rotated, variance_unrotated : one row per component: ss_loadings (items' worth of variance), proportion of the
        items' variance, cumulative
    eigenvalues : of the correlation matrix, by number 1, 2, ...
    communalities : share of each item's variance that the components carry
    weights : (item, component) score weights of the standardised items
    means, sds : by item, in answer units (n - 1); frozen for later waves
    scores : (person, component) of the complete cases, mean 0 and SD 1 (n - 1)
    members : items of each component: its anchors, and unanchored items that load on it most
    alpha : CronbachAlpha of each component with at least two members
    kmo, bartlett, parallel_analysis : whether and how many components the items support
    item_rest : index item; component, item_rest (with the sum of its component's other items), alpha_if_dropped
    screen : all items before any was dropped: item_rest (with the sum of all others), communality, dropped (bool)
    rotation_matrix : (unrotated, rotated component) orthogonal, up to the sign of columns
    bounds : lowest and highest possible answer, or None
    cautions : tuple of Caution
    """

    items: tuple[str, ...]
    n: int
    rows: int
    loadings: pd.DataFrame
    loadings_unrotated: pd.DataFrame
    eigenvalues: pd.Series
    weights: pd.DataFrame
    means: pd.Series
    sds: pd.Series
    scores: pd.DataFrame
    members: Mapping[str, tuple[str, ...]]
    alpha: Mapping[str, CronbachAlpha]
    kmo: SamplingAdequacy
    bartlett: SphericityTest
    parallel_analysis: ParallelAnalysis
    screen: pd.DataFrame
    rotation_matrix: pd.DataFrame
    bounds: tuple[float, float] | None
    cautions: tuple[Caution, ...]

    @property
    def variance_rotated(self) -> pd.DataFrame:
        """The variance that each rotated component carries: the shares that belong beside `loadings`."""
        return _variance(self.loadings)

    @property
    def variance_unrotated(self) -> pd.DataFrame:
        """The variance that each principal component carries before rotation."""
        return _variance(self.loadings_unrotated)

    @property
    def communalities(self) -> pd.Series:
        """The share of each item's variance that the components carry together."""
        return (self.loadings**2).sum(axis=1).rename("communality")

    @property
    def item_rest(self) -> pd.DataFrame:
        """How well each item goes with the others of its component, for components of at least two."""
        columns = ["component", "item_rest", "alpha_if_dropped"]
        tables = [alpha.item_table.assign(component=name)[columns] for name, alpha in self.alpha.items()]
        return pd.concat(tables) if tables else pd.DataFrame(columns=columns)

    @property
    def dropped(self) -> pd.DataFrame:
        """The screen's rows for the items that were dropped: what each would have contributed."""
        return self.screen.loc[self.screen["dropped"], ["item_rest", "communality"]]

    def score(self, new_answers: pd.DataFrame) -> pd.DataFrame:
        """Score the complete cases of another wave in baseline SDs, with the frozen means, SDs and weights."""
        complete = numeric_answers(new_answers, self.items, self.bounds).dropna()
        return ((complete - self.means) / self.sds).dot(self.weights)


def difficulty_components(
    answers: pd.DataFrame,
    items: Sequence[str],
    n_components: int = 2,
    drop: Sequence[str] = WEAKLY_ASSOCIATED,
    anchors: Mapping[str, Sequence[str]] | None = None,
    *,
    eps: float | None = None,
    bounds: tuple[float, float] | None = None,
    level: float = 0.95,
    replications: int = 1000,
    seed: int = 0,
) -> DifficultyComponents:
    """Summarise items by a few uncorrelated scores: compares people by the weighted difficulties they report.

    Parameters
    ----------
    answers : frame with one row per person and one numeric column per item, higher meaning more difficult
    items : columns to summarise
    n_components : number of components
    drop : columns left out of the components but shown in `screen`
    anchors : component name to the items that define it; names and orients components. Components without anchors are
        called component_1, component_2, ... by rotated variance and oriented so that their loadings sum to a positive number
    eps : None rotates to convergence; 1e-5 stops as R's psych does
    bounds : lowest and highest possible answer; None allows every finite number
    level : of the intervals of alpha
    replications, seed : random data sets of the parallel analysis

    Returns
    -------
    DifficultyComponents

    Raises
    ------
    StatsError
        For an answer that is no number or outside `bounds` (naming row and column), an absent column, an item without
        variance, items that determine each other, no more complete rows than items, or anchors that are no items.

    Missing values and weights
    --------------------------
    Complete cases over the kept items only; `n` counts them. Rows count equally.

    Notes
    -----
    R = V diag(w) V'. Unrotated loadings V sqrt(w), rotated by varimax T with Kaiser normalisation; score weights
    R^-1 L = V w^(-1/2) T; scores Z W for Z the answers standardised by mean and SD. Proportions of variance belong either to
    the unrotated components (w / p) or to the rotated ones (column sums of squared loadings / p); their totals are equal.

    Assumes
    -------
    Answers are interval-scaled; components are uncorrelated; the reference sample stays the yardstick of later waves.

    Source
    ------
    Jolliffe (2002), "Principal Component Analysis", 2nd edition, sections 2.3 and 11.1; Kaiser (1958) for the rotation.

    Checked against
    ---------------
    R psych 2.2.9 principal: tests/stats/reference/psych_bfi.json, r_components.json; the published tables of the survey of 131
    entrepreneurs: tests/stats/reference/paper_tables.json.
    """
    refuse_seed(seed)
    kept, dropped = _split(answers, column_names(items, "items"), column_names(drop, "drop"))
    named = _checked_anchors(anchors or {}, kept, n_components)
    sample = numeric_answers(answers, kept, bounds).dropna()
    R = correlation_matrix(sample)
    extraction = extract(R, n_components, named, eps)
    means, sds = sample.mean(), sample.std()
    scales = members(extraction.loadings, named)
    alpha = {name: cronbach_alpha(sample, own, level=level) for name, own in scales.items() if len(own) > 1}
    kmo, chance = sampling_adequacy(R), parallel_analysis(R, len(sample), replications=replications, seed=seed)
    screen = _screen(numeric_answers(answers, [*kept, *dropped], bounds).dropna(), dropped, n_components)
    found = [
        *incomplete_cases(len(sample), len(answers)),
        *_sample_cautions(len(sample), len(kept), kmo, chance, n_components),
        *_rotation_cautions(extraction, named),
        *_scale_cautions(scales, alpha, screen),
    ]
    return DifficultyComponents(
        items=tuple(kept),
        n=len(sample),
        rows=len(answers),
        loadings=extraction.loadings,
        loadings_unrotated=extraction.unrotated,
        eigenvalues=pd.Series(extraction.eigenvalues, range(1, len(kept) + 1), name="eigenvalue"),
        weights=extraction.weights,
        means=means,
        sds=sds,
        scores=((sample - means) / sds).dot(extraction.weights),
        members=scales,
        alpha=alpha,
        kmo=kmo,
        bartlett=sphericity_test(R, len(sample)),
        parallel_analysis=chance,
        screen=screen,
        rotation_matrix=extraction.rotation,
        bounds=bounds,
        cautions=tuple(found),
    )


def item_means(
    answers: pd.DataFrame, anchors: Mapping[str, Sequence[str]], bounds: tuple[float, float] | None = None
) -> pd.DataFrame:
    """Compare people by the plain mean of each component's items, as a check that the score weights do not drive a result.

    Parameters
    ----------
    answers : frame with one row per person and one numeric column per item
    anchors : component name to its items
    bounds : lowest and highest possible answer; None allows every finite number

    Returns
    -------
    pandas.DataFrame
        One row per complete case, one column per component, in answer units.

    Raises
    ------
    StatsError
        For an absent column, or an answer that is no number or outside `bounds` (naming row and column).

    Missing values and weights
    --------------------------
    Complete cases over all named items only; items and rows count equally.

    Notes
    -----
    m_j = sum of the items of j / number of items of j.

    Assumes
    -------
    Items share one scale and direction.

    Source
    ------
    The survey of 131 entrepreneurs, its footnote 12 (robustness of the component scores).

    Checked against
    ---------------
    R 4.2.2 rowMeans as the outcome of a regression: tests/stats/reference/r_components.json.
    """
    named = _anchored_items(anchors)
    names = list(dict.fromkeys(item for own in named.values() for item in own))
    complete = numeric_answers(answers, names, bounds).dropna()
    return pd.DataFrame({name: complete[own].mean(axis=1) for name, own in named.items()})


def _anchored_items(anchors: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: column_names(own, f"anchors[{name!r}]") for name, own in anchors.items()}


def _split(answers: pd.DataFrame, items: Sequence[str], drop: Sequence[str]) -> tuple[list[str], list[str]]:
    kept = [name for name in items if name not in drop]
    dropped = [name for name in drop if name in answers.columns]
    # The battery's own weak item may be absent from other batteries; any other absent name is a slip of the pen.
    if stray := [name for name in drop if name not in dropped and name not in WEAKLY_ASSOCIATED]:
        raise StatsError("Item %(item)r is to be dropped but is no column of the answers; correct its name.", item=stray[0])
    if len(kept) < 2:
        raise StatsError("Components need at least two items, got %(items)s; name more columns.", items=kept)
    return kept, dropped


def _checked_anchors(anchors: Mapping[str, Sequence[str]], kept: list[str], n_components: int) -> dict[str, list[str]]:
    if not 1 <= n_components <= len(kept):
        raise StatsError(
            "n_components is %(n_components)s; choose 1 to %(items)s, the number of items.",
            n_components=n_components,
            items=len(kept),
        )
    named = _anchored_items(anchors)
    if len(named) > n_components:
        raise StatsError(
            "%(anchored)s components are anchored but %(n_components)s extracted; raise n_components or anchor fewer.",
            anchored=len(named),
            n_components=n_components,
        )
    anchored = [item for own in named.values() for item in own]
    for name, own in named.items():
        if not own:
            raise StatsError("Component %(component)r has no anchors; name at least one item.", component=name)
    for item in anchored:
        if item not in kept or anchored.count(item) > 1:
            raise StatsError(
                "Anchor %(item)r is dropped, no item or named twice; anchor each component by kept items of its own.", item=item
            )
    return named


def _variance(loadings: pd.DataFrame) -> pd.DataFrame:
    explained = (loadings**2).sum()
    proportion = explained / len(loadings)
    return pd.DataFrame({"ss_loadings": explained, "proportion": proportion, "cumulative": proportion.cumsum()})


def _screen(sample: pd.DataFrame, dropped: list[str], k: int) -> pd.DataFrame:
    varying = sample.loc[:, sample.max() - sample.min() > 0]
    eigenvalues, V = np.linalg.eigh(varying.corr().to_numpy())
    communality = pd.Series((V[:, -k:] ** 2) @ eigenvalues[-k:], varying.columns)
    table = pd.DataFrame({"item_rest": item_rest_correlations(varying), "communality": communality}).reindex(sample.columns)
    return table.assign(dropped=table.index.isin(dropped)).rename_axis("item")


def _sample_cautions(n: int, p: int, kmo: SamplingAdequacy, chance: ParallelAnalysis, k: int) -> Iterator[Caution]:
    if n < 5 * p:
        yield Caution("few_rows_per_item", {"rows": n, "items": p})
    if kmo.overall < 0.5:
        yield Caution("kmo_low", {"kmo": kmo.overall})
    if chance.retained < k:
        yield Caution("too_many_components", {"retained": chance.retained, "extracted": k})


def _rotation_cautions(extraction: Extraction, anchors: dict[str, list[str]]) -> Iterator[Caution]:
    if not extraction.converged:
        yield Caution("rotation_not_converged", {"limit": ITERATIONS})
    strongest = strongest_component(extraction.loadings)
    for name, own in anchors.items():
        for item in own:
            if strongest[item] != name:
                yield Caution("anchor_elsewhere", {"item": item, "anchored": name, "component": strongest[item]})


def _scale_cautions(
    scales: Mapping[str, tuple[str, ...]], alpha: Mapping[str, CronbachAlpha], screen: pd.DataFrame
) -> Iterator[Caution]:
    for name in scales:
        if name in alpha:
            yield from alpha[name].cautions
        else:
            yield Caution("single_item_component", {"component": name})
    undefined = screen.index[screen[["item_rest", "communality"]].isna().any(axis=1)]
    if len(undefined):
        yield Caution("screen_undefined", {"items": ", ".join(undefined)})
