"""How places are drawn: the record of a random assignment, which the training draws from and randomisation inference replays."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb, prod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalapp.stats.warnings import StatsError

# A balance criterion that refuses more than 999 in 1,000 draws is a mistake in the criterion or leaves too few assignments to test.
PROPOSALS_PER_DRAW, FIRST_PROPOSALS = 1000, 10_000
# Directions of the covariates' spread shorter than this share of the longest are the same covariate twice.
SPANNED = 1e-9


@dataclass(frozen=True)
class AssignmentProcedure:
    """A random draw of who is treated: complete, stratified (or blocked), by clusters, and re-randomised, or any of these together.

    units: labels of the n units, each once; every array below follows their order.
    treated: how many are treated, units or clusters of units; with strata a mapping from stratum to that number.
    strata: each unit's stratum, block or pair, of n labels; None for one stratum.
    clusters: each unit's cluster, of n labels; whole clusters are drawn, and each lies in one stratum.
    covariates, max_imbalance: (n, p) numbers and the largest Mahalanobis distance between the arms' means that is accepted: a draw
        beyond it is drawn again (Morgan & Rubin 2012, Annals of Statistics 40(2), eq. 1).
    """

    units: tuple[Hashable, ...]
    treated: int | Mapping[Hashable, int]
    strata: tuple[Hashable, ...] | None = None
    clusters: tuple[Hashable, ...] | None = None
    covariates: tuple[tuple[float, ...], ...] | None = None
    max_imbalance: float | None = None

    def __post_init__(self) -> None:
        n = len(self.units)
        if not all(
            isinstance(label, Hashable) for labels in (self.units, self.strata or (), self.clusters or ()) for label in labels
        ):
            raise StatsError("units, strata or clusters hold a list; give each unit a name or a number.")
        if n == 0 or len(set(self.units)) < n:
            raise StatsError("units are empty or name one twice; name each unit that was drawn from once.")
        if any(pd.isna(list(labels)).any() for labels in (self.units, self.strata or (), self.clusters or ())):
            raise StatsError("units, strata or clusters hold a missing label; give each unit its own.")
        for name, labels in (("strata", self.strata), ("clusters", self.clusters), ("covariates", self.covariates)):
            if labels is not None and len(labels) != n:
                raise StatsError(
                    "%(argument)s has %(entries)s entries for %(units)s units; give one for each unit, in the order of units.",
                    argument=name,
                    entries=len(labels),
                    units=n,
                )
        if (self.strata is None) == isinstance(self.treated, Mapping):
            raise StatsError("treated must be a number without strata, and a number for each stratum with them.")
        if (self.covariates is None) != (self.max_imbalance is None):
            raise StatsError("covariates and max_imbalance belong together: a balance criterion needs both.")
        self._refuse_impossible_counts()
        if self.max_imbalance is not None and not (self.max_imbalance > 0 and np.isfinite(self._whitened).all()):
            raise StatsError("max_imbalance must be above zero and covariates finite numbers that vary; correct them.")

    @classmethod
    def as_assigned(
        cls,
        units: Iterable[Hashable],
        assigned: Iterable[float],
        strata: Iterable[Hashable] | None = None,
        clusters: Iterable[Hashable] | None = None,
    ) -> AssignmentProcedure:
        """Describe the procedure that an assignment of 0 and 1 came from: as many treated in each stratum as there were."""
        names, arms = tuple(units), tuple(assigned)
        blocks = None if strata is None else tuple(strata)
        groups = None if clusters is None else tuple(clusters)
        if len(arms) != len(names) or not set(arms) <= {0, 1}:
            raise StatsError("assigned must hold a 0 or 1 for each unit; complete it or leave out who was not part of the draw.")
        where = blocks or (0,) * len(names)
        if len(where) != len(names) or (groups is not None and len(groups) != len(names)):
            raise StatsError("strata and clusters must have one entry for each unit.")
        drawn = dict(zip(groups or names, zip(where, arms, strict=True), strict=True))
        counts = {stratum: sum(int(arm) for place, arm in drawn.values() if place == stratum) for stratum in dict.fromkeys(where)}
        return cls(names, counts if blocks else counts.get(0, 0), blocks, groups)

    def draw(self, rng: np.random.Generator, n: int) -> NDArray[np.int8]:
        """Draw n assignments: (n, units) of 0 and 1, the units in the order of `units`."""
        if self.max_imbalance is None:
            return self._propose(rng, n)
        accepted: list[NDArray[np.int8]] = []
        found, budget = 0, n * PROPOSALS_PER_DRAW + FIRST_PROPOSALS
        while found < n:
            if budget <= 0:
                raise StatsError(
                    "max_imbalance %(max_imbalance)g accepts hardly any assignment; raise it.", max_imbalance=self.max_imbalance
                )
            proposals = self._propose(rng, max(n, 100))
            budget -= len(proposals)
            accepted.append(proposals[self.accepts(proposals)][: n - found])
            found += len(accepted[-1])
        return np.concatenate(accepted)

    @property
    def possible(self) -> int:
        """How many assignments there are, before any balance criterion."""
        return prod(comb(len(items), treated) for items, treated in self._draws)

    def every(self) -> NDArray[np.int8]:
        """All assignments that meet the criterion, (possible or fewer, units), in the order of combinations."""
        everything = np.zeros((1, len(self._first)), dtype=np.int8)
        for items, treated in self._draws:
            chosen = np.array(list(combinations(items, treated)), dtype=np.int64).reshape(-1, treated)
            one = np.zeros((len(chosen), everything.shape[1]), dtype=np.int8)
            np.put_along_axis(one, chosen, 1, axis=1)
            everything = (everything[:, None] + one).reshape(-1, everything.shape[1])
        assignments = everything[:, self._item]
        return assignments if self.max_imbalance is None else assignments[self.accepts(assignments)]

    def accepts(self, assignments: NDArray[np.int8]) -> NDArray[np.bool_]:
        """Whether each row (n, units) has the counts that are drawn, keeps clusters whole and meets the criterion."""
        of_items = assignments[:, self._first]
        fits = (of_items[:, self._item] == assignments).all(axis=1)
        for items, treated in self._draws:
            fits &= of_items[:, items].sum(axis=1, dtype=np.int64) == treated
        return np.asarray(fits if self.max_imbalance is None else fits & (self.imbalance(assignments) <= self.max_imbalance))

    def imbalance(self, assignments: NDArray[np.int8]) -> NDArray[np.float64]:
        """Mahalanobis distance between the arms' covariate means, for each row of assignments (n, units)."""
        treated = assignments.sum(axis=1, dtype=np.int64)
        untreated = np.maximum(assignments.shape[1] - treated, 1)
        sums = assignments @ self._whitened
        # Covariates are centred, so that the untreated sum to minus the treated: the difference of means is sums n / (nt nc).
        scale = assignments.shape[1] / (np.maximum(treated, 1) * untreated)
        return np.asarray((sums**2).sum(axis=1) * scale)

    def _propose(self, rng: np.random.Generator, n: int) -> NDArray[np.int8]:
        chosen = np.zeros((n, len(self._first)), dtype=np.int8)
        for items, treated in self._draws:
            places = np.zeros((n, len(items)), dtype=np.int8)
            places[:, :treated] = 1
            chosen[:, items] = rng.permuted(places, axis=1)
        return chosen if self.clusters is None else chosen[:, self._item]

    def _refuse_impossible_counts(self) -> None:
        strata = self.strata or (0,) * len(self.units)
        if self.clusters is not None and len(set(zip(self.clusters, strata, strict=True))) > len(set(self.clusters)):
            raise StatsError("A cluster lies in two strata; draw whole clusters within strata.")
        treated = self.treated if isinstance(self.treated, Mapping) else {0: self.treated}
        if set(treated) != set(strata):
            raise StatsError("treated must name every stratum, and no other, with its number of treated.")
        for (items, count), stratum in zip(self._draws, dict.fromkeys(strata), strict=True):
            if count != int(count) or not 0 <= count <= len(items):
                raise StatsError(
                    "%(treated)s of %(items)s cannot be treated in stratum %(stratum)r; correct treated.",
                    treated=count,
                    items=len(items),
                    stratum=stratum,
                )

    @cached_property
    def _item(self) -> NDArray[np.int64]:
        """What is drawn, a unit or its cluster, for each unit."""
        labels = self.clusters or self.units
        order = {label: position for position, label in enumerate(dict.fromkeys(labels))}
        return np.array([order[label] for label in labels])

    @cached_property
    def _first(self) -> NDArray[np.int64]:
        """The first unit of each item."""
        return np.unique(self._item, return_index=True)[1]

    @cached_property
    def _draws(self) -> list[tuple[NDArray[np.int64], int]]:
        """The items of each stratum and how many of them are treated."""
        strata = self.strata or (0,) * len(self.units)
        treated: Mapping[Hashable, int] = self.treated if isinstance(self.treated, Mapping) else {0: self.treated}
        members: dict[Hashable, list[int]] = {stratum: [] for stratum in dict.fromkeys(strata)}
        for item, unit in enumerate(self._first):
            members[strata[unit]].append(item)
        return [(np.array(items), treated[stratum]) for stratum, items in members.items()]

    @cached_property
    def _whitened(self) -> NDArray[np.float64]:
        """Covariates, centred and turned so that their covariance is the identity (n, rank)."""
        try:
            X = np.array(self.covariates, dtype=float).reshape(len(self.units), -1)
        except (TypeError, ValueError) as error:
            raise StatsError("covariates hold something other than numbers; give every unit the same number of numbers.") from error
        if not np.isfinite(X).all():
            return np.full_like(X, np.nan)
        spread = X.std(axis=0)
        varying = spread > SPANNED * np.abs(X).max(axis=0)
        if not varying.any():
            return np.full_like(X, np.nan)
        U, sizes, _ = np.linalg.svd(((X - X.mean(axis=0)) / np.where(varying, spread, np.inf)), full_matrices=False)
        return np.asarray(U[:, sizes > SPANNED * sizes[0]] * np.sqrt(len(X) - 1))
