from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evalapp.reports.disclosure import INSIDE, OUTSIDE, hidden_parts, is_small, is_small_share

PARTS = st.dictionaries(st.text(min_size=1), st.integers(0, 30), min_size=1, max_size=8)


def test_counts_under_the_threshold_are_small_and_zero_is_not():
    assert [is_small(n, INSIDE) for n in (None, 0, 1, 4, 5)] == [False, False, True, True, False]
    assert is_small(9, OUTSIDE)


def test_a_share_is_small_when_few_have_the_property_or_few_lack_it():
    assert is_small_share(0.03, 100, INSIDE)
    assert is_small_share(0.97, 100, INSIDE)
    assert not is_small_share(0.5, 100, INSIDE)
    assert not is_small_share(None, 100, INSIDE)


def test_one_hidden_part_takes_the_smallest_other_with_it():
    assert hidden_parts({"a": 3, "b": 12, "c": 9}, INSIDE) == {"a", "c"}


def test_two_hidden_parts_protect_each_other():
    assert hidden_parts({"a": 3, "b": 12, "c": 2}, INSIDE) == {"a", "c"}


def test_nothing_is_hidden_where_nothing_is_small():
    assert hidden_parts({"a": 30, "b": 12}, INSIDE) == frozenset()


@given(PARTS)
def test_no_hidden_part_can_be_worked_out_from_the_total(counts):
    hidden = hidden_parts(counts, INSIDE)
    others_with_people = [name for name, count in counts.items() if name not in hidden and count]
    assert len(hidden) != 1 or not others_with_people


@given(PARTS)
def test_every_small_part_is_hidden(counts):
    assert {name for name, count in counts.items() if is_small(count, INSIDE)} <= hidden_parts(counts, INSIDE)
