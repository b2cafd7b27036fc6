"""Each version of a form can be fetched as its codebook, and as the dictionary another tool takes."""

from __future__ import annotations

import csv
import dataclasses
import io
import json

import openpyxl
import pytest

from evalapp.core.shipped import INSTRUMENTS
from evalapp.surveys.codebooks.codebook import codebook_json, make_codebook, wording_hash
from evalapp.surveys.codebooks.codebook_workbook import codebook_workbook
from evalapp.surveys.codebooks.redcap_dictionary import branching_logic, redcap_dictionary
from evalapp.surveys.instruments.read_instrument import load_instrument

BASELINE = load_instrument(INSTRUMENTS / "baseline").definition
WAVES = ("pi · bl", "pi2 · bl")


def test_the_codebook_has_a_row_for_each_variable():
    book = openpyxl.load_workbook(io.BytesIO(codebook_workbook(make_codebook(BASELINE, WAVES))))
    header, *rows = book["variables"].iter_rows(values_only=True)
    variables = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert list(variables) == list(BASELINE.by_name)
    assert variables["gender"]["codes"].splitlines()[0] == "female = 여성 | Female"
    assert variables["industry_oth"]["asked_when"] == "${industry} = 'other'"
    assert variables["registration_number"]["is_identifier"] == "yes"
    assert variables["difficulty_sales"]["minimum_items"] == 6
    assert variables["revenue_krw"]["unit"] == "krw"
    codes = [row[:2] for row in book["codes"].iter_rows(min_row=2, values_only=True)]
    assert ("gender", "prefer_not_to_say") in codes
    assert [row[1] for row in book["about"].iter_rows(min_row=2, values_only=True)][-2:] == list(WAVES)


def test_nothing_in_a_codebook_is_a_formula():
    questions = tuple(
        dataclasses.replace(q, hint={"ko": "=1+1", "en": "\x0b=HYPERLINK(0)"}, unit="=1+1") for q in BASELINE.questions
    )
    book = openpyxl.load_workbook(
        io.BytesIO(codebook_workbook(make_codebook(dataclasses.replace(BASELINE, questions=questions), ())))
    )
    assert {cell.data_type for row in book["variables"].iter_rows() for cell in row} <= {"s", "n"}


def test_the_codebook_as_json_holds_the_codes_as_they_are():
    stored = json.loads(codebook_json(make_codebook(BASELINE, WAVES)))
    assert (stored["form"], stored["version"], stored["waves"]) == (BASELINE.code, BASELINE.version, list(WAVES))
    gender = next(variable for variable in stored["variables"] if variable["variable"] == "gender")
    assert gender["codes"][0] == {"name": "female", "label": {"ko": "여성", "en": "Female"}}
    assert gender["missing_codes"] == [".d", ".r", ".n", ".s", ".o", ".v"]


def test_the_wording_hash_is_the_same_in_every_form_that_asks_in_the_same_words():
    followup = load_instrument(INSTRUMENTS / "followup").definition.by_name
    one, other = BASELINE.by_name["difficulty_sales"], followup["difficulty_sales"]
    assert wording_hash(one) == wording_hash(other)
    assert wording_hash(dataclasses.replace(one, label={**one.label, "en": "Sales?"})) != wording_hash(one)


def test_the_redcap_dictionary_has_its_eighteen_columns():
    records = list(csv.reader(io.StringIO(redcap_dictionary(BASELINE, "en").decode())))
    assert {len(record) for record in records} == {18}
    header, key, *rows = records
    assert (key[0], key[3]) == ("record_id", "text")
    fields = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    assert list(fields) == list(BASELINE.by_name)
    assert fields["gender"]["Field Type"] == "radio"
    assert fields["gender"]["Choices, Calculations, OR Slider Labels"].startswith("female, Female | male, Male")
    assert fields["industry_oth"]["Branching Logic (Show field only if...)"] == "[industry] = 'other'"
    assert fields["registration_number"]["Identifier?"] == "y"
    assert (fields["paid_employees"]["Text Validation Min"], fields["paid_employees"]["Text Validation Max"]) == ("0", "10000")
    assert fields["difficulty_sales"]["Matrix Group Name"] == "difficulty"
    assert fields["birth_year"]["Required Field?"] == "y"


@pytest.mark.parametrize(
    ("condition", "logic"),
    [
        ("", ""),
        ("${a} = 'x'", "[a] = 'x'"),
        ("${a} != 'x' and ${B} >= 3", "[a] <> 'x' and [b] >= 3"),
        ("${a} = 'x' or ${b} = 'y'", "[a] = 'x' or [b] = 'y'"),
        ("${a} = 'x' or ${b} = 'y' and ${c} = 1", ""),
        ("selected(${a}, 'x')", ""),
    ],
)
def test_simple_conditions_are_written_as_redcap_does_and_others_left_to_the_annotation(condition, logic):
    assert branching_logic(condition) == logic
