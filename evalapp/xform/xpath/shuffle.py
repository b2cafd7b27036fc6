"""The order that a seed gives to choices: the same here as in ODK Collect and Enketo (Park–Miller, Fisher–Yates inside out)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from typing import TypeVar

from evalapp.xform.xpath.values import Result, number, text

T = TypeVar("T")
MODULUS = 2**31 - 1
MULTIPLIER = 16807


def seed_of(result: Result) -> int:
    """Return a seed: a number as it is, other text by its SHA-256."""
    value = number(result)
    if math.isnan(value):
        words = text(result).encode()
        return int.from_bytes(hashlib.sha256(words).digest()[:8], "big", signed=True) if words else 0
    return int(max(min(value, 2**63 - 1), -(2**63)))


def shuffled(things: Sequence[T], seed: int) -> list[T]:
    """Return the things in the order of the seed."""
    # Java's remainder keeps the sign of the dividend, and a state of zero or less is moved into the range.
    state = int(abs(float(seed)) % MODULUS) * (1 if seed >= 0 else -1)
    if state <= 0:
        state += MODULUS - 1
    mixed: list[T] = []
    for at, thing in enumerate(things):
        state = state * MULTIPLIER % MODULUS
        place = int((state - 1) / (MODULUS - 1) * (at + 1))
        mixed.append(thing)
        mixed[at], mixed[place] = mixed[place], thing
    return mixed
