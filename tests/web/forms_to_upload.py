"""Workbooks as officers upload them: good ones, wrong ones, and those that were made to do harm."""

from __future__ import annotations

import io
import zipfile

import openpyxl

SURVEY = (
    ("type", "name", "label::한국어 (ko)", "label::English (en)", "relevant"),
    ("select_one yn", "trade", "장사를 합니까?", "Do you trade?", ""),
    ("integer", "days", "며칠 합니까?", "On how many days?", "${trade} = 'yes'"),
)
CHOICES = (
    ("list_name", "name", "label::한국어 (ko)", "label::English (en)"),
    ("yn", "yes", "예", "Yes"),
    ("yn", "no", "아니요", "No"),
)
ITEMS = (("name", "sensitivity", "sdc_class"), ("trade", "ordinary", "none"), ("days", "ordinary", "none"))
VERSION = "2026112201"


def settings(version=VERSION, code="stalls"):
    return (("form_title", "form_id", "version", "default_language"), ("가게", code, version, "한국어 (ko)"))


def workbook(survey=SURVEY, choices=CHOICES, version=VERSION, items=ITEMS, **others):
    """Return an XLSX file with these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    sheets = {"survey": survey, "choices": choices, "settings": settings(version), "x_items": items, **others}
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def other_words(version=VERSION):
    """Return the form with one label changed."""
    return workbook(
        survey=(*SURVEY[:2], ("integer", "days", "며칠 합니까?", "How many days a week?", "${trade} = 'yes'")), version=version
    )


def zip_bomb():
    """Return a workbook of some kilobytes that unpacks to a quarter of a gigabyte."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            for _ in range(256):
                part.write(b" " * 1_048_576)
    return target.getvalue()


def external_entity():
    """Return a workbook whose list of sheets tries to read a file of the machine."""
    entity = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>'
    good = zipfile.ZipFile(io.BytesIO(workbook()))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in good.namelist():
            content = good.read(name).decode()
            archive.writestr(name, entity + content.partition("?>")[2] if name == "xl/workbook.xml" else content)
    return target.getvalue()


def repacked(change, added=()):
    """Return a workbook with `change` made to the text of its parts, and files added."""
    good, target = zipfile.ZipFile(io.BytesIO(workbook())), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in good.namelist():
            archive.writestr(name, change(name, good.read(name).decode()))
        for name in added:
            archive.writestr(name, b"x")
    return target.getvalue()


def with_macros():
    return repacked(lambda _name, content: content, ["xl/vbaProject.bin"])


def binary_workbook():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.bin", b"x")
    return target.getvalue()


def two_sheets_of_one_name():
    return repacked(lambda name, content: content.replace('"choices"', '"Survey "') if name == "xl/workbook.xml" else content)


PLAIN = ("type", "name", "label::한국어 (ko)", "label::English (en)")


def long_form(questions):
    return workbook(
        survey=(PLAIN, *(("integer", f"q{n}", f"질문 {n}", f"Question {n}") for n in range(questions))), items=ITEMS[:1]
    )


def deep(groups):
    begins = [("begin_group", f"g{n}", "모둠", "Group") for n in range(groups)]
    ends = [("end_group", "", "", "")] * groups
    return workbook(survey=(PLAIN, *begins, ("integer", "q", "질문", "Question"), *ends), items=ITEMS[:1])


def many_languages():
    return workbook(
        survey=(("type", "name", *(f"label::L{n}" for n in range(500))), ("integer", "q", *["?"] * 500)), items=ITEMS[:1]
    )


def formula(text):
    rows = ("integer", "a", "가", "A", ""), ("calculate", "b", "", "", text)
    return workbook(survey=((*PLAIN, "calculation"), *rows), items=ITEMS[:1])


def ring(questions):
    rows = [("calculate", f"q{n}", "", "", f"${{q{(n + 1) % questions}}} + 1") for n in range(questions)]
    return workbook(survey=((*PLAIN, "calculation"), ("integer", "a", "가", "A", ""), *rows), items=ITEMS[:1])
