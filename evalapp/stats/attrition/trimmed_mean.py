"""The mean that is left when a share of the answers is set aside at one end, and what each person does to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# A share below this is rounding in the difference of two response rates.
NO_SHARE = 1e-12


@dataclass(frozen=True)
class TrimmedMean:
    """The mean of answers y (m,) after trimming.

    mean, threshold: in outcome units; kept: (m,) share of each answer that stays, between 0 and 1 only at the threshold.
    """

    mean: float
    threshold: float
    kept: NDArray[np.float64]

    def influence(self, y: NDArray[np.float64], share: float) -> NDArray[np.float64]:
        """Return each answer's influence (m,) on the mean, the share trimmed taken as known."""
        spread = self.kept * (y - self.mean) - (self.threshold - self.mean) * (self.kept - (1 - share))
        return spread / (1 - share)

    def slope(self, share: float) -> float:
        """Return the derivative of the mean with respect to the share trimmed."""
        return -(self.threshold - self.mean) / (1 - share)


def trimmed_mean(y: NDArray[np.float64], share: float, *, keep_largest: bool) -> TrimmedMean:
    """Set aside `share` of the answers, the smallest or the largest, the one at the threshold in part; equal answers alike."""
    sign = 1.0 if keep_largest else -1.0
    values, inverse, counts = np.unique(sign * y, return_inverse=True, return_counts=True)
    trimmed = share * len(y) if share > NO_SHARE else 0.0
    smaller = np.concatenate([[0], np.cumsum(counts)[:-1]])
    kept = 1 - np.clip((trimmed - smaller) / counts, 0, 1)
    kept = np.where(np.abs(kept - np.rint(kept)) < NO_SHARE * len(y), np.rint(kept), kept)
    first = int(np.argmax(kept > 0))
    # A cut between two values has any threshold between them; the middle is Stata's.
    threshold = values[first] if first == 0 or kept[first] < 1 else (values[first - 1] + values[first]) / 2
    weights = kept[inverse]
    return TrimmedMean(float(weights @ y / weights.sum()), float(sign * threshold), weights)
