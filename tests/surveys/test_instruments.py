"""Instruments are read from sheets that fit together, and a published version never changes."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from evalapp.core.errors import AppError, RefusedFile
from evalapp.people.import_people import INDUSTRIES
from evalapp.surveys.check_answers import REGISTRATION_NUMBER
from evalapp.surveys.instruments import definition_from_json, definition_to_json, load_instrument, publish_instrument
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.tables import Instrument

INSTRUMENTS = Path(__file__).parent.parent.parent / "config" / "instruments"
SHIPPED = ("baseline", "followup", "job_training")
REDCAP_NAME_LENGTH = 26
BEYOND_THE_PAPER = (
    "firm_operating", "revenue_krw", "costs_krw", "profit_krw", "hours_per_week", "paid_employees", "new_products", "new_suppliers",
    "new_customers", "loans_applied_krw", "loans_obtained_krw", "grants_applied_krw", "grants_obtained_krw",
    *(f"pi_{trait}_{item}" for trait in ("self_starting", "future_thinking", "overcoming_barriers") for item in (1, 2, 3)),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(INSTRUMENTS / "followup", tmp_path / "followup")


def change(folder, sheet, old, new):
    path = folder / f"{sheet}.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text, "the test changes nothing"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder):
    with pytest.raises(RefusedFile) as error:
        load_instrument(folder)
    return [(fault.sheet, fault.column, str(fault.message)) for fault in error.value.faults]


@pytest.mark.parametrize("code", SHIPPED)
def test_the_shipped_instruments_are_complete_in_both_languages(code):
    definition = load_instrument(INSTRUMENTS / code)
    assert definition.code == code
    assert all(definition.title.values())
    for question in definition.questions:
        assert all(question.label.values())
        assert all(all(choice.label.values()) for choice in question.choices)
        assert bool(question.choices) == question.type.startswith("select")
        assert len(question.name) <= REDCAP_NAME_LENGTH


@pytest.mark.parametrize("code", ["baseline", "followup"])
def test_both_survey_instruments_ask_what_the_programme_needs_at_every_wave(code):
    questions = load_instrument(INSTRUMENTS / code).by_name
    assert set(BEYOND_THE_PAPER) <= set(questions)
    assert sum(question.scale == "difficulty" for question in questions.values()) == 8
    assert {(q.minimum, q.maximum) for q in questions.values() if q.construct == "personal_initiative"} == {(1, 5)}


def test_the_codings_of_the_baseline_are_those_of_the_analysis():
    questions = load_instrument(INSTRUMENTS / "baseline").by_name
    names = {name: [choice.name for choice in question.choices] for name, question in questions.items()}
    assert len(names["birth_province"]) == 13
    assert len(names["industry"]) == 17
    assert names["china_stay"] == ["never", "under_1", "1_3", "4_5", "over_5"]
    assert names["living_standard_north"] == ["1", "2", "3", "4", "5"]
    assert names["education_north"] == ["none", "elementary", "secondary", "specialist_college", "university"]
    assert questions[REGISTRATION_NUMBER].sensitivity == "identifier"


def test_the_industries_of_people_are_those_of_the_instrument():
    industry = load_instrument(INSTRUMENTS / "baseline").by_name["industry"]
    assert tuple(choice.name for choice in industry.choices) == INDUSTRIES


@pytest.mark.parametrize("code", SHIPPED)
def test_a_definition_survives_its_json(code):
    definition = load_instrument(INSTRUMENTS / code)
    assert definition_from_json(definition_to_json(definition)) == definition


def test_a_published_instrument_is_read_back_whole(db):
    definition = load_instrument(INSTRUMENTS / "followup")
    stored = publish_instrument(db, definition)
    assert get_instrument_definition(db, stored.id) == definition
    assert publish_instrument(db, definition).id == stored.id
    assert db.scalar(select(func.count()).select_from(Instrument)) == 1


def test_a_published_version_cannot_change(db):
    definition = load_instrument(INSTRUMENTS / "followup")
    publish_instrument(db, definition)
    changed = dataclasses.replace(definition, questions=definition.questions[1:])
    text = "Version 2026090101 of instrument followup is published with other content. Give the changed form a new version."
    with pytest.raises(AppError, match=text):
        publish_instrument(db, changed)
    newer = publish_instrument(db, dataclasses.replace(changed, version="2026090102"))
    assert get_instrument_definition(db, newer.id).questions == changed.questions


def test_a_missing_sheet_is_named(folder):
    (folder / "choices.csv").unlink()
    assert refused(folder) == [("choices", None, "The file cannot be read. Check that it exists and that it is a file.")]


def test_a_missing_translation_is_refused(folder):
    change(folder, "survey", "지금도 사업을 하고 있습니까?", "")
    assert refused(folder) == [("survey", "label::한국어 (ko)", "The text is missing in this language. Write it.")]


def test_a_question_without_any_label_is_refused(folder):
    change(folder, "survey", "지금도 사업을 하고 있습니까?,Is your business running today?", ",")
    assert [column for _, column, _ in refused(folder)] == ["label::한국어 (ko)", "label::English (en)"]


def test_a_hint_in_one_language_only_is_refused(folder):
    change(folder, "survey", "Do not count yourself.", "")
    assert refused(folder) == [("survey", "hint::English (en)", "The text is missing in this language. Write it.")]


@pytest.mark.parametrize(
    ("sheet", "replaced", "fault"),
    [
        ("survey", ("select_one yes_no,", "select_one nothing,"), ("type",
         "There is no list of choices called “nothing”. Add it to the choices.")),
        ("survey", ("decimal,", "number,"), ("type",
         "“number” is not a type of question known here.")),
        ("survey", ("integer,revenue_krw", "integer,Revenue"), ("name",
         "“Revenue” cannot name a question. Use up to 32 small letters, digits and underscores.")),
        ("survey", ("${new_capital} = 'yes'", "${new_capital} > 1"), ("relevant",
         "“${new_capital} > 1” is not understood. Write a condition like ${industry} = 'other'.")),
        ("survey", ("${new_capital} = 'yes'", "${new_capital} = 'perhaps'"), ("relevant",
         "No earlier question “new_capital” has the choice “perhaps”.")),
        ("survey", ("costs_krw", "revenue_krw"), ("name",
         "The same entry stands in row 6 already. Keep one of the two.")),
        ("choices", ("capital_source,bank", "capital_source,the bank"), ("name",
         "“the bank” cannot name a choice. Use small letters, digits and underscores.")),
        ("choices", ("capital_source,bank", "capital_source,accelerator"), ("name",
         "The same entry stands in row 7 already. Keep one of the two.")),
        ("settings", ("2026090101", "2026"), ("version",
         "“2026” is not a version. Write a date and a running number, for example 2026090101.")),
        ("x_items", ("paid_employees,", "employees,"), ("name",
         "There is no question called “employees” in the survey.")),
        ("x_items", ("paid_employees,,,0,10000", "paid_employees,,,5,1"), ("min",
         "The least value is above the most. Exchange them.")),
    ],
)  # fmt: skip
def test_sheets_that_do_not_fit_together_are_refused(folder, sheet, replaced, fault):
    change(folder, sheet, *replaced)
    assert (sheet, *fault) in refused(folder)


def test_a_question_without_its_facts_is_named(folder):
    change(folder, "x_items", "paid_employees,", "employees,")
    assert ("x_items", None, "Questions without a row here: paid_employees. Add one for each.") in refused(folder)


def test_settings_have_one_row(folder):
    path = folder / "settings.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[1] + "\n", encoding="utf-8")
    assert refused(folder) == [("settings", None, "The settings have more than one row. Keep one.")]
