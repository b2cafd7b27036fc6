"""Instruments are read from sheets that fit together, and a published version never changes."""

from __future__ import annotations

import io
import json
import shutil

import openpyxl
import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now
from evalapp.core.errors import AppError, NotFound, RefusedFile
from evalapp.core.fingerprint import canonical_json
from evalapp.core.korean_formats import is_business_registration_number
from evalapp.core.shipped import INSTRUMENTS
from evalapp.people.import_people import INDUSTRIES
from evalapp.surveys.check_answers import REGISTRATION_NUMBER
from evalapp.surveys.instruments.definition import Relevance, definition_from_json, definition_to_json
from evalapp.surveys.instruments.export_workbook import export_workbook
from evalapp.surveys.instruments.library import list_standard_items
from evalapp.surveys.instruments.publish_instrument import find_obstacle, provide_instrument, publish_instrument
from evalapp.surveys.instruments.queries import get_draft, list_drafts, model_of
from evalapp.surveys.instruments.read_instrument import load_instrument, read_instrument
from evalapp.surveys.instruments.upload_instrument import upload_instrument
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.tables import Instrument
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.reading.archive import pack_folder
from tests.xform.sheets import packed

SHIPPED = ("baseline", "followup", "job_training")
REDCAP_NAME_LENGTH = 26
VERSION = "2026112201"
SETTINGS = f"form_title,form_id,version,default_language\nTest,test,{VERSION},한국어 (ko)\n"
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
    return [(fault.sheet, fault.row, fault.column, str(fault.message)) for fault in error.value.faults]


@pytest.mark.parametrize("code", SHIPPED)
def test_the_shipped_instruments_are_complete_in_both_languages(code):
    definition = load_instrument(INSTRUMENTS / code).definition
    assert definition.code == code
    assert all(definition.title.values())
    for question in definition.questions:
        assert all(question.label.values())
        assert all(all(choice.label.values()) for choice in question.choices)
        assert bool(question.choices) == question.type.startswith("select")
        assert len(question.name) <= REDCAP_NAME_LENGTH


@pytest.mark.parametrize("code", ["baseline", "followup"])
def test_both_survey_instruments_ask_what_the_programme_needs_at_every_wave(code):
    questions = load_instrument(INSTRUMENTS / code).definition.by_name
    assert set(BEYOND_THE_PAPER) <= set(questions)
    assert sum(question.scale == "difficulty" for question in questions.values()) == 8
    assert {(q.minimum, q.maximum) for q in questions.values() if q.construct == "personal_initiative"} == {(1, 5)}


def test_the_codings_of_the_baseline_are_those_of_the_analysis():
    questions = load_instrument(INSTRUMENTS / "baseline").definition.by_name
    names = {name: [choice.name for choice in question.choices] for name, question in questions.items()}
    assert len(names["birth_province"]) == 13
    assert len(names["industry"]) == 17
    assert names["china_stay"] == ["never", "under_1", "1_3", "4_5", "over_5"]
    assert names["living_standard_north"] == ["1", "2", "3", "4", "5"]
    assert names["education_north"] == ["none", "elementary", "secondary", "specialist_college", "university"]
    assert questions[REGISTRATION_NUMBER].sensitivity == "identifier"


def test_the_industries_of_people_are_those_of_the_instrument():
    industry = load_instrument(INSTRUMENTS / "baseline").definition.by_name["industry"]
    assert tuple(choice.name for choice in industry.choices) == INDUSTRIES


@pytest.mark.parametrize("code", SHIPPED)
def test_a_definition_survives_its_json(code):
    definition = load_instrument(INSTRUMENTS / code).definition
    assert definition_from_json(definition_to_json(definition)) == definition


def test_a_published_instrument_is_read_back_whole(db):
    read = load_instrument(INSTRUMENTS / "followup")
    stored = publish_instrument(db, read)
    assert get_instrument_definition(db, stored.id) == read.definition
    assert model_of(stored) == read.model
    assert publish_instrument(db, read).id == stored.id
    assert db.scalar(select(func.count()).select_from(Instrument)) == 1
    assert [(e.action, e.object_key) for e in db.scalars(select(AuditEntry))] == [("instrument_published", "followup")]


def test_a_published_version_cannot_change(db, folder):
    publish_instrument(db, load_instrument(folder))
    change(folder, "survey", "Is your business running today?", "Does your business still run?")
    text = f"Version {VERSION} of instrument followup is published with other content. Give the changed form a new version."
    with pytest.raises(AppError, match=text):
        publish_instrument(db, load_instrument(folder))
    change(folder, "settings", VERSION, "2026112301")
    newer = publish_instrument(db, load_instrument(folder))
    asked = get_instrument_definition(db, newer.id).by_name["firm_operating"].label
    assert asked == {"ko": "지금도 사업을 하고 있습니까?", "en": "Does your business still run?"}


def test_a_version_that_is_not_above_the_newest_is_refused(db, folder):
    publish_instrument(db, load_instrument(folder))
    change(folder, "settings", VERSION, "2026090101")
    with pytest.raises(AppError, match=f"Version 2026090101 of form followup is not above the newest, {VERSION}"):
        publish_instrument(db, load_instrument(folder))


def test_a_definition_published_before_forms_were_compiled_is_still_read(db):
    definition = load_instrument(INSTRUMENTS / "followup").definition
    later = ("condition", "calculation", "group", "repeat", "minimum_items")
    plain = json.loads(definition_to_json(definition))
    plain["questions"] = [{name: value for name, value in each.items() if name not in later} for each in plain["questions"]]
    old = Instrument(code="followup", version="2026090101", definition=canonical_json(plain), sha256="0" * 64, published_at=now())
    db.add(old)
    db.flush()
    read = get_instrument_definition(db, old.id).by_name
    assert list(read) == list(definition.by_name)
    assert read["capital_sources"].relevant == Relevance("new_capital", "yes")
    with pytest.raises(NotFound, match="published before forms were compiled"):
        model_of(old)


def test_the_newest_version_of_a_shipped_form_is_provided_and_a_newer_one_of_ones_own_stays(db, folder):
    shipped = provide_instrument(db, INSTRUMENTS / "followup")
    assert provide_instrument(db, INSTRUMENTS / "followup").id == shipped.id
    change(folder, "settings", VERSION, "2099010101")
    own = publish_instrument(db, load_instrument(folder))
    assert provide_instrument(db, INSTRUMENTS / "followup").id == own.id


def test_a_published_form_can_be_filled_in():
    instance = Instance.start(Form(load_instrument(INSTRUMENTS / "followup").model), now)
    assert not instance.at("/data/capital_sources").live
    instance.set("/data/new_capital", "yes")
    assert instance.at("/data/capital_sources").live


@pytest.mark.parametrize("number", ["220-81-62517", "2208162517", "1248100998", "220-81-62518", "000-00-00000", "12", "1234567890"])
def test_the_form_checks_a_registration_number_as_the_program_does(number):
    instance = Instance.start(Form(load_instrument(INSTRUMENTS / "baseline").model), now)
    instance.set("/data/registration_number", number)
    is_good = instance.verdict(instance.at("/data/registration_number")) is None
    assert is_good == is_business_registration_number(number)


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"birth_year": "1990"}, set()),
        ({"birth_year": "2015"}, {"birth_year"}),
        ({"birth_year": "1990", "left_year": "1990"}, {"left_year"}),
        ({"birth_year": "1990", "left_year": "2005", "arrival_year": "2004"}, {"arrival_year"}),
        ({"birth_year": "1990", "left_year": "2004", "arrival_year": "2005", "firm_start_year": "2099"}, {"firm_start_year"}),
        ({"revenue_krw": "3000000000"}, set()),
        ({"revenue_krw": "3000000000.5"}, {"revenue_krw"}),
    ],
)
def test_the_baseline_takes_what_can_be_true(answers, wrong):
    instance = Instance.start(Form(load_instrument(INSTRUMENTS / "baseline").model), now)
    for name, answer in answers.items():
        instance.set(f"/data/{name}", answer)
    assert {verdict.element.name for verdict in instance.verdicts() if verdict.kind == "constraint"} == wrong


def test_the_shipped_forms_use_the_standard_items_unchanged():
    for code in SHIPPED:
        assert load_instrument(INSTRUMENTS / code).faults == ()
    assert len(list_standard_items()) == 17


@pytest.mark.parametrize(
    ("sheet", "old", "new", "column"),
    [
        ("survey", "Getting materials and stock", "Getting stock", "label::English (en)"),
        ("survey", "5 means completely true", "5 means true", "hint::English (en)"),
        ("choices", "Not difficult", "Easy", "type"),
        ("x_items", "difficulty_sales,difficulty,", "difficulty_sales,barriers,", "scale"),
    ],
)
def test_a_standard_item_in_other_words_is_a_warning(folder, sheet, old, new, column):
    change(folder, sheet, old, new)
    faults = load_instrument(folder).faults
    assert {(fault.severity, fault.column) for fault in faults} == {("warning", column)}
    assert "standard item" in str(faults[0])


@pytest.mark.parametrize(
    ("sheet", "replaced", "fault"),
    [
        ("survey", ("지금도 사업을 하고 있습니까?", ""), (5, "label::한국어 (ko)",
         "The label is missing in the language 한국어 (ko). Write it.")),
        ("survey", ("지금도 사업을 하고 있습니까?,Is your business running today?", ","), (5, "label",
         "The question has no label. Write it in each language.")),
        ("survey", ("본인은 빼고 적어 주세요.", ""), (10, "hint::한국어 (ko)",
         "The hint is missing in the language 한국어 (ko). Write it.")),
        ("survey", ("select_one yes_no,", "select_one nothing,"), (5, "type",
         "There is no list of choices called “nothing”. Add it to the choices.")),
        ("survey", ("decimal,", "number,"), (6, "type",
         "“number” is not a type of question known here.")),
        ("survey", ("decimal,revenue_krw", "decimal,매출"), (6, "name",
         "“매출” cannot name a question. Use Latin letters, digits and underscores; the label may be Korean.")),
        ("survey", ("${new_capital} = 'yes'", "${new_capital} >"), (40, "relevant",
         "The expression ends too early. A bracket or a value is missing.")),
        ("survey", ("${new_capital} = 'yes'", "${new_capital} = 'perhaps'"), (40, "relevant",
         "The question “new_capital” has no choice “perhaps”: this never holds.")),
        ("survey", ("${new_capital} = 'yes'", "\"selected(${new_capital}, 'perhaps')\""), (40, "relevant",
         "The question “new_capital” has no choice “perhaps”: this never holds.")),
        ("survey", ("costs_krw", "revenue_krw"), (7, "name",
         "The name “revenue_krw” stands in row 6 already. Names must differ within a group.")),
        ("survey", ("decimal,revenue_krw", f"decimal,{'r' * 41}"), (6, "name",
         "The name has more than 40 characters. Shorten it: it is the variable's name in every file.")),
        ("choices", ("capital_source,bank", "capital_source,the bank"), (8, "name",
         "The choice “the bank” has a space in its name, but several answers are parted by spaces. Use underscores.")),
        ("settings", (VERSION, "2026"), (2, "version",
         "“2026” is not a version. Write a date and a running number, for example 2026090101.")),
        ("settings", ("followup", "f" * 41), (2, "form_id",
         "The code of the form has more than 40 characters. Shorten it.")),
        ("x_items", ("paid_employees,", "employees,"), (7, "name",
         "There is no question called “employees” in the survey.")),
        ("x_items", ("paid_employees,,,0,10000", "paid_employees,,,5,1"), (7, "min",
         "The least value is above the most. Exchange them.")),
        ("x_items", ("sensitive,sensitive", "secret,sensitive"), (3, "sensitivity",
         "“secret” is not one of: ordinary, sensitive, free_text, identifier.")),
        ("x_items", ("pi_self_starting_1,self_starting,,1,5", "pi_self_starting_1,self_starting,yes,,5"), (15, "reverse",
         "A reversed item needs the least and the most of its answers. Fill in min and max.")),
        ("x_items", ("2,ordinary", "two,ordinary"), (15, "min_items",
         "“two” is not a count of items. Write how many must be answered for a score.")),
        ("x_items", ("capital_sources,,", "capital_sources,money,"), (37, "scale",
         "Only a number or a choice between numbers can belong to a scale.")),
    ],
)  # fmt: skip
def test_sheets_that_do_not_fit_together_are_refused(folder, sheet, replaced, fault):
    change(folder, sheet, *replaced)
    assert (sheet, *fault) in refused(folder)


def test_two_questions_in_different_groups_cannot_be_one_variable():
    content = packed(
        """
        type        | name  | label::한국어 (ko) | label::English (en)
        begin_group | a     | 가                 | A
        integer     | hours | 시간               | Hours
        end_group   |       |                    |
        begin_group | b     | 나                 | B
        integer     | hours | 시간               | Hours
        end_group   |       |                    |
        """,
        settings=SETTINGS,
    )
    said = [str(fault) for fault in read_instrument(content, "form.zip").faults if fault.severity == "error"]
    message = "The name “hours” stands in row 3 already. Variables of one form must differ, in all its groups."
    assert said == [f"sheet survey, row 6, column name: {message}"]


def test_a_question_that_says_nothing_of_itself_is_treated_as_sensitive(folder):
    change(folder, "x_items", "paid_employees,,,0,10000,,ordinary,quasi_identifier,size,count\n", "")
    read = load_instrument(folder)
    question = read.definition.by_name["paid_employees"]
    assert (question.sensitivity, question.sdc_class) == ("sensitive", "sensitive")
    assert [str(fault) for fault in read.faults] == [
        "sheet x_items: Questions without a row here: paid_employees. Add one for each; until then they are treated as sensitive."
    ]


def test_a_form_with_groups_repeats_and_calculations_has_a_definition():
    content = packed(
        """
        type             | name  | label::한국어 (ko) | label::English (en)  | relevant         | calculation   | required
        note             | hello | 안녕하세요         | Hello                |                  |               |
        select_one yn    | trade | 장사를 합니까?     | Do you trade?        |                  |               | yes
        begin_repeat     | stall | 가게               | Stall                | ${trade} = 'yes' |               |
        integer          | days  | 며칠?              | How many days?       |                  |               | yes
        end_repeat       |       |                    |                      |                  |               |
        calculate        | total |                    |                      |                  | sum(${days})  |
        begin_group      | more  | 더                 | More                 | ${trade} = 'yes' |               |
        text             | why   | ${total}일, 왜?    | ${total} days, why?  | ${total} > 3     |               |
        end_group        |       |                    |                      |                  |               |
        """,
        "list_name | name | label::한국어 (ko) | label::English (en)\nyn | yes | 예 | Yes\nyn | no | 아니요 | No",
        SETTINGS,
    )
    questions = read_instrument(content, "form.zip").definition.by_name
    assert list(questions) == ["trade", "days", "total", "why"]
    assert (questions["days"].repeat, questions["days"].relevant) == ("stall", Relevance("trade", "yes"))
    assert (questions["total"].type, questions["total"].calculation) == ("calculate", "sum(${days})")
    assert questions["why"].label == {"ko": "${total}일, 왜?", "en": "${total} days, why?"}
    assert questions["why"].condition == "(${trade} = 'yes') and (${total} > 3)"
    assert (questions["why"].relevant, questions["why"].group) == (None, {"ko": "더", "en": "More"})
    assert (questions["why"].sensitivity, questions["days"].sensitivity) == ("free_text", "sensitive")


def test_a_form_of_one_language_works_and_says_so():
    read = read_instrument(packed("type | name | label::한국어 (ko)\ninteger | days | 며칠?", settings=SETTINGS), "form.zip")
    assert read.definition.by_name["days"].label == {"ko": "며칠?", "en": "며칠?"}
    assert any("not written in this language" in fault.text and fault.column == "label::English (en)" for fault in read.faults)


@pytest.mark.parametrize("code", SHIPPED)
def test_a_form_written_as_a_workbook_is_the_same_form(code):
    read = load_instrument(INSTRUMENTS / code)
    again = read_instrument(export_workbook(read.workbook), f"{code}.xlsx")
    assert again.sha256 == read.sha256
    assert again.model == read.model
    assert again.definition == read.definition


def test_a_written_workbook_holds_the_sheets_of_the_form_and_nothing_else():
    book = openpyxl.load_workbook(io.BytesIO(export_workbook(with_a_list_of_names())))
    assert book.sheetnames == ["survey", "settings"]
    assert not any("김" in str(cell.value) for page in book for row in page.iter_rows() for cell in row)
    assert book["survey"]["C2"].data_type == "s"


def with_a_list_of_names():
    book = openpyxl.Workbook()
    survey = book.active
    survey.title = "survey"
    for row in (("type", "name", "label::한국어 (ko)", "label::English (en)"), ("integer", "days", "=며칠?", "'=days?")):
        survey.append(row)
    survey["C2"].data_type = "s"
    settings = book.create_sheet("settings")
    for row in (("form_title", "form_id", "version", "default_language"), ("T", "t", "2026112201", "한국어 (ko)")):
        settings.append(row)
    book.create_sheet("people").append(["김철수"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_an_upload_is_a_draft_with_everything_wrong_with_it(db, folder):
    change(folder, "survey", "${new_capital} = 'yes'", "${new_capital} = 'perhaps'")
    draft = upload_instrument(db, read_instrument(pack_folder(folder), "followup.zip"))
    assert (draft.code, draft.version, draft.definition, draft.model) == ("followup", VERSION, None, None)
    assert [fault["column"] for fault in json.loads(draft.faults)] == ["relevant"]
    with pytest.raises(RefusedFile):
        publish_instrument(db, draft)
    assert list_drafts(db) == [draft]


def test_the_same_upload_twice_is_one_draft_and_publishing_it_twice_one_version(db, folder):
    draft, again = (upload_instrument(db, read_instrument(pack_folder(folder), "followup.zip")) for _ in range(2))
    assert draft.id == again.id
    assert find_obstacle(db, draft) is None
    published = publish_instrument(db, get_draft(db, draft.id))
    assert publish_instrument(db, get_draft(db, draft.id)).id == published.id
    assert list_drafts(db) == []
    assert published.published_by == "AC-TEST-1"
    assert db.scalars(select(AuditEntry.action).order_by(AuditEntry.number)).all() == [
        "instrument_uploaded",
        "instrument_published",
    ]


def test_a_draft_says_what_keeps_it_from_being_published(db, folder):
    publish_instrument(db, load_instrument(folder))
    change(folder, "survey", "Is your business running today?", "Does your business still run?")
    draft = upload_instrument(db, load_instrument(folder))
    assert "published with other content" in str(find_obstacle(db, draft))
    change(folder, "settings", VERSION, "2026090101")
    assert "is not above the newest" in str(find_obstacle(db, upload_instrument(db, load_instrument(folder))))


def test_a_file_that_is_too_large_is_not_opened():
    with pytest.raises(RefusedFile) as refused:
        read_instrument(b"x" * (5 * 1_048_576 + 1), "form.xlsx")
    assert [str(fault.message) for fault in refused.value.faults] == [
        "The file is larger than 5 MB. Remove pictures and old sheets from it."
    ]
