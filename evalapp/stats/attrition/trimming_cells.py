"""Cells of people alike before assignment: who answered in each arm, what trimming leaves, and each person's part in a bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import fisher_exact

from evalapp.stats.attrition.trimmed_mean import NO_SHARE, TrimmedMean, trimmed_mean
from evalapp.stats.warnings import Caution

MIN_ANSWERS = 5
IMPLAUSIBLE = 0.05


@dataclass(frozen=True)
class RespondingArms:
    """People: y (n,) with NaN where not answered; treated, answered (n,) 0/1; cell (n,) position in labels; clusters (n,) codes."""

    y: NDArray[np.float64]
    treated: NDArray[np.float64]
    answered: NDArray[np.float64]
    cell: NDArray[np.int64]
    labels: tuple[str, ...]
    clusters: NDArray[np.int64]
    clustered: bool

    def answering(self, arm: int) -> NDArray[np.bool_]:
        """Mark the people of an arm who answered."""
        marked: NDArray[np.bool_] = (self.treated == arm) & (self.answered == 1)
        return marked


@dataclass(frozen=True)
class TrimmedCell:
    """One cell.

    n, rates: (2,) people and response rate, control first; low: the arm that responds less (0 or 1; 0 when equal); share: trimmed of
    the other arm's answers; smallest_set_aside, largest_set_aside: its trimmed means; low_mean: the mean of the arm that is kept
    whole; always: estimated share of everyone who is in the cell and would answer in either arm.
    """

    label: str
    n: NDArray[np.int64]
    rates: NDArray[np.float64]
    low: int
    share: float
    smallest_set_aside: TrimmedMean
    largest_set_aside: TrimmedMean
    low_mean: float
    always: float

    @property
    def sign(self) -> int:
        """1 when the treated are trimmed, -1 when the controls are."""
        return 1 if self.low == 0 else -1

    def trimmed(self, side: str) -> TrimmedMean:
        """Choose the trimmed mean behind a bound: the lower one sets the treated's largest aside, or the controls' smallest."""
        return self.largest_set_aside if (side == "lower") == (self.sign == 1) else self.smallest_set_aside

    @property
    def lower(self) -> float:
        """Smallest effect in the cell."""
        return self.sign * (self.trimmed("lower").mean - self.low_mean)

    @property
    def upper(self) -> float:
        """Largest effect in the cell."""
        return self.sign * (self.trimmed("upper").mean - self.low_mean)


def trim_cell(arms: RespondingArms, code: int) -> TrimmedCell:
    """Trim the arm of the cell that answered more."""
    here = arms.cell == code
    n = np.array([(here & (arms.treated == arm)).sum() for arm in (0, 1)])
    counts = np.array([(here & arms.answering(arm)).sum() for arm in (0, 1)])
    rates = counts / n
    low = int(rates[1] < rates[0])
    share = 1 - counts[low] * n[1 - low] / (n[low] * counts[1 - low])
    share = float(share) if share > NO_SHARE else 0.0
    surplus = arms.y[here & arms.answering(1 - low)]
    return TrimmedCell(
        label=arms.labels[code],
        n=n,
        rates=rates,
        low=low,
        share=share,
        smallest_set_aside=trimmed_mean(surplus, share, keep_largest=True),
        largest_set_aside=trimmed_mean(surplus, share, keep_largest=False),
        low_mean=float(arms.y[here & arms.answering(low)].mean()),
        always=float(counts[low] / (arms.treated == low).sum()),
    )


def bound_influence(arms: RespondingArms, cells: list[TrimmedCell], side: str) -> NDArray[np.float64]:
    """Return each person's influence (n,) on a bound; their squares sum to its variance."""
    total = sum(cell.always for cell in cells)
    influence, bound = np.zeros(len(arms.y)), np.zeros(len(arms.y))
    counted = np.zeros(len(arms.y), dtype=bool)
    for code, cell in enumerate(cells):
        here, trimmed, weight = arms.cell == code, cell.trimmed(side), cell.always / total
        kept_whole, surplus = here & arms.answering(cell.low), here & arms.answering(1 - cell.low)
        influence[surplus] += weight * cell.sign * trimmed.influence(arms.y[surplus], cell.share) / surplus.sum()
        for arm in (0, 1):
            own = here & (arms.treated == arm)
            to_share = (1 - cell.share) * (1 if arm != cell.low else -1) / (cell.rates[arm] * own.sum())
            rate = arms.answered[own] - cell.rates[arm]
            influence[own] += weight * cell.sign * trimmed.slope(cell.share) * to_share * rate
        bound[kept_whole] = cell.sign * (trimmed.mean - arms.y[kept_whole])
        counted |= kept_whole
    return influence + always_answering_influence(arms, bound, counted, total)


def always_answering_influence(
    arms: RespondingArms, bound: NDArray[np.float64], counted: NDArray[np.bool_], total: float
) -> NDArray[np.float64]:
    """Influence of the arms kept whole: on their mean, and on how much each cell counts."""
    size = np.where(arms.treated == 1, (arms.treated == 1).sum(), (arms.treated == 0).sum())
    mean = (bound / size)[counted].sum() / total
    influence: NDArray[np.float64] = np.where(counted, (bound - mean) / (size * total), 0)
    if len(np.unique(arms.treated[counted])) == 2:
        # Each arm's part has a mean of its own when cells differ in the arm kept whole; assignment fixes how many it has.
        influence -= np.where(arms.treated == 1, influence[arms.treated == 1].mean(), influence[arms.treated == 0].mean())
    influence *= np.sqrt(counted.sum() / (counted.sum() - 1))
    return influence


def merge_small_cells(cell: NDArray[np.int64], counts: NDArray[np.int64], labels: list[str]) -> tuple[NDArray[np.int64], list[str]]:
    """Put cells with fewer than five answers in an arm (counts: (cells, 2)) together."""
    small = counts.min(axis=1) < MIN_ANSWERS
    if not small.any() or len(labels) == 1:
        return cell, labels
    if counts[small].sum(axis=0).min() < MIN_ANSWERS and not small.all():
        # Together still too few: the smallest of the other cells joins them.
        small[np.argmin(np.where(small, np.iinfo(np.int64).max, counts.min(axis=1)))] = True
    positions = np.where(small, (~small).sum(), np.cumsum(~small) - 1)
    kept = [label for label, rare in zip(labels, small, strict=True) if not rare]
    return positions[cell], [*kept, "others" if kept else "everyone"]


def direction_cautions(cells: list[TrimmedCell]) -> list[Caution]:
    """Say when response differs in different directions, by chance or by more than chance."""
    signs = np.array([np.sign(cell.rates[1] - cell.rates[0]) for cell in cells])
    if signs.min() * signs.max() >= 0:
        return [Caution("equal_response")] if (signs == 0).all() else []
    reversed_cells = int(min((signs > 0).sum(), (signs < 0).sum()))
    p_value = opposite_directions(cells, signs)
    if p_value < IMPLAUSIBLE:
        return [Caution("monotonicity_implausible", {"p_value": p_value})]
    return [Caution("response_direction_differs", {"reversed": reversed_cells, "cells": len(cells)})]


def opposite_directions(cells: list[TrimmedCell], signs: NDArray[np.float64]) -> float:
    """Test that all differences go one way: the larger, over both ways, of the smallest p times the number of cells."""
    p_values = np.array([exact_difference(cell) for cell in cells]) * len(cells)
    return float(min(1.0, max(p_values[signs > 0].min(), p_values[signs < 0].min())))


def exact_difference(cell: TrimmedCell) -> float:
    """Fisher's exact test that the cell's arms respond alike."""
    answered = np.rint(cell.n * cell.rates).astype(int)
    return float(fisher_exact(np.array([answered, cell.n - answered]))[1])


def cell_table(cells: list[TrimmedCell]) -> pd.DataFrame:
    """One row per cell."""
    total = sum(cell.always for cell in cells)
    return pd.DataFrame(
        [
            {
                "cell": cell.label,
                "n_control": cell.n[0],
                "n_treated": cell.n[1],
                "share_control": cell.rates[0],
                "share_treated": cell.rates[1],
                "trimmed_arm": ("treated" if cell.low == 0 else "control") if cell.share else "none",
                "trimmed_share": cell.share,
                "weight": cell.always / total,
                "lower": cell.lower,
                "upper": cell.upper,
            }
            for cell in cells
        ]
    )
