"""Forms as a device fetches them: one for each open wave, asking first whose interview it is."""

from __future__ import annotations

import csv
import io
from xml.etree import ElementTree as ET

from evalapp.surveys.openrosa.forms.deliver_form import deliver_form, list_form_files
from evalapp.surveys.openrosa.forms.queries import list_wave_forms
from evalapp.xform.model.read_xform import read_xform
from evalapp.xform.read import read_form
from tests.surveys.openrosa.field import SETTINGS, field_form, publish
from tests.xform.sheets import packed, read_here


def delivered(db, form, language="en"):
    return deliver_form(db, form, language).decode()


def test_the_forms_of_open_waves_are_listed_each_under_its_wave(field):
    field.add_wave("over", opens=-30, closes=-1)
    field.add_wave("later", opens=1)
    field.add_wave("fu2")
    forms = list_wave_forms(field.db, field.programme.id)
    assert [form.form_id for form in forms] == ["field--fu1", "field--fu2"]
    assert [form.form_id for form in list_wave_forms(field.db, field.programme.id, "field--fu2")] == ["field--fu2"]


def test_all_versions_are_listed_when_asked_for(field):
    publish(field.db, field_form("2026110102"))
    assert len(list_wave_forms(field.db, field.programme.id)) == 1
    versions = [form.instrument.version for form in list_wave_forms(field.db, field.programme.id, all_versions=True)]
    assert versions == ["2026110101", "2026110102"]


def test_a_delivered_form_says_its_wave_and_asks_for_the_study_id_first(field):
    form = list_wave_forms(field.db, field.programme.id)[0]
    model = read_xform(delivered(field.db, form))
    assert (model.form_id, model.version, model.title) == ("field--fu1", field.instrument.version, "Wave fu1 (field)")
    first = next(control for control in model.body if control.path)
    assert first.path == "/data/study_id"
    assert set(first.labelling.label) == {"한국어 (ko)", "English (en)"}
    assert model.nodes["/data/study_id"].required == "true()"
    assert "조사 fu1" in delivered(field.db, form, "ko")


def test_a_form_of_one_language_asks_in_the_language_of_the_interviewer(field):
    publish(
        field.db, read_here(packed("| type | name | label |\n| text | a | A |", settings="form_title,form_id,version\nF,plain,1\n"))
    )
    instrument = publish(
        field.db,
        read_here(packed("| type | name | label |\n| text | a | A |", settings="form_title,form_id,version\nF,plain2,1\n")),
    )
    field.add_wave("fu2", instrument=instrument)
    form = list_wave_forms(field.db, field.programme.id, "plain2--fu2")[0]
    control = read_xform(delivered(field.db, form)).controls["/data/study_id"]
    assert list(control.labelling.label.values()) == [("Study ID",)]


def test_a_form_that_asks_the_study_id_itself_is_left_alone(field):
    survey = "| type | name | label |\n| text | study_id | Your number |\n| text | a | A |"
    form = read_here(packed(survey, settings="form_title,form_id,version\nF,own,1\n"))
    field.instrument = publish(field.db, form)
    field.wave = field.add_wave("fu2")
    text = delivered(field.db, list_wave_forms(field.db, field.programme.id, "own--fu2")[0])
    assert text.count('"/data/study_id"') == 2  # bind and question
    row = field.send(answers={"a": "x"})
    assert (row.state, field.answers(row)["", "a"]) == ("placed", "x")


def test_a_form_cannot_send_answers_elsewhere(field):
    settings = "form_title,form_id,version,submission_url\nF,away,1,https://elsewhere.example/submission\n"
    form = read_here(packed("| type | name | label |\n| text | a | A |", settings=settings))
    field.add_wave("fu2", instrument=publish(field.db, form))
    assert "elsewhere" in form.xform
    assert "elsewhere" not in delivered(field.db, list_wave_forms(field.db, field.programme.id, "away--fu2")[0])


def test_tables_that_a_form_looks_things_up_in_come_as_files(field):
    survey = """
    | type | name | label | calculation |
    | text | city | City |
    | calculate | code | | pulldata('cities', 'code', 'name', ${city}) |
    """
    table = "name,code\n서울,11\n부산,26\n".encode()
    form = read_form(packed(survey, settings=SETTINGS.replace("field", "lookup")), {"cities.csv": table})
    field.add_wave("fu2", instrument=publish(field.db, form))
    forms = list_wave_forms(field.db, field.programme.id)
    files = list_form_files(field.db, forms[1])
    assert list(files) == ["cities.csv"]
    assert list(csv.reader(io.StringIO(files["cities.csv"].decode()))) == [["name", "code"], ["서울", "11"], ["부산", "26"]]
    assert list_form_files(field.db, forms[0]) == {}
    assert ET.fromstring(delivered(field.db, forms[1])) is not None
