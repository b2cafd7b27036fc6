"""A form is filled in: answers, rounds, conditions, choices, messages, drafts and submissions."""

from __future__ import annotations

import datetime as dt
import time
from xml.etree import ElementTree as ET

import pytest

from evalapp.xform import (
    BadAnswer,
    Form,
    FormError,
    Instance,
    asked,
    draft_json,
    model_from_json,
    model_to_json,
    read_draft,
    read_submission,
    submission_xml,
)
from tests.xform.every_type import every_type
from tests.xform.sheets import packed, read_here

NOON = dt.datetime(2026, 9, 1, 3, 0, tzinfo=dt.UTC)  # noon in Seoul
FULL_RECOMPUTE_SECONDS = 0.02  # about a millisecond on an idle machine; tests share theirs
SEED = "0c6c0d06-3c5e-4f5e-9d0e-3f0b8a1c2d3e"
KO, EN = "한국어 (ko)", "English (en)"
BILINGUAL = f"form_title,form_id,version,default_language,instance_name\nT,t,1,{KO},${{name}}\n"
SURVEY = f"""
| type | name | label::{KO} | label::{EN} | constraint | constraint_message::{KO} | constraint_message::{EN} | required | relevant | repeat_count | choice_filter |
| start | start |
| end | end |
| text | name | 이름 | Name | | | | yes |
| integer | age | ${{name}}의 나이 | Age of ${{name}} | . < 120 | 너무 많습니다 | Too old |
| select_one fruit | fruit | 과일 | Fruit | | | | | | | kind = 'a' or ${{age}} > 17 |
| begin_repeat | child | 아이 | Child | | | | | ${{age}} > 17 |
| text | first | 이름 | First | | | | yes |
| end_repeat |
| integer | rooms | 방 | Rooms |
| begin_repeat | room | 방 | Room | | | | | | ${{rooms}} |
| integer | area | 넓이 | Area |
| end_repeat |
"""  # noqa: E501 - a table
CHOICES = f"""
| list_name | name | label::{KO} | label::{EN} | kind |
| fruit | apple | 사과 | Apple | a |
| fruit | pear | 배 | Pear | b |
"""


@pytest.fixture(scope="module")
def form():
    return Form(model_from_json(model_to_json(read_here(packed(SURVEY, CHOICES, BILINGUAL)).model)))


@pytest.fixture
def instance(form):
    return Instance.start(form, lambda: NOON, seed=SEED)


def verdicts(instance):
    return {verdict.address: (verdict.kind, str(verdict)) for verdict in instance.verdicts()}


def test_what_is_missing_and_what_cannot_be_is_said_in_the_language_shown(instance):
    assert verdicts(instance) == {"/data/name": ("required", "Please answer this question.")}
    instance.set("/data/name", "김")
    instance.set("/data/age", "150")
    assert verdicts(instance)["/data/age"] == ("constraint", "너무 많습니다")
    instance.language = EN
    assert verdicts(instance)["/data/age"] == ("constraint", "Too old")


@pytest.mark.parametrize(("name", "text"), [("age", "abc"), ("age", "3.5"), ("age", "99999999999"), ("age", "1e3")])
def test_an_answer_of_the_wrong_kind_is_refused_and_the_old_one_kept(instance, name, text):
    instance.set(f"/data/{name}", "7")
    with pytest.raises(BadAnswer):
        instance.set(f"/data/{name}", text)
    assert instance.at(f"/data/{name}").value == 7


def test_choices_follow_their_filter_and_an_answer_filtered_away_is_named(instance):
    instance.set("/data/age", "18")
    instance.set("/data/fruit", "pear")
    assert [choice.label for choice in instance.choices(instance.at("/data/fruit"))] == ["사과", "배"]
    instance.set("/data/age", "17")
    assert [choice.name for choice in instance.choices(instance.at("/data/fruit"))] == ["apple"]
    assert verdicts(instance)["/data/fruit"][0] == "choice"


def test_only_what_is_asked_is_on_the_screen(instance):
    assert [each.address for top in asked(instance) for each in top.questions()] == [
        "/data/name",
        "/data/age",
        "/data/fruit",
        "/data/rooms",
    ]
    instance.set("/data/name", "김")
    instance.set("/data/age", "20")
    screen = asked(instance)
    assert screen[1].label == "김의 나이"
    repeat = next(each for each in screen if each.kind == "repeat" and each.control.path == "/data/child")
    assert (repeat.may_grow, repeat.address, [each.kind for each in repeat.children]) == (True, "/data/child", ["round"])
    instance.add_round(repeat.address)
    assert [each.address for each in asked(instance)[3].questions()] == ["/data/child/first", "/data/child[2]/first"]


def test_rounds_are_added_and_removed_up_to_fifty(instance):
    instance.set("/data/age", "20")
    for _ in range(49):
        instance.add_round("/data/child")
    with pytest.raises(FormError, match="cannot be more rounds"):
        instance.add_round("/data/child")
    instance.set("/data/child[50]/first", "last")
    instance.remove_round("/data/child[1]")
    assert instance.at("/data/child[49]/first").value == "last"
    with pytest.raises(FormError, match="nothing at"):
        instance.at("/data/child[50]")


def test_a_count_gives_rounds_keeps_what_was_answered_and_stops_at_fifty(instance):
    instance.set("/data/rooms", "2")
    instance.set("/data/room[2]/area", "30")
    instance.set("/data/rooms", "1")
    assert [each.address for each in instance.elements("/data/room") if each.live] == ["/data/room"]
    assert b"30" not in submission_xml(instance)
    instance.set("/data/rooms", "3")
    assert instance.at("/data/room[2]/area").value == 30
    with pytest.raises(FormError, match="cannot be more rounds"):
        instance.add_round("/data/room")
    instance.set("/data/rooms", "100000")
    assert len(instance.elements("/data/room")) == 50


def test_a_submission_leaves_out_what_is_not_asked_and_is_read_back(form, instance):
    instance.set("/data/name", "김")
    instance.set("/data/age", "20")
    instance.set("/data/child/first", "민")
    instance.set("/data/age", "7")
    instance.finish()
    root = ET.fromstring(submission_xml(instance))
    assert root.attrib == {"id": "t", "version": "1"}
    assert [child.tag for child in root] == ["start", "end", "name", "age", "fruit", "rooms", "meta"]
    assert root.findtext("end") == "2026-09-01T12:00:00.000+09:00"
    assert root.findtext("meta/instanceID") == f"uuid:{SEED}"
    assert root.findtext("meta/instanceName") == "김"
    again, faults = read_submission(form, submission_xml(instance), lambda: NOON)
    assert faults == []
    assert submission_xml(again) == submission_xml(instance)


def test_a_submission_of_another_version_says_what_has_no_place(form):
    content = b"<data id='t'><name>a</name><age>x</age><weight>3</weight></data>"
    instance, faults = read_submission(form, content, lambda: NOON)
    assert [fault.facts for fault in faults] == [{"text": "x", "address": "/data/age"}, {"address": "/data/weight"}]
    assert instance.at("/data/name").value == "a"
    for bad in (b"<other/>", b"<data", b'<!DOCTYPE x [<!ENTITY a "b">]><data>&a;</data>'):
        with pytest.raises(FormError):
            read_submission(form, bad, lambda: NOON)


def test_a_draft_goes_on_where_it_stopped_without_calculating_anew(form):
    every = Form(read_here(every_type()).model)
    instance = Instance.start(every, lambda: NOON, {"username": "kim"})
    for address, text in {
        "name": "lee",
        "age": "30",
        "born": "1996-02-03",
        "likes": "tea",
        "wake": "07:30",
        "income": "2.5",
        "rooms": "2",
    }.items():
        instance.set(f"/data/{address}", text)
    instance.set("/data/child/first", "민")
    instance.add_round("/data/child")
    instance.add_round("/data/child[2]/toy")
    later = read_draft(every, draft_json(instance), lambda: NOON + dt.timedelta(days=3))
    assert submission_xml(later) == submission_xml(instance)
    assert draft_json(later) == draft_json(instance)
    assert later.choices(later.at("/data/mixed")) == instance.choices(instance.at("/data/mixed"))
    with pytest.raises(FormError, match="begun with version 2026090101"):
        read_draft(form, draft_json(instance), lambda: NOON)


def test_nothing_depends_on_the_zone_of_the_clock(form):
    zones = [dt.UTC, dt.timezone(dt.timedelta(hours=-8)), dt.timezone(dt.timedelta(hours=9))]
    sent = {submission_xml(Instance.start(form, lambda zone=zone: NOON.astimezone(zone), seed=SEED)) for zone in zones}
    assert len(sent) == 1


def test_a_choice_is_named_in_the_language_shown():
    choices = CHOICES.strip()
    survey = (
        f"| type | name | label::{KO} | label::{EN} | calculation |\n"
        "| select_one fruit | f | 과일 | Fruit | |\n"
        f"| calculate | named | | | jr:choice-name(${{f}}, '${{f}}') |"
    )
    form = Form(
        read_here(
            packed(survey, choices, BILINGUAL.replace("${name}", "x'y").replace(",instance_name", "").replace(",x'y", ""))
        ).model
    )
    korean, english = Instance.start(form, lambda: NOON), Instance.start(form, lambda: NOON, language=EN)
    for instance in (korean, english):
        instance.set("/data/f", "apple")
    assert (korean.at("/data/named").value, english.at("/data/named").value) == ("사과", "Apple")
    read, _ = read_submission(form, submission_xml(english), lambda: NOON)
    assert read.at("/data/named").value == "Apple"


def test_a_trigger_sets_its_value_once_for_each_change():
    survey = (
        "| type | name | label | calculation | trigger |\n"
        "| text | a | A | | |\n"
        "| integer | times | T | coalesce(${times}, 0) + 1 | ${a} |"
    )
    instance = Instance.start(Form(read_here(packed(survey)).model), lambda: NOON)
    for text in ("x", "x", "y"):
        instance.set("/data/a", text)
    assert instance.at("/data/times").value == 2


def test_chance_is_kept_while_other_answers_change():
    survey = (
        "| type | name | label | calculation |\n"
        "| text | a | A | |\n"
        "| calculate | drawn | | random() |\n"
        "| calculate | arm | | once(if(random() < 0.5, 't', 'c')) |"
    )
    instance = Instance.start(Form(read_here(packed(survey)).model), lambda: NOON, seed=SEED)
    before = [instance.at(f"/data/{name}").value for name in ("drawn", "arm")]
    for text in "abcdef":
        instance.set("/data/a", text)
    assert [instance.at(f"/data/{name}").value for name in ("drawn", "arm")] == before
    same = Instance.start(instance.form, lambda: NOON, seed=SEED)
    assert [same.at(f"/data/{name}").value for name in ("drawn", "arm")] == before


def test_a_table_that_came_along_is_looked_up():
    survey = (
        "| type | name | label | calculation |\n"
        "| text | key | K | |\n"
        "| calculate | price | | pulldata('fruit', 'price', 'name', ${key}) |\n"
        "| select_one_from_file fruit.csv | pick | P | |"
    )
    instance = Instance.start(
        Form(read_here(packed(survey), {"fruit.csv": b"name,label,price\napple,Apple,3\npear,Pear,4\n"}).model), lambda: NOON
    )
    instance.set("/data/key", "pear")
    assert instance.at("/data/price").value == "4"
    assert [choice.label for choice in instance.choices(instance.at("/data/pick"))] == ["Apple", "Pear"]


def test_eighty_questions_are_worked_out_in_about_a_millisecond():
    rows = ["| type | name | label | relevant | constraint | calculation |", "| integer | q0 | Q | | | |"]
    for n in range(1, 80):
        kind = "calculate" if n % 3 == 0 else "integer"
        formula = f"coalesce(${{q{n - 1}}}, 0) + {n}" if kind == "calculate" else ""
        rows.append(f"| {kind} | q{n} | Q | ${{q{n - 1}}} != {n} or ${{q0}} = '' | | {formula} |")
    instance = Instance.start(Form(read_here(packed("\n".join(rows))).model), lambda: NOON)
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        instance.settle({}, fresh=instance.root)
        took.append(time.perf_counter() - begun)
    assert min(took) < FULL_RECOMPUTE_SECONDS


def test_a_fault_of_the_form_leaves_a_gap_and_the_respondent_goes_on():
    survey = (
        "| type | name | label | calculation | relevant | constraint |\n"
        "| text | a | A | | | |\n"
        "| calculate | day | | date(${a}) | | |\n"
        "| calculate | after | | concat(${day}, '!') | | |\n"
        "| text | b | B | | regex('x', ${a}) | |\n"
        "| text | c | C | | | regex(., ${a}) |"
    )
    instance = Instance.start(Form(read_here(packed(survey)).model), lambda: NOON)
    instance.set("/data/a", "((")
    instance.set("/data/c", "x")
    assert instance.at("/data/after").value == "!"
    assert instance.verdicts() == []
    assert set(instance.errors) == {("/data/day", "calculate"), ("/data/b", "relevant"), ("/data/c", "constraint")}
    instance.set("/data/a", "2026-09-01")
    assert instance.verdicts()[0].address == "/data/c"
    assert instance.errors == {}


def test_an_amount_as_collect_writes_it_is_read():
    form = Form(read_here(packed("| type | name | label |\n| decimal | amount | Amount |")).model)
    for written, meant in (("1.2345678E7", 12345678.0), ("-1.0E10", -1e10), ("2.5E-4", 0.00025)):
        instance, faults = read_submission(form, f"<data id='test'><amount>{written}</amount></data>".encode(), lambda: NOON)
        assert (instance.at("/data/amount").value, faults) == (meant, [])
