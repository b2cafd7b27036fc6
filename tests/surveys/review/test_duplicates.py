"""Duplicates are found in one go for a whole wave, and are those that pairs compared one by one would show."""

from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from evalapp.surveys.review.rules.duplicates import ROWS_AT_ONCE, find_nearest

MANY = ROWS_AT_ONCE + 90  # more than one block
QUESTIONS, CHOICES, LEAST = 30, 4, 20
LARGE, SECONDS = 4_000, 20  # half a second measured; pairs one by one took thirty


def facts(table, keys=None):
    counting = tuple(range(100, 100 + len(table)))
    rows = {key: row for row, key in enumerate(counting)}
    return SimpleNamespace(keys=keys or counting, counting=counting, codes=(rows, table))


def answers(rows, seed):
    """Answers at random, some left out, with a few forms copied but for an answer."""
    draw = np.random.default_rng(seed)
    table = draw.integers(1, CHOICES + 1, (rows, QUESTIONS)).astype(np.int32)
    table[draw.random(table.shape) < 0.2] = 0
    for copy in range(0, rows // 2, 7):
        table[rows - 1 - copy] = table[copy]
        table[rows - 1 - copy, copy % QUESTIONS] = CHOICES + 1
    return table


def one_by_one(table, row):
    own = table[row]
    both = ((table != 0) & (own != 0)).sum(axis=1)
    same = ((table == own) & (own != 0)).sum(axis=1)
    alike = np.divide(same, both, out=np.zeros(len(table)), where=both >= LEAST)
    alike[row] = 0
    return alike.max()


@pytest.mark.parametrize("seed", range(3))
def test_the_nearest_is_as_near_as_any(seed):
    table = answers(MANY, seed)
    found = find_nearest(facts(table), LEAST)
    for row in range(MANY):
        assert found[100 + row].alike_share == pytest.approx(one_by_one(table, row), abs=1e-6)  # single precision
        other = found[100 + row].other - 100
        assert other != row or found[100 + row].alike_share == 0


def test_only_those_asked_about_are_compared_and_nobody_with_nobody():
    table = answers(50, 1)
    assert set(find_nearest(facts(table, (101, 140)), LEAST)) == {101, 140}
    assert find_nearest(facts(np.zeros((0, 0), dtype=np.int32)), LEAST) == {}
    assert find_nearest(facts(np.zeros((1, 3), dtype=np.int32)), LEAST)[100].alike_share == 0


def test_thousands_of_submissions_are_compared_in_moments():
    table = answers(LARGE, 2)
    begun = time.perf_counter()
    find_nearest(facts(table), LEAST)
    assert time.perf_counter() - begun < SECONDS
