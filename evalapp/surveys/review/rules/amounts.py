"""Checks of amounts of money against the wave and against the person's earlier answers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import MANY, WaveFacts, as_number

ENOUGH_FOR_SPREAD = 20
NEAR = math.log(10)  # a slip of units brings an amount within ten times of what it should be


def outlier(facts: WaveFacts, key: int, *, variables: tuple[str, ...], z: float) -> Iterator[Doubt]:
    """Doubt a positive amount whose logarithm lies far from the wave's median, measured in robust spreads."""
    for variable in variables:
        amount = facts.amount(key, variable)
        middle, spread, count = facts.log_amounts(variable)
        if amount is None or amount <= 0 or count < ENOUGH_FOR_SPREAD or spread == 0:
            continue
        score = (math.log(amount) - middle) / spread
        if abs(score) > z:
            yield Doubt(variable, {"value": f"{amount:,.0f}", "z": round(score, 1)})


def units_slip(facts: WaveFacts, key: int, *, variables: tuple[str, ...], factor: float) -> Iterator[Doubt]:
    """Doubt an amount that fits only when multiplied or divided by a factor of units.

    It is held against the person's earlier amount, else against the median of the wave.
    """
    for variable in variables:
        amount, usual = facts.amount(key, variable), _usual(facts, key, variable)
        if not amount or usual is None:
            continue
        apart = math.log(abs(amount)) - usual
        if abs(abs(apart) - math.log(factor)) < NEAR:
            yield Doubt(variable, {"value": f"{amount:,.0f}"})


def _usual(facts: WaveFacts, key: int, variable: str) -> float | None:
    earlier = as_number(facts.earlier.get(facts.lines[key].person, {}).get(variable, ""))
    if earlier:
        return math.log(abs(earlier))
    middle, _spread, count = facts.log_amounts(variable)
    return middle if count >= MANY else None
