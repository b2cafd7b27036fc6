"""Forms are read from workbooks and from folders of sheets, and hostile files are refused before they cost anything."""

from __future__ import annotations

import io
import resource
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.xform import RefusedForm, model_from_json, model_to_json, pack_folder, read_form
from evalapp.xform.reading.archive import MOST_BYTES, OLE, WORKBOOK
from tests.xform.sheets import packed, read_here, rows

ROOT = Path(__file__).parent.parent.parent
INSTRUMENTS = ROOT / "config" / "instruments"
SECONDS_FOR_A_REFUSAL = 1.0  # before anything is opened
SECONDS_IN_THE_PROCESS = 10.0  # a second on an idle machine; tests share theirs
MEMORY_FOR_A_REFUSAL_KB = 64 * 1024
SURVEY = """
| type | name | label |
| text | name | Name |
| integer | age | Age |
"""


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        page = book.create_sheet(name)
        for row in rows(table) if isinstance(table, str) else table:
            page.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def with_part(content, name, part):
    """Return a workbook with one part of its archive exchanged."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            new.writestr(member.filename, part if member.filename == name else old.read(member))
    return made.getvalue()


def archive(**members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in members.items():
            new.writestr(name, content)
    return made.getvalue()


WHOLE = workbook(survey=SURVEY, settings=[["form_title", "form_id", "version"], ["Test", "test", "1"]])


def refusal(content):
    with pytest.raises(RefusedForm) as refused:
        read_form(content)
    return [str(fault) for fault in refused.value.faults]


SETTINGS = [["form_title", "form_id", "version"], ["Test", "test", 2026090101]]


def test_a_workbook_and_a_folder_of_the_same_sheets_give_the_same_form():
    assert read_form(workbook(survey=SURVEY, settings=SETTINGS)).model.root == read_form(packed(SURVEY)).model.root


@pytest.mark.parametrize("code", [path.name for path in sorted(INSTRUMENTS.iterdir())])
def test_the_shipped_instruments_are_read_without_a_warning(code):
    read = read_form(pack_folder(INSTRUMENTS / code))
    assert read.warnings == ()
    assert read.model.form_id == code
    assert read.model.languages == ("한국어 (ko)", "English (en)")
    assert set(read.model.items) <= {path.rpartition("/")[2] for path in read.model.nodes}
    assert model_from_json(model_to_json(read.model)) == read.model


def test_the_same_folder_gives_the_same_archive():
    assert pack_folder(INSTRUMENTS / "baseline") == pack_folder(INSTRUMENTS / "baseline")


def a_bomb():
    """Nine megabytes of nothing, well packed."""
    return archive(**{WORKBOOK: "<x/>", "xl/worksheets/sheet1.xml": "0" * 9_000_000})


REFUSED_UNOPENED = {
    "an old document": (OLE + b"0" * 600, "not an Excel workbook"),
    "a password": (OLE + b"0" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "old macros": (OLE + b"0" * 600 + "_VBA_PROJECT".encode("utf-16-le"), "holds macros"),
    "macros": (archive(**{WORKBOOK: "<x/>", "xl/vbaProject.bin": "x"}), "holds macros"),
    "binary": (archive(**{"xl/workbook.bin": "x"}), "(.xlsb, .ods) is not read"),
    "open document": (archive(mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "x"}), "is not read"),
    "a web page": (b"<html><table><tr><td>type</td></tr></table></html>", "not an Excel workbook"),
    "cut off": (WHOLE[: len(WHOLE) // 2], "not an Excel workbook"),
    "a zip in a zip": (archive(**{"form.xlsx": archive(**{"form.xlsx": "x"})}), "a zip within a zip"),
    "large": (b"0" * (MOST_BYTES + 1), "larger than 5 MB"),
    "text": (b"type,name,label", "not an Excel workbook"),
    "bomb": (a_bomb(), "unpack to far more than a form needs"),
    "members": (archive(**{f"a{n}": "" for n in range(201)}, **{WORKBOOK: ""}), "unpack to far more than a form needs"),
    "no workbook": (archive(**{"word/document.xml": ""}), "neither a workbook nor a folder"),
}


@pytest.mark.parametrize(("content", "said"), REFUSED_UNOPENED.values(), ids=REFUSED_UNOPENED)
def test_a_file_that_cannot_be_a_form_is_refused_unopened(content, said):
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.perf_counter()
    assert said in refusal(content)[0]
    assert time.perf_counter() - begun < SECONDS_FOR_A_REFUSAL
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < MEMORY_FOR_A_REFUSAL_KB


def test_an_encrypted_workbook_is_refused_unopened():
    content = bytearray(archive(**{WORKBOOK: "x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    assert "protected by a password" in refusal(bytes(content))[0]


EXTERNAL = '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
SHEET = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'  # noqa: E501


@pytest.mark.parametrize(("head", "entity"), [(EXTERNAL, "&secret;"), (LAUGHS, "&c;")], ids=["external", "laughs"])
def test_a_workbook_with_entities_is_refused(head, entity):
    content = with_part(
        workbook(survey=SURVEY, settings=SETTINGS), "xl/worksheets/sheet1.xml", '<?xml version="1.0"?>' + head + SHEET % entity
    )
    begun = time.perf_counter()
    assert "holds a document type or an entity" in refusal(content)[0]
    assert time.perf_counter() - begun < SECONDS_IN_THE_PROCESS


def test_a_damaged_workbook_is_refused():
    content = with_part(workbook(survey=SURVEY, settings=SETTINGS), "xl/worksheets/sheet1.xml", "<worksheet><sheetData><row")
    assert "damaged" in refusal(content)[0]


def test_a_form_with_too_many_rows_is_refused():
    many = [["type", "name", "label"], *(["text", f"q{n}", "Q"] for n in range(5_100))]
    assert "more than 5000 rows" in refusal(workbook(survey=many, settings=SETTINGS))[0]


def test_rows_that_hold_formats_only_end_a_sheet():
    far = [*rows(SURVEY), *([[None]] * 300), ["text", "far", "Far"]]
    assert "/data/far" not in read_form(workbook(survey=far, settings=SETTINGS)).model.nodes


def test_a_column_that_is_there_twice_is_refused():
    assert "“label” is there twice" in refusal(packed("| type | name | label | label |\n| text | a | A | B |"))[0]


def test_a_compiler_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr("evalapp.xform.reading.compile_form.MOST_SECONDS", 0.0001)
    assert "too much time or memory" in refusal(packed(SURVEY))[0]


def test_what_the_compiler_says_keeps_its_row():
    (said,) = refusal(packed("| type | name | label |\n| begin_group | g | G |\n| text | a | A |"))
    assert said.startswith("sheet survey, row 2")


def test_a_table_that_was_not_uploaded_is_named_and_one_that_was_is_used():
    survey = (
        "| type | name | label | calculation |\n"
        "| text | key | Key | |\n"
        "| calculate | value | | pulldata('fruit', 'price', 'name', ${key}) |"
    )
    assert "uses the table fruit.csv" in refusal(packed(survey))[0]
    read = read_form(packed(survey), {"fruit.csv": "name,price\napple,3\n".encode("utf-8-sig")})
    assert read.model.tables["fruit"].children[0].children[1].text == "3"
    with pytest.raises(RefusedForm, match="not written in UTF-8"):
        read_form(packed(survey), {"fruit.csv": "이름".encode("cp949")})


def test_the_engine_loads_no_web_application_no_database_and_no_compiler():
    unwanted = ("flask", "sqlalchemy", "jinja2", "pyxform", "openpyxl", "evalapp.core", "config")
    code = f"import evalapp.xform, sys; print([name for name in {unwanted!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip() == "[]"


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=20))
def test_a_workbook_with_changed_bytes_is_read_or_refused(changes):
    content = bytearray(WHOLE)
    for place, byte in changes:
        content[place % len(content)] = byte
    with suppress(RefusedForm):
        read_here(bytes(content))
