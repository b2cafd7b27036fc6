"""Forms made elsewhere are filled in as JavaRosa fills them in, or every reason why not is named at its cell."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from evalapp.xform import Form, Instance, RefusedForm, asked, draft_json, read_draft, read_form, submission_xml
from tests.xform.oracle import Oracle, reason_to_skip
from tests.xform.others import NAMES, TABLES, completed, original
from tests.xform.pair import Pair
from tests.xform.test_oracle import fill

NOON = dt.datetime(2026, 9, 1, 3, tzinfo=dt.UTC)
SEEDS, STEPS = range(2), 25
# Why a form is refused: the sheets, rows and columns that are named.
REFUSED = {
    "loop.xls": {("survey", 3, "type")},
    "or_other.xlsx": {("survey", 3, "choice_filter")},
    "search_and_select.xlsx": {("survey", 2, "appearance")},
    "select_one_external.xlsx": {("survey", 3, "type"), ("survey", 4, "type")},
    "table-list.xls": {("survey", 1, "constraint-msg"), ("choices", 23, "label"), ("choices", 24, "label")},
    "widgets.xls": {
        ("survey", 13, "type"), ("survey", 14, "type"), ("survey", 15, "type"), ("choices", 23, "label"), ("choices", 24, "label"),
    },
    "xl_date_ambiguous.xlsx": {("survey", 5, "choice_filter"), ("settings", 2, "instance_name")},
}  # fmt: skip
TAKEN = tuple(name for name in NAMES if name not in REFUSED)


@pytest.mark.parametrize("name", NAMES)
def test_a_form_as_it_was_published_lacks_its_version_or_is_taken(name):
    try:
        read_form(original(name), TABLES)
    except RefusedForm as refused:
        faults = [fault for fault in refused.faults if fault.severity == "error"]
        assert all(fault.sheet and fault.row for fault in faults)
        assert ("settings", "version") in [(fault.sheet, fault.column) for fault in faults]


@pytest.mark.parametrize("name", REFUSED)
def test_a_form_that_cannot_be_asked_names_every_reason_at_its_cell(name):
    with pytest.raises(RefusedForm) as refused:
        read_form(completed(name), TABLES)
    assert {(f.sheet, f.row, f.column) for f in refused.value.faults if f.severity == "error"} == REFUSED[name]
    assert not [f for f in refused.value.faults if f.severity == "error" and "compiler says" in f.text]


@pytest.mark.parametrize("name", TAKEN)
def test_a_form_that_can_be_asked_is_begun_kept_and_sent(name):
    form = Form(read_form(completed(name), TABLES).model)
    instance = Instance.start(form, lambda: NOON)
    assert asked(instance)
    assert not instance.errors
    again = read_draft(form, draft_json(instance), lambda: NOON)
    assert submission_xml(again) == submission_xml(instance)


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    made = Oracle(tmp_path_factory.mktemp("javarosa"))
    yield made
    made.close()


@pytest.mark.skipif(reason_to_skip() is not None, reason=f"no oracle: {reason_to_skip()}")
@pytest.mark.parametrize("name", [name for name in TAKEN if name != "pull_data.xlsx"])  # pulldata() is Collect's, not JavaRosa's
def test_a_form_is_filled_in_as_javarosa_fills_it_in(name, oracle, tmp_path):
    read = read_form(completed(name), TABLES)
    path = tmp_path / "form.xml"
    path.write_text(read.xform, encoding="utf-8")
    form = Form(read.model)
    for seed in SEEDS:
        pair = Pair(form, path, oracle)
        fill(pair, random.Random(f"{seed}{name}"), STEPS)  # noqa: S311 - draws answers
        assert pair.differences == []
        assert pair.compared > STEPS


@pytest.mark.skipif(reason_to_skip() is not None, reason=f"no oracle: {reason_to_skip()}")
def test_choices_from_a_table_are_those_of_javarosa(oracle, tmp_path):
    from tests.xform.sheets import packed, read_here

    survey = (
        "| type | name | label | choice_filter | parameters |\n"
        "| select_one_from_file towns.csv | town | Town | | |\n"
        "| select_multiple_from_file shops.csv | shop | Shop | town = ${town} | value=code label=words |"
    )
    tables = {
        "towns.csv": "name,label\nseoul,서울\nbusan,부산\n".encode("utf-8-sig"),
        "shops.csv": 'code;words;town\na;가;seoul\nb;"나, 다";seoul\nc;라;busan\n'.encode(),
    }
    read = read_here(packed(survey), tables)
    for file, content in tables.items():
        (tmp_path / file).write_bytes(content)
    (tmp_path / "form.xml").write_text(read.xform, encoding="utf-8")
    pair = Pair(Form(read.model), tmp_path / "form.xml", oracle)
    for town, shops in (("seoul", ["a", "b"]), ("busan", ["c"]), ("", [])):
        pair.set("/data/town", town)
        pair.compare_choices()
        assert [choice.name for choice in pair.ours.choices(pair.ours.at("/data/shop"))] == shops
    assert pair.differences == []
