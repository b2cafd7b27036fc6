"""Single cells: moments in many spellings, codes of missing answers, choices by name and by label."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.core.cells import BadCell
from evalapp.core.errors import AppError
from evalapp.surveys.imports.reading.file_mapping import FileMapping, mapping_from_json, mapping_to_json
from evalapp.surveys.imports.reading.form_variables import form_variables
from evalapp.surveys.imports.reading.match_columns import Target, find_target
from evalapp.surveys.imports.reading.missing_kinds import read_codes, written_codes
from evalapp.surveys.imports.reading.read_cells import CellReader
from evalapp.surveys.imports.reading.read_moments import read_date, read_moment, read_time
from evalapp.surveys.imports.reading.review_states import OF_TOOLS, state_of_tool, tool_state
from tests.surveys.imports.conftest import EVERYTHING, WAYS, question

VARIABLES = form_variables(EVERYTHING)


@pytest.mark.parametrize(
    "cell",
    ["2026-03-05", "2026.3.5", "2026. 3. 5.", "2026/03/05", "2026년 3월 5일", "Mar 5, 2026", "March 5 2026", "5-Mar-2026", "05/03/2026",
     "2026-03-05T09:30:00.000+09:00", "Mar 5, 2026 3:04:05 PM"],
)  # fmt: skip
def test_one_day_in_many_spellings(cell):
    assert read_date(cell, "dmy") == dt.date(2026, 3, 5)


@pytest.mark.parametrize("cell", ["03/04/2026", "2026-02-30", "1026-01-01", "Foo 5, 2026", "5/13/13", "20260305", "2026-03-05x"])
def test_what_is_no_day_for_sure(cell):
    with pytest.raises(BadCell):
        read_date(cell)


@pytest.mark.parametrize(
    ("cell", "hour"),
    [("2026-03-05T00:30:00Z", 0), ("2026-03-05 09:30", 0), ("2026-03-05T09:30:00+09:00", 0), ("2026-03-05T00:30:00-00:00", 0),
     ("2026. 3. 5. 오후 9:30", 12), ("Mar 5, 2026 12:30:00 AM", -9), ("Mar 5, 2026 12:30:00 PM", 3)],
)  # fmt: skip
def test_one_moment_in_many_spellings(cell, hour):
    moment = dt.datetime(2026, 3, 5, 0, 30, tzinfo=dt.UTC) + dt.timedelta(hours=hour)
    assert read_moment(cell) == moment


def test_a_time_of_day_is_that_of_seoul():
    assert read_time("9:30 PM").isoformat() == "21:30:00+09:00"
    for wrong in ("25:00", "morning"):
        with pytest.raises(BadCell):
            read_time(wrong)


@pytest.mark.parametrize(
    ("asked", "cell", "read"),
    [
        (question("q", "integer", minimum=0), "-99", ".d"),
        (question("q", "integer"), "-99", "-99"),
        (question("q", "integer", minimum=0), ".s", ".s"),
        (question("q", "select_multiple", WAYS), "-88", ".r"),
        (question("q", "text"), "-99", "-99"),
        (question("q", "text"), "'=1", "=1"),
        (question("q", "select_multiple", WAYS), "other sales", "sales other"),
        (question("q", "rank", WAYS), "other sales", "other sales"),
        (question("q", "dateTime"), "2026-03-05T00:30:00Z", "2026-03-05T09:30:00.000+09:00"),
        (question("q", "time"), "09:30", "09:30:00.000+09:00"),
    ],
)
def test_cells_are_read_as_the_form_means_them(asked, cell, read):
    assert CellReader(asked, FileMapping()).read(cell).text == read


def test_a_label_of_two_choices_is_refused_with_their_names():
    asked = question("q", "select_one", (("a", "같음", "Same"), ("b", "같음", "Other")))
    reader = CellReader(asked, FileMapping(choices="labels"))
    with pytest.raises(BadCell) as bad:
        reader.read("같음")
    assert "a, b" in str(bad.value.message)
    assert reader.read("Other").text == "b"


def test_a_name_of_the_form_goes_before_a_choice_of_the_same_name():
    questions = (*EVERYTHING.questions, question("ways_sales", "text"))
    variables = form_variables(type(EVERYTHING)("f", "1", {}, questions))
    assert find_target("ways_sales", "surveycto", variables) == Target("ways_sales")
    assert find_target("ways_cost", "surveycto", variables) == Target("ways", "", "cost")


@pytest.mark.parametrize(
    ("name", "source", "target"),
    [
        ("g/h/profit", "kobo", Target("profit")),
        ("g-profit", "odk", Target("profit")),
        ("g-ways/sales", "odk", Target("ways", "", "sales")),
        ("price_2", "surveycto", Target("price", "trade[2]")),
        ("kinds_cost_2", "surveycto", Target("kinds", "trade[2]", "cost")),
        ("ways__sales", "plain", Target("ways", "", "sales")),
        ("a_name_of_a_variable_longer_than", "plain", Target("a_name_of_a_variable_longer_than_any")),
        ("price", "kobo", None), ("price_2_1", "surveycto", None), ("ways_never", "surveycto", None),
    ],
)  # fmt: skip
def test_columns_are_found_in_the_way_of_each_tool(name, source, target):
    assert find_target(name, source, VARIABLES) == target


def test_rounds_of_groups_in_each_other_have_two_numbers():
    variables = form_variables(EVERYTHING, {"price": ("trade", "good")})
    assert find_target("price_2_3", "surveycto", variables) == Target("price", "trade[2]/good[3]")


def test_codes_and_mappings_come_back_as_they_were():
    codes = {"-99": ".d", ".a": ".r"}
    assert read_codes(written_codes(codes)) == codes
    mapping = FileMapping("id", {"a": "profit", "b": ""}, missing=codes, date_order="dmy", states=False)
    assert mapping_from_json(mapping_to_json(mapping)) == mapping
    for wrong in ("-99", "-99 = .x", "x = .d"):
        with pytest.raises(AppError):
            read_codes(wrong)


@pytest.mark.parametrize("source", list(OF_TOOLS))
def test_review_states_go_out_and_come_back(source):
    for state in OF_TOOLS[source]:
        assert state_of_tool(tool_state(source, state)) == state
    assert tool_state(source, "received") == ""
    assert state_of_tool("something new") is None
