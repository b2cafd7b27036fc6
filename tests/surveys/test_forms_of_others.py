"""Forms made elsewhere come in as a whole, are published and walked through screen by screen, or are refused with every reason."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile

import pytest

from evalapp.surveys.answering.screens import Heading, Matrix, blocks_of, questions_of, screens_of
from evalapp.surveys.answering.stored_answers import filled_form
from evalapp.surveys.instruments.export_workbook import export_workbook
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.queries import kept_tables, kept_workbook, model_of
from evalapp.surveys.instruments.read_instrument import read_instrument
from evalapp.surveys.instruments.upload_instrument import upload_instrument
from evalapp.xform import BadAnswer, Form, Instance
from tests.xform.others import NAMES, TABLES, completed
from tests.xform.sheets import packed

NOON = dt.datetime(2026, 9, 1, 3, tzinfo=dt.UTC)
SEEDS, MOST_ROUNDS, MOST_SCREENS = range(3), 2, 200
TAKEN = {
    "ODKValidateWarnings.xlsx", "blank_second_row.xls", "pull_data.xlsx", "specify_other.xls", "tutorial.xls", "xml_escaping.xls",
    "yes_or_no_question.xls",
}  # fmt: skip
SETTINGS = "form_title,form_id,version\nTowns,towns,2026112201\n"
SURVEY = (
    "| type | name | label | calculation |\n"
    "| select_one_from_file towns.csv | town | Town | |\n"
    "| calculate | region | | pulldata('towns', 'region', 'name', ${town}) |\n"
    "| note | said | You live in ${region} | |"
)
TOWNS = "name,label,region\nseoul,서울,capital\nbusan,부산,south\n".encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_form_is_published_and_walked_through_or_refused_with_every_reason(db, name):
    read = read_instrument(completed(name), name, TABLES if name == "pull_data.xlsx" else {})
    errors = [fault for fault in read.faults if fault.severity == "error"]
    assert (read.form is not None) == (name in TAKEN) == (not errors)
    assert all(fault.sheet and fault.row for fault in errors)
    if not errors:
        form = Form(model_of(publish_instrument(db, read)))
        for seed in SEEDS:
            walk(form, random.Random(f"{seed}{name}"))  # noqa: S311 - draws answers


def walk(form, draw):
    """Answer every screen at random; none is blank, and nothing is asked without words."""
    instance = Instance.start(form, lambda: NOON)
    for at in range(MOST_SCREENS):
        screens = screens_of(instance)
        if at >= len(screens):
            break
        screen = screens[at]
        if screen.rounds:
            if screen.rounds.may_grow and len(screen.rounds.children) < MOST_ROUNDS:
                instance.add_round(screen.rounds.address)
            continue
        blocks = blocks_of(instance, screen)
        assert blocks
        assert all(block.label.strip() for block in blocks if not isinstance(block, Matrix | Heading))
        for question in questions_of(blocks):
            answer(instance, question, draw)
    assert not instance.errors
    filled_form(instance)


def answer(instance, question, draw):
    offered = [choice.name for choice in getattr(question, "offered", ())]
    sent = [draw.choice(offered)] if offered else [draw.choice(["7", "2020-02-29", "a word", "09:30"])]
    try:
        instance.set(question.address, question.read(sent))
    except BadAnswer:
        assert not offered


def package(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return made.getvalue()


@pytest.mark.parametrize("way", ["beside", "in a zip of sheets", "in a zip with the workbook"])
def test_the_tables_of_a_form_come_and_stay_with_it(db, way):
    sheets = packed(SURVEY, settings=SETTINGS)
    if way == "beside":
        read = read_instrument(sheets, "towns.zip", {"towns.csv": TOWNS})
    elif way == "in a zip of sheets":
        with zipfile.ZipFile(io.BytesIO(sheets)) as archive:
            members = {name.replace(".", "__"): archive.read(name) for name in archive.namelist()}
        read = read_instrument(package(**members, towns__csv=TOWNS), "towns.zip")
    else:
        book = export_workbook(sheets)
        read = read_instrument(package(towns__xlsx=book, towns__csv=TOWNS, photo__png=b"png"), "pack.zip")
    form = publish_instrument(db, upload_instrument(db, read))
    assert kept_tables(form) == {"towns.csv": TOWNS}
    again = read_instrument(kept_workbook(form), form.workbook_name)
    assert (again.sha256, again.model) == (form.sha256, model_of(form))
    assert form.workbook_name.endswith(".zip")
    instance = Instance.start(Form(model_of(form)), lambda: NOON)
    instance.set("/data/town", "busan")
    assert [block.label for screen in screens_of(instance) for block in blocks_of(instance, screen)][-1] == "You live in south"


def test_another_table_is_another_form(db):
    sheets = packed(SURVEY, settings=SETTINGS)
    one, other = (
        read_instrument(sheets, "towns.zip", {"towns.csv": content}) for content in (TOWNS, TOWNS + b"jeju,Jeju,island\n")
    )
    assert one.sha256 != other.sha256
    assert upload_instrument(db, one).id != upload_instrument(db, other).id


BAD_TABLES = {
    "none": ({}, "which was not uploaded with it"),
    "not UTF-8": ({"towns.csv": "name,label\n서울,서울".encode("cp949")}, "not written in UTF-8"),
    "no text": ({"towns.csv": b"name,label\n\0\0"}, "is no text"),
    "empty": ({"towns.csv": b""}, "is empty"),
    "a bad column": ({"towns.csv": b"name,the label\na,b"}, "has a column “the label”"),
    "a column twice": ({"towns.csv": b"name,name\na,b"}, "has the column “name” twice"),
    "too many cells": ({"towns.csv": b"name,label,region,x\n" + b"a,b,c,d\n" * 15_001}, "more than 60000 cells"),
    "too many rows": ({"towns.csv": b"name\n" + b"a\n" * 20_001}, "more than 20000 rows"),
    "a long cell": ({"towns.csv": b"name,label\na," + b"x" * 1_001}, "Row 2 of the table towns.csv has a cell"),
    "a huge cell": ({"towns.csv": b"name,label\na," + b"x" * 200_000}, "a cell"),
    "telephone numbers": (
        {"towns.csv": "name,label\na,김철수 010-1234-5678".encode()},
        "Row 2 of the table towns.csv holds a telephone",
    ),
    "a resident number": ({"towns.csv": b"name,label\na,900101-1234567"}, "resident registration number"),
}


@pytest.mark.parametrize(("tables", "said"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_table_that_cannot_be_used_says_why(tables, said):
    read = read_instrument(packed(SURVEY, settings=SETTINGS), "towns.zip", tables)
    assert read.form is None
    assert any(said in str(fault) for fault in read.faults if fault.severity == "error")


def test_a_table_that_nobody_asks_for_is_a_warning():
    read = read_instrument(packed("type | name | label\ninteger | days | Days", settings=SETTINGS), "t.zip", {"towns.csv": TOWNS})
    assert "No question uses the table towns.csv." in [str(fault) for fault in read.faults]


NOT_COLLECTED = {
    "geopoint | home | Where do you live?": "where people live and work is not kept as a place on the map",
    "geotrace | way | Your way?": "is not asked",
    "barcode | code | Scan": "Bar codes are not read here",
    "image | face | Your photo": "no pictures, recordings or files of people are collected",
    "text | resident_no | Number?": "asks for a number by which the state knows a person",
    "text | passport_number | Passport?": "asks for a number by which the state knows a person",
    "integer | state | State?": "is a column of every file of answers already",
}


@pytest.mark.parametrize(("row", "said"), NOT_COLLECTED.items())
def test_what_must_not_be_collected_is_refused_with_its_reason(row, said):
    read = read_instrument(packed(f"type | name | label\n{row}", settings=SETTINGS), "t.zip")
    (fault,) = [str(fault) for fault in read.faults if fault.severity == "error"]
    assert said.replace("is not asked", "are not asked") in fault


def test_a_name_that_sounds_like_an_identifier_is_a_warning_and_one_the_vault_does_not_know_an_error():
    survey = "type | name | label\ntext | contact_phone | Phone?\ntext | phone | Phone?\ntext | nickname_of_spouse | Nickname?"
    items = "name | sensitivity | sdc_class\nphone | identifier | direct_identifier\nnickname_of_spouse | identifier | direct_identifier"
    read = read_instrument(packed(survey, settings=SETTINGS, x_items=items), "t.zip")
    said = {(fault.row, fault.severity) for fault in read.faults if fault.column == "name"}
    assert said == {(2, "warning"), (4, "error")}


def test_what_is_marked_in_another_way_than_in_our_sheet_is_refused():
    survey = "type | name | label | bind::sensitivity\ntext | phone | Phone? | identifier"
    read = read_instrument(packed(survey, settings=SETTINGS), "t.zip")
    assert any("Write in the sheet x_items" in str(fault) for fault in read.faults if fault.severity == "error")


def test_the_text_that_or_other_adds_is_a_variable():
    choices = "list_name | name | label\nfruit | apple | Apple"
    read = read_instrument(packed("type | name | label\nselect_one fruit or_other | eats | Eats?", choices, SETTINGS), "t.zip")
    assert list(read.definition.by_name) == ["eats", "eats_other"]
