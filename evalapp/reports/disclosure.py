"""Which descriptive cells are too small to print, so that no reader learns about a single person from a table.

The rules are those that statistical offices and research data centres apply by default: no cell resting on fewer people than a
threshold (5 inside the team, 10 outside), a second cell hidden where a printed total would give the first away, no smallest and
largest values. Counts of participation (who was asked, who answered) are printed in full: readers of an evaluation need them to
judge it, and they say nothing about anyone's life or firm.
"""

from __future__ import annotations

from collections.abc import Mapping

INSIDE = 5
OUTSIDE = 10


def is_small(count: float | None, threshold: int) -> bool:
    """Say whether a count is above zero and below the threshold."""
    return count is not None and 0 < count < threshold


def is_small_share(share: float | None, n: int | None, threshold: int) -> bool:
    """Say whether a share of `n` people rests on too few who have the property, or on too few who lack it."""
    if share is None or n is None:
        return False
    having = round(share * n)
    return is_small(having, threshold) or is_small(n - having, threshold)


def hidden_parts(counts: Mapping[str, float | None], threshold: int) -> frozenset[str]:
    """Return the parts of a printed total to hide: the small ones and, where that is one only, the smallest of the others."""
    small = {name for name, count in counts.items() if is_small(count, threshold)}
    others = {name: count for name, count in counts.items() if name not in small and count}
    if len(small) == 1 and others:
        small.add(min(others, key=lambda name: others[name] or 0))
    return frozenset(small)
