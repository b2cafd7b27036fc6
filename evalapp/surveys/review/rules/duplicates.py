"""Checks for the same answers, or the same firm, under two people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import WaveFacts

ROWS_AT_ONCE = 512  # compared with all others: some megabytes for a wave of thousands


class Nearest(NamedTuple):
    """The submission that agrees with another in the largest share of what both answered."""

    alike_share: float
    other: int


def duplicate_answers(facts: WaveFacts, key: int, *, share: float, answers: int) -> Iterator[Doubt]:
    """Doubt a submission that agrees with another of the wave in a share of the answers that both gave."""
    nearest = facts.once(("nearest", answers), lambda: find_nearest(facts, answers)).get(key)
    if nearest and nearest.alike_share >= share:
        yield Doubt(facts={"percent": round(100 * nearest.alike_share), "other": nearest.other})


def find_nearest(facts: WaveFacts, answers: int) -> Mapping[int, Nearest]:
    """Return the nearest other submission of each that is checked, among those with so many answers in common.

    Every pair is looked at, but as products of matrices: one that counts what both answered, one that counts what is the same.
    """
    rows, table = facts.codes
    wanted = [key for key in facts.keys if key in rows]
    if not wanted:
        return {}
    answered = (table != 0).astype(np.float32)
    given = _given(table)
    found: dict[int, Nearest] = {}
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        keys = wanted[start : start + ROWS_AT_ONCE]
        here = [rows[key] for key in keys]
        both = answered[here] @ answered.T
        same = (given[here] @ given.T).toarray()
        alike = np.divide(same, both, out=np.zeros_like(both), where=both >= answers)
        alike[range(len(here)), here] = 0
        nearest = alike.argmax(axis=1)
        found |= {
            key: Nearest(float(alike[at, other]), facts.counting[other])
            for at, (key, other) in enumerate(zip(keys, nearest, strict=True))
        }
    return found


def _given(table: np.ndarray) -> csr_array:
    """Return a column for every answer to a question that two people or more gave, 1 where it was given."""
    places, width = [], 0
    for answers in table.T:
        names, numbers, counts = np.unique(answers, return_inverse=True, return_counts=True)
        shared = (names != 0) & (counts > 1)
        places.append(np.where(shared, np.cumsum(shared) - 1 + width, -1)[numbers])
        width += int(shared.sum())
    place = np.array(places, dtype=np.int64).reshape(-1, len(table)).T
    is_shared = place >= 0
    ones = np.ones(int(is_shared.sum()), dtype=np.float32)
    return csr_array((ones, (np.nonzero(is_shared)[0], place[is_shared])), shape=(len(table), width))


def duplicate_registration_number(facts: WaveFacts, key: int) -> Iterator[Doubt]:
    """Doubt a submission of someone whose enterprise has the registration number of another person's."""
    others = facts.twins.get(facts.lines[key].person, 0)
    if others:
        yield Doubt(facts={"others": others})
