"""What a joint test of pre-treatment effects could have seen: an absence of evidence is none of a drift that matters."""

from __future__ import annotations

import numpy as np
from scipy import special

POWER = 0.8


def detectable_noncentrality(q: int, denominator: float, alpha: float) -> float:
    """Noncentrality at which an F(q, denominator) test of size alpha (chi-squared where it is infinite) rejects with 80 % power."""
    endless = np.isinf(denominator)
    critical = special.chdtri(q, alpha) if endless else special.fdtri(q, denominator, 1 - alpha)

    def rejects(noncentrality: float) -> float:
        if endless:
            return float(1 - special.chndtr(critical, q, noncentrality))
        return float(1 - special.ncfdtr(q, denominator, noncentrality, float(critical)))

    low, high = 0.0, 4.0
    while rejects(high) < POWER and high < 1e6:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rejects(middle) < POWER else (low, middle)
    return high
