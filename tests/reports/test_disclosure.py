from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evalapp.reports.disclosure import INSIDE, OUTSIDE, hidden_cells, hidden_parts, is_small, is_small_share

TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 30), min_size=width, max_size=width), min_size=2, max_size=8)
)


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
    assert hidden_cells([[10, 20], [30, 40]], INSIDE) == frozenset()


@given(TABLES)
def test_no_hidden_cell_can_be_worked_out_from_a_row_or_column_total(counts):
    hidden = hidden_cells(counts, INSIDE)
    lines = [[(i, j) for j in range(len(counts[0]))] for i in range(len(counts))]
    lines += [[(i, j) for i in range(len(counts))] for j in range(len(counts[0]))]
    for line in lines:
        gone = [cell for cell in line if cell in hidden]
        others_with_people = [cell for cell in line if cell not in hidden and counts[cell[0]][cell[1]]]
        assert len(gone) != 1 or not others_with_people


@given(TABLES)
def test_every_small_cell_is_hidden(counts):
    small = {(i, j) for i, row in enumerate(counts) for j, count in enumerate(row) if is_small(count, INSIDE)}
    assert small <= hidden_cells(counts, INSIDE)
