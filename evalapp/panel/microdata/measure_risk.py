"""How well people are hidden among each other: equivalence classes of quasi-identifiers, and how alike the answers within them are.

The frames have one row a person. A missing value counts as a value of its own, as does one that was withheld: what counts is
what a reader of the file sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

LEAST_K = 5
LEAST_DIVERSITY = 2
SHOWN_COMBINATIONS = 8
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Contribution:
    """What one quasi-identifier adds: how many people would be at risk without it, and how many with nothing but it."""

    name: str
    without: int
    alone: int


@dataclass(frozen=True)
class Combination:
    """Two quasi-identifiers that set people apart by themselves, and how many."""

    names: tuple[str, str]
    at_risk: int


@dataclass(frozen=True)
class Risk:
    """How well people are hidden.

    `at_risk` counts those who share their quasi-identifiers with fewer than `k - 1` others, `unique` those who share them with
    nobody. `chance_share` is the mean over people of one in the size of their class, which is classes over people: the chance to
    pick out the right person.
    """

    k: int
    people: int
    classes: int
    smallest: int
    at_risk: int
    unique: int
    chance_share: float
    contributions: tuple[Contribution, ...]
    combinations: tuple[Combination, ...]


@dataclass(frozen=True)
class Diversity:
    """How alike answers to one question are within classes: the least number of different answers, and who is in classes of fewer."""

    name: str
    least: int
    classes_below: int
    people_below: int


def value_codes(people: pd.DataFrame, quasi: Sequence[str]) -> dict[str, Codes]:
    """Return each quasi-identifier's values as numbers from 0, equal where the values are; a missing value has one too."""
    return {name: pd.factorize(people[name].astype(object), use_na_sentinel=False)[0].astype(np.int64) for name in quasi}


def sizes_of(codes: Sequence[Codes], people: int) -> Codes:
    """Return for each person how many people share all of these values, the person included."""
    classes = _classes(codes, people)
    return np.bincount(classes)[classes] if people else classes


def class_sizes(people: pd.DataFrame, quasi: Sequence[str]) -> Codes:
    """Return for each person how many people share their quasi-identifiers, the person included."""
    return sizes_of(list(value_codes(people, quasi).values()), len(people))


def measure_risk(people: pd.DataFrame, quasi: Sequence[str], k: int = LEAST_K) -> Risk:
    """Return how many people are hidden among fewer than `k`, and which quasi-identifiers set them apart."""
    codes = value_codes(people, quasi)

    def at_risk(names: Sequence[str]) -> int:
        return int((sizes_of([codes[name] for name in names], len(people)) < k).sum())

    sizes = sizes_of(list(codes.values()), len(people))
    classes = len(np.unique(_classes(list(codes.values()), len(people))))
    pairs = (Combination(pair, at_risk(pair)) for pair in combinations(quasi, 2))
    found = sorted((pair for pair in pairs if pair.at_risk), key=lambda pair: (-pair.at_risk, pair.names))
    return Risk(
        k=k,
        people=len(people),
        classes=classes,
        smallest=int(sizes.min()) if len(sizes) else 0,
        at_risk=at_risk(quasi),
        unique=int((sizes == 1).sum()),
        chance_share=classes / len(people) if len(people) else 0.0,
        contributions=tuple(
            Contribution(name, at_risk([other for other in quasi if other != name]), at_risk([name])) for name in quasi
        ),
        combinations=tuple(found[:SHOWN_COMBINATIONS]),
    )


def measure_diversity(
    people: pd.DataFrame, quasi: Sequence[str], items: Sequence[str], least: int = LEAST_DIVERSITY
) -> tuple[Diversity, ...]:
    """Return for each item how many different answers the classes hold. A class in which nobody answered tells nothing."""
    classes = pd.Series(_classes(list(value_codes(people, quasi).values()), len(people)), index=people.index)
    return tuple(_diversity(people[item], classes, least) for item in items)


def _classes(codes: Sequence[Codes], people: int) -> Codes:
    """Return the number of each person's class; a code of -1 is a value as well."""
    classes = np.zeros(people, dtype=np.int64)
    for values in codes:
        _, classes = np.unique(classes * (values.max(initial=0) + 2) + values + 1, return_inverse=True)
    return classes


def _diversity(answers: pd.Series[float], classes: pd.Series[int], least: int) -> Diversity:
    distinct = answers.groupby(classes).nunique()
    distinct = distinct[distinct > 0]
    below = distinct.index[distinct < least]
    return Diversity(str(answers.name), int(distinct.min()) if len(distinct) else 0, len(below), int(classes.isin(below).sum()))
