"""Checks for the same answers, or the same firm, under two people."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import WaveFacts


def duplicate_answers(facts: WaveFacts, key: int, *, share: float, answers: int) -> Iterator[Doubt]:
    """Doubt a submission that agrees with another of the wave in a share of the answers that both gave."""
    rows, table = facts.codes
    if key not in rows:
        return
    own = table[rows[key]]
    both = np.count_nonzero((table != 0) & (own != 0), axis=1)
    same = np.count_nonzero((table == own) & (own != 0), axis=1)
    alike = np.divide(same, both, out=np.zeros(len(table)), where=both >= answers)
    alike[rows[key]] = 0
    nearest = int(alike.argmax())
    if alike[nearest] >= share:
        yield Doubt(facts={"percent": round(100 * float(alike[nearest])), "other": facts.counting[nearest]})


def duplicate_registration_number(facts: WaveFacts, key: int) -> Iterator[Doubt]:
    """Doubt a submission of someone whose enterprise has the registration number of another person's."""
    others = facts.twins.get(facts.lines[key].person, 0)
    if others:
        yield Doubt(facts={"others": others})
