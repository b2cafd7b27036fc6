"""What the form compiler lets through is named with sheet, row, column and mend."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.xform import Form, Instance, RefusedForm, asked
from tests.xform.sheets import SETTINGS, packed, read_here

HEAD = "| type | name | label | relevant | constraint | required | calculation | default | choice_filter | appearance | repeat_count |\n"
CHOICES = "| list_name | name | label | kind |\n| fruit | apple | Apple | a |\n| fruit | pear | Pear | b |"
KO, EN = "label::한국어 (ko)", "label::English (en)"
BILINGUAL = "form_title,form_id,version,default_language\nT,t,1,한국어 (ko)\n"


def faults(survey, choices="", settings=SETTINGS, **others):
    """Return every fault as sheet, row, column, severity and words."""
    try:
        found = read_here(packed(survey, choices, settings, **others)).warnings
    except RefusedForm as refused:
        found = refused.faults
    return [
        (each.sheet, each.row, each.column, each.severity, each.text % each.facts if each.facts else each.text) for each in found
    ]


def only(*given, **named):
    (fault,) = faults(*given, **named)
    return fault


CONDITIONS = {
    "a syntax error": ("relevant", "1 = ", "The expression ends too early. A bracket or a value is missing."),
    "a stray sign": ("relevant", "1 = # 2", "“#” cannot stand at character 5."),
    "an unknown function": ("relevant", "substring('abc', 1) = 'b'",
                            "There is no function substring() here. Look up its name; the handbook of forms lists all."),
    "too few arguments": ("constraint", "regex(.)", "The function regex() takes 2 arguments, but 1 are given."),
    "a bad pattern": ("constraint", "regex(., '[a-')", "The pattern “[a-” of regex() is not understood at character 4."),
    "a bare date": ("constraint", ". > '2020-01-01'",
                    "“2020-01-01” is text here, which is never before or after a date. Write date('2020-01-01')."),
    "a name without its signs": ("relevant", "age > 3",
                                 "“age” stands alone. Write ${name} for an answer, and 'name' in quotes for a choice or a text."),
    "a yes in Korean": ("required", "예", "“예” is neither yes nor no nor a condition. Write yes or no."),
    "an unknown question": ("relevant", "${weight} > 3", "There is no question called “weight” in the survey."),
    "a wrong path": ("relevant", "/data/weight > 3", "“/data/weight” leads nowhere. Write the name of the question as ${name}."),
}  # fmt: skip


@pytest.mark.parametrize(("column", "text", "said"), CONDITIONS.values(), ids=CONDITIONS)
def test_a_faulty_condition_is_named_at_its_cell(column, text, said):
    survey = f"| type | name | label | {column} |\n| text | age | Age | |\n| text | q | Q | {text} |"
    assert only(survey) == ("survey", 3, column, "error", said)


@pytest.mark.parametrize(("text", "used"), [("//age = 3", "//"), ("floor(${age}) = 3", "floor()"), ("last() = 1", "last()")])
def test_what_odk_collect_does_not_know_is_a_warning(text, used):
    fault = only(f"| type | name | label | relevant |\n| text | age | Age | |\n| text | q | Q | {text} |")
    assert fault[:4] == ("survey", 3, "relevant", "warning")
    assert f"ODK Collect does not know {used}:" in fault[-1]


def test_questions_that_depend_on_one_another_in_a_ring_are_named():
    survey = (
        "| type | name | label | calculation |\n"
        "| calculate | a | | ${b} + 1 |\n"
        "| calculate | b | | ${c} + 1 |\n"
        "| calculate | c | | ${a} + 1 |"
    )
    sheet, row, _, severity, said = only(survey)
    assert (sheet, severity) == ("survey", "error")
    assert row in (2, 3, 4)
    assert all(name in said for name in "abc")


def test_a_question_may_keep_its_own_last_value():
    survey = (
        "| type | name | label | calculation |\n"
        "| text | x | X | |\n"
        "| calculate | a | | if(. = '', ${x}, .) |\n"
        "| calculate | b | | once(${x}) |"
    )
    assert faults(survey) == []


def test_a_group_cannot_depend_on_a_question_in_it():
    survey = "| type | name | label | relevant |\n| begin_group | g | G | ${a} = 1 |\n| integer | a | A | |\n| end_group | | | |"
    assert "depend on one another in a ring" in only(survey)[-1]


def test_a_name_that_is_not_latin_is_refused_and_a_korean_choice_is_not():
    choices = "| list_name | name | label |\n| fruit | 사과 | 사과 |"
    fault = only("| type | name | label |\n| select_one fruit | 과일 | 과일 |", choices)
    assert fault[:4] == ("survey", 2, "name", "error")
    assert faults("| type | name | label |\n| select_one fruit | fruit | 과일 |", choices) == []


def test_names_that_are_there_twice_in_a_group_are_named():
    assert only("| type | name | label |\n| text | a | A |\n| text | a | B |")[:4] == ("survey", 3, "name", "error")


@pytest.mark.parametrize(
    ("column", "meant"),
    [("relevent", "relevant"), ("constrain", "constraint"), ("requried", "required"), ("calculaton", "calculation")],
)
def test_a_misspelt_column_is_named(column, meant):
    fault = only(f"| type | name | label | {column} |\n| text | a | A | 1 = 1 |")
    assert fault == ("survey", 1, column, "error", f"The column “{column}” is not read. Is it meant to be “{meant}”?")


def test_a_column_of_ones_own_is_a_warning_and_a_column_for_filters_is_none():
    assert only("| type | name | label | remark_of_mine |\n| text | a | A | x |")[3] == "warning"
    survey = HEAD + "| select_one fruit | f | F | | | | | | kind = 'a' |"
    assert faults(survey, CHOICES) == []


def test_a_filter_by_a_missing_column_is_named():
    survey = HEAD + "| select_one fruit | f | F | | | | | | colour = 'a' |"
    assert only(survey, CHOICES) == (
        "survey",
        2,
        "choice_filter",
        "error",
        "The choices have no column “colour” to filter by. Add it, or mend the name.",
    )


def test_a_text_missing_in_the_default_language_is_an_error_at_its_cell():
    survey = f"| type | name | {KO} | {EN} |\n| text | a | 이름 | Name |\n| text | b | | Age |"
    said = "The label is missing in the language 한국어 (ko). Write it."
    assert only(survey, settings=BILINGUAL) == ("survey", 3, KO, "error", said)


def test_a_text_missing_in_another_language_is_shown_in_the_default_one():
    survey = f"| type | name | {KO} | {EN} |\n| text | a | 이름 | Name |\n| text | b | 나이 | |"
    said = "The label is missing in the language English (en). It is shown in 한국어 (ko) instead."
    assert only(survey, settings=BILINGUAL) == ("survey", 3, EN, "warning", said)
    form = Form(read_here(packed(survey, settings=BILINGUAL)).model)
    instance = Instance.start(form, lambda: dt.datetime.now(dt.UTC), language="English (en)")
    assert [each.label for each in asked(instance)] == ["Name", "나이"]


def test_a_column_missing_in_one_language_is_named_where_it_is_filled():
    survey = f"| type | name | {KO} | {EN} | hint::English (en) |\n| text | a | 이름 | Name | Your own |"
    assert only(survey, settings=BILINGUAL)[:4] == ("survey", 2, "hint::한국어 (ko)", "error")


def test_columns_without_a_language_are_in_the_default_one():
    survey = f"| type | name | label | {EN} |\n| text | a | 이름 | Name |"
    assert faults(survey, settings=BILINGUAL) == []
    assert faults(survey) == []
    twice = f"| type | name | label | {KO} |\n| text | a | 이름 | 이름 |"
    assert "names no language, though the form has several" in only(twice, settings=BILINGUAL)[-1]


def test_without_a_default_language_the_first_one_is_it():
    survey = f"| type | name | {EN} | {KO} |\n| text | a | Name | 이름 |"
    assert only(survey)[2:4] == ("default_language", "warning")
    assert read_here(packed(survey)).model.default_language == "English (en)"


def test_a_default_language_that_is_none_is_named():
    survey = f"| type | name | {KO} | {EN} |\n| text | a | 이름 | Name |"
    assert only(survey, settings="form_title,form_id,version,default_language\nT,t,1,Korean\n")[:3] == (
        "settings",
        2,
        "default_language",
    )


def test_or_other_in_two_languages_is_refused():
    choices = f"| list_name | name | {KO} | {EN} |\n| fruit | apple | 사과 | Apple |"
    survey = f"| type | name | {KO} | {EN} |\n| select_one fruit or_other | a | 과일 | Fruit |"
    assert "or_other writes its choice in English only" in only(survey, choices, settings=BILINGUAL)[-1]


@pytest.mark.parametrize(("kind", "default"), [("integer", "abc"), ("decimal", "1,5,3"), ("date", "tomorrow")])
def test_a_default_of_the_wrong_kind_is_named(kind, default):
    assert only(f"| type | name | label | default |\n| {kind} | a | A | {default} |")[:4] == ("survey", 2, "default", "error")


def test_a_default_that_is_no_choice_is_named():
    survey = "| type | name | label | default |\n| select_one fruit | a | A | plum |"
    assert only(survey, CHOICES)[-1] == "The default “plum” is not among the choices."


def test_a_table_list_is_taken():
    survey = (
        "| type | name | label | appearance |\n"
        "| begin_group | g | G | table-list |\n"
        "| select_one fruit | a | A | |\n"
        "| end_group | | | |"
    )
    assert faults(survey, CHOICES) == []


@pytest.mark.parametrize("kind", ["image", "audio", "video", "file", "start-geopoint"])
def test_questions_that_cannot_be_answered_here_are_refused(kind):
    assert ("survey", 2, "type", "error") in [fault[:4] for fault in faults(f"| type | name | label |\n| {kind} | a | A |")]


def test_a_form_without_code_or_version_is_refused():
    found = faults("| type | name | label |\n| text | a | A |", settings="form_title\n조사\n")
    assert [fault[:3] for fault in found] == [("settings", 2, "form_id"), ("settings", 2, "version")]


def test_choices_that_could_not_be_told_apart_are_named():
    choices = "| list_name | name | label |\n| fruit | red apple | A |\n| fruit | pear | P |\n| fruit | pear | Q |"
    found = faults("| type | name | label |\n| select_multiple fruit | a | A |", choices)
    assert [fault[:3] for fault in found] == [("choices", 2, "name"), ("choices", 4, "name")]


def test_a_list_that_is_missing_is_named_and_one_that_is_unused_is_a_warning():
    found = faults("| type | name | label |\n| select_one fruits | a | A |", CHOICES)
    assert ("survey", 2, "type", "error") in [fault[:4] for fault in found]
    assert only("| type | name | label |\n| text | a | A |", CHOICES)[3] == "warning"


def test_counting_a_repeat_from_inside_it_is_a_warning():
    survey = HEAD + "| begin_repeat | r | R |\n| integer | a | A |\n| calculate | n | | | | | count(${r}) |\n| end_repeat | | |"
    fault = only(survey)
    assert fault[:4] == ("survey", 4, "calculation", "warning")
    assert "reaches its own round only" in fault[-1]


def test_facts_about_questions_that_are_not_there_are_named():
    found = faults(
        "| type | name | label |\n| integer | a | A |", x_items="| name | min | max |\n| a | 5 | 1 |\n| b | | |\n| a | x | |"
    )
    assert [fault[1:3] for fault in found] == [(2, "min"), (3, "name"), (4, "name"), (4, "min")]


def test_a_question_of_a_repeat_that_is_asked_for_one_answer_from_outside_is_named():
    repeat = "| begin_repeat | r | R |\n| integer | a | A |\n| end_repeat | | |\n"
    fault = only(HEAD + repeat + "| text | b | B | ${a} = 3 |")
    assert fault[:4] == ("survey", 5, "relevant", "error")
    assert "has an answer in every round of “r”" in fault[-1]
    for right in ("sum(${a}) = 3", "indexed-repeat(${a}, ${r}, 1) = 3", "count(${r}) = 3"):
        assert faults(HEAD + repeat + f"| text | b | B | {right} |") == []
    assert faults(HEAD + repeat.replace("| end_repeat", "| text | b | B | ${a} = 3 |\n| end_repeat")) == []
