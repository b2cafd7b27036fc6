"""Withhold as few values of quasi-identifiers as brings everybody into a class of at least k people."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd

from evalapp.panel.microdata.measure_risk import Codes, sizes_of, value_codes
from evalapp.surveys.exports.labelled_columns import PROTECTED

SEARCHED_TOGETHER = 3  # of more quasi-identifiers at once there are too many choices to try them all
WITHHELD = -1  # the code of a withheld value, which is one of its own for each quasi-identifier
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Suppression:
    """People with some values withheld, how many in each quasi-identifier, and those who could only be hidden by leaving them out."""

    people: pd.DataFrame
    withheld: Mapping[str, int]
    left_out: tuple[object, ...]


def suppress_values(people: pd.DataFrame, quasi: Sequence[str], k: int) -> Suppression:
    """Withhold values of people at risk until nobody is; who cannot be hidden so is left out.

    First one value a person is tried, then two, then three: each time the quasi-identifiers that hide the most people, for those
    whom they hide. Whole classes move together, so that no class that was large enough loses anybody. Whoever is still at risk
    loses one quasi-identifier after the other. Neither the order of rows nor the names of values play a part.
    """
    codes = value_codes(people, quasi)
    for size in range(1, min(SEARCHED_TOGETHER, len(quasi)) + 1):
        while _withhold_together(codes, size, k):
            pass
    _withhold_in_turn(codes, k)
    frame = people.astype(dict.fromkeys(quasi, object))
    for name, values in codes.items():
        frame.loc[values == WITHHELD, name] = PROTECTED
    alone = _sizes(codes) < k if quasi else np.full(len(people), len(people) < k)
    hidden = frame[~alone]
    withheld = {name: count for name in quasi if (count := int((hidden[name] == PROTECTED).sum()))}
    return Suppression(hidden, withheld, tuple(frame.index[alone]))


def _sizes(codes: Mapping[str, Codes]) -> Codes:
    columns = list(codes.values())
    return sizes_of(columns, len(columns[0]) if columns else 0)


def _withhold_together(codes: dict[str, Codes], size: int, k: int) -> bool:
    """Withhold those of `size` quasi-identifiers that hide the most people at risk; say whether that hid anybody."""
    at_risk = _sizes(codes) < k
    best: tuple[int, tuple[str, ...], Mask] = (0, (), at_risk)
    for names in combinations(codes, size) if at_risk.any() else ():
        hidden = _hidden_by(codes, names, at_risk, k)
        if hidden.sum() > best[0]:
            best = (int(hidden.sum()), names, hidden)
    for name in best[1]:
        codes[name][best[2]] = WITHHELD
    return best[0] > 0


def _withhold_in_turn(codes: dict[str, Codes], k: int) -> None:
    left = list(codes)
    while left and (at_risk := _sizes(codes) < k).any():
        name = max(left, key=lambda each: (_hidden_by(codes, [each], at_risk, k).sum(), -left.index(each)))
        codes[name][at_risk] = WITHHELD
        left.remove(name)


def _hidden_by(codes: Mapping[str, Codes], names: Collection[str], at_risk: Mask, k: int) -> Mask:
    """Return which people at risk stand in large enough classes once some of their values are withheld."""
    # Only others with something withheld can come to stand in one class with them.
    around = at_risk | np.logical_or.reduce([values == WITHHELD for values in codes.values()])
    inside = at_risk[around]
    tried = {
        name: np.where(inside, WITHHELD, values[around]) if name in names else values[around] for name, values in codes.items()
    }
    hidden = np.zeros(len(at_risk), dtype=bool)
    hidden[around] = _sizes(tried) >= k
    return hidden & at_risk
